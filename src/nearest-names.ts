import { invalid, wrongKind } from "./errors.js";

/**
 * The names most like a mistyped one, best first: those that contain it, then by edit distance (Levenshtein), upper and
 * lower case alike.
 *
 * @param most how many, default 5
 */
export function nearestNames(wanted: string, names: readonly string[], most = 5): string[] {
  const lower = wanted.toLowerCase();
  return names
    .map((name, order) => {
      const other = name.toLowerCase();
      const contains = lower !== "" && (other.includes(lower) || lower.includes(other));
      return { name, order, distance: contains ? 0 : editDistance(lower, other) };
    })
    .sort((a, b) => a.distance - b.distance || a.order - b.order)
    .slice(0, most)
    .map(({ name }) => name);
}

/** Fewest insertions, deletions and replacements of a character that turn one text into the other. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/**
 * Checks that every name in an option is known.
 *
 * @param option how errors call it, e.g. `axes`
 * @param what the known names are, e.g. `sites`
 * @throws TypeError for an option that is no object of values by name; RangeError for an unknown name, with the nearest
 *   ones
 */
export function checkNames(option: string, given: object | undefined, known: readonly string[], what: string): void {
  if (given === undefined) return;
  if (given === null || typeof given !== "object" || Array.isArray(given) || ArrayBuffer.isView(given)) {
    throw wrongKind(option, `an object of values by the names of ${what}`, given);
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const near = nearestNames(name, known).join(", ");
    throw invalid(
      `name in ${option}`,
      `one of the network's ${known.length} ${what}, such as the nearest: ${near}`,
      name,
    );
  }
}
