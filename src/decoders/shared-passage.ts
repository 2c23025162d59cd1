import { keysAndValues, type Stretch } from "./attention.js";
import type { DecoderConfig } from "./config.js";
import type { Passage } from "./forward.js";

/** A passage in which what sequences have in common at their beginnings is computed once. */
export interface SharedPassage extends Passage {
  /** Which sequences they are. */
  readonly members: readonly number[];
  /** Of each row its position. */
  readonly positions: Int32Array;
  /** Of each stretch the rows of its sequence, from the first token to the stretch's last one. */
  readonly paths: readonly Int32Array[];
  /** The row of a member's token at a position. */
  rowOf(member: number, position: number): number;
}

/**
 * Passages of whole sequences, of which nothing is remembered. Sequences are taken in the order of their tokens, so
 * that each one begins as the one before it does, as far as it can; of each only what follows is computed. Vectors are
 * the same bits as those of sequences alone.
 *
 * @param most new tokens of a passage, unless one sequence has more
 */
export function sharedPassages(
  config: DecoderConfig,
  sequences: readonly (readonly number[])[],
  most: number,
): SharedPassage[] {
  const order = sequences.map((_, s) => s).sort((a, b) => compare(sequences[a], sequences[b]) || a - b);
  const passages: SharedPassage[] = [];
  for (let from = 0; from < order.length; ) {
    let count = sequences[order[from]].length;
    let to = from + 1;
    for (; to < order.length; to++) {
      const [before, own] = [sequences[order[to - 1]], sequences[order[to]]];
      count += own.length - commonLength(before, own);
      if (count > most) break;
    }
    passages.push(sharedPassage(config, sequences, order.slice(from, to)));
    from = to;
  }
  return passages;
}

/**
 * One passage of some sequences in their order. All have one array of keys and values: what an earlier sequence left
 * there in front of a stretch is what the stretch's own sequence begins with, since attention goes through the
 * stretches one after the other.
 */
function sharedPassage(
  config: DecoderConfig,
  sequences: readonly (readonly number[])[],
  members: readonly number[],
): SharedPassage {
  const tokens: number[] = [];
  const stretches: Stretch[] = [];
  const positions: number[] = [];
  const paths: Int32Array[] = [];
  const rows = new Map<number, number[]>();
  members.forEach((s, i) => {
    const own = sequences[s];
    const before = i === 0 ? undefined : members[i - 1];
    const shared = before === undefined ? 0 : commonLength(sequences[before], own);
    const known = before === undefined ? [] : (rows.get(before) as number[]).slice(0, shared);
    const row = tokens.length;
    rows.set(s, [...known, ...Array.from({ length: own.length - shared }, (_, p) => row + p)]);
    if (shared === own.length) return;
    stretches.push({ row, count: own.length - shared, from: shared });
    paths.push(Int32Array.from(rows.get(s) as number[]));
    for (let position = shared; position < own.length; position++) {
      tokens.push(own[position]);
      positions.push(position);
    }
  });
  const longest = Math.max(...members.map((s) => sequences[s].length));
  return {
    members,
    tokens,
    stretches,
    positions: Int32Array.from(positions),
    paths,
    past: () => {
      const all = keysAndValues(config, longest);
      return stretches.map(() => all);
    },
    rowOf: (member, position) => (rows.get(member) as number[])[position],
  };
}

/** How many tokens two sequences begin alike with. */
function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** The order of two sequences by their tokens, one that the other begins with first. */
function compare(a: readonly number[], b: readonly number[]): number {
  const at = commonLength(a, b);
  return at === a.length || at === b.length ? a.length - b.length : a[at] - b[at];
}
