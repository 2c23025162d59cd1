import { invalid } from "../errors.js";

/** A network as what depends on what. */
export interface TensorGraph {
  /** All tensors, each after those it is computed from. */
  readonly order: readonly string[];
  /** The tensors that one is computed from; none for an input or a constant. */
  inputsOf(name: string): readonly string[];
}

/** A network cut in two, in front of the lesioned sites. */
export interface Cut {
  /** What is computed once for each input: tensors that no lesion changes, and from which all else follows. */
  readonly once: readonly string[];
  /** What is computed for every row, in order; a lesioned site is masked as soon as it is known. */
  readonly again: readonly string[];
}

/** The errors of sites that an output does not depend on. */
const unreached = new WeakSet<object>();

/** Whether an error is that a network can not be prepared for an output, since it does not depend on a site. */
export function isUnreached(error: unknown): boolean {
  return error !== null && typeof error === "object" && unreached.has(error);
}

function unreachedSite(output: string, site: string): RangeError {
  const error = invalid("site", `one that the output ${output} depends on`, site);
  unreached.add(error);
  return error;
}

/**
 * Cuts a network in front of the lesioned sites. Going back from the output, a tensor that depends on no lesioned site
 * and has a row for each input is computed once; everything else again in every pass: so is what depends on how many
 * rows there are (shapes), since a pass has more rows than there are inputs.
 *
 * @param output the tensor that is wanted
 * @param hasRows whether a tensor has a row for each input, and can be computed beforehand
 * @throws RangeError for a site that the output does not depend on
 */
export function cut(
  graph: TensorGraph,
  lesioned: readonly string[],
  output: string,
  hasRows: (name: string) => boolean,
): Cut {
  const sites = new Set(lesioned);
  const behind = descendants(graph, sites);
  const once = new Set<string>();
  const again = new Set<string>();
  const waiting = [output];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (once.has(name) || again.has(name)) continue;
    if (!behind.has(name) && hasRows(name)) once.add(name);
    else {
      again.add(name);
      waiting.push(...graph.inputsOf(name));
    }
  }
  for (const site of sites) {
    if (!once.has(site) && !again.has(site)) throw unreachedSite(output, site);
  }
  const inOrder = (chosen: ReadonlySet<string>) => graph.order.filter((name) => chosen.has(name));
  return { once: inOrder(once), again: inOrder(again) };
}

/**
 * The tensors that are computed from some others, directly or not; one of the others only where it follows from
 * another.
 */
export function descendants(graph: TensorGraph, origins: ReadonlySet<string>): Set<string> {
  const behind = new Set<string>();
  for (const name of graph.order) {
    if (graph.inputsOf(name).some((input) => origins.has(input) || behind.has(input))) behind.add(name);
  }
  return behind;
}

/** What some tensors are computed from, themselves included, not going beyond those that are known. */
export function ancestors(
  graph: TensorGraph,
  wanted: readonly string[],
  isKnown: (name: string) => boolean = () => false,
): Set<string> {
  const found = new Set<string>();
  const waiting = [...wanted];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name) || isKnown(name)) continue;
    found.add(name);
    waiting.push(...graph.inputsOf(name));
  }
  return found;
}

/** For each step of an order, the tensors that nothing after it needs, but for those that are kept. */
export function lastUses(graph: TensorGraph, order: readonly string[], kept: ReadonlySet<string>): string[][] {
  const last = new Map<string, number>();
  order.forEach((name, step) => {
    if (!last.has(name)) last.set(name, step);
    for (const input of graph.inputsOf(name)) last.set(input, step);
  });
  const free: string[][] = order.map(() => []);
  for (const [name, step] of last) if (!kept.has(name)) free[step].push(name);
  return free;
}

/**
 * Most numbers alive at once, for one row, when the second half of a cut is computed in order and every tensor is let
 * go after its last use. A masked site counts three times: its value, its mask and what replaces it.
 */
export function mostNumbers(
  graph: TensorGraph,
  { once, again }: Cut,
  lesioned: readonly string[],
  kept: ReadonlySet<string>,
  sizeOf: (name: string) => number,
): number {
  const order = [...once, ...again];
  const free = lastUses(graph, order, kept);
  const masked = new Set(lesioned);
  const counted = new Set(order);
  let alive = once.reduce((sum, name) => sum + sizeOf(name), 0);
  let most = alive;
  order.forEach((name, step) => {
    if (step >= once.length) alive += sizeOf(name);
    most = Math.max(most, alive + (masked.has(name) ? 3 * sizeOf(name) : 0));
    for (const done of free[step]) if (counted.has(done)) alive -= sizeOf(done);
  });
  return most;
}
