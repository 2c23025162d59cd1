import type { ExpertsConfig } from "./config.js";
import type { ExpertLesion } from "./units.js";

/** Which experts a token goes to, ascending, and with which gates. */
export interface Route {
  readonly experts: readonly number[];
  readonly gates: readonly number[];
}

/** Ways of tokens that are written one after the other: no object for each of many rows. */
export interface RouteRoom {
  /** Which experts, ascending, and their gates: as many as the way has. */
  readonly experts: Int32Array;
  readonly gates: Float64Array;
}

/** Room for the way of a token to so many experts. */
export function routeRoom(perToken: number): RouteRoom {
  return { experts: new Int32Array(perToken), gates: new Float64Array(perToken) };
}

/**
 * The way of one token: a softmax in float32 over all experts, of which the largest are picked (of equal ones the
 * first), and their gates rescaled to add up to 1 where the network does so. Lesioned experts are left out of what
 * comes back, as the lesion says ({@link ExpertLesion}); where nothing is left, the experts add nothing.
 *
 * @param logits `[experts]` from `at` on
 */
export function route(
  logits: Float32Array,
  at: number,
  config: Pick<ExpertsConfig, "count" | "perToken" | "normalised">,
  lesioned: readonly boolean[],
  lesion: ExpertLesion,
): Route {
  const room = routeRoom(config.perToken);
  const left = routeInto(room, logits, at, config, lesioned, lesion);
  return { experts: Array.from(room.experts.subarray(0, left)), gates: Array.from(room.gates.subarray(0, left)) };
}

/** {@link route}, written to a room. @returns to how many experts the token goes */
export function routeInto(
  { experts, gates }: RouteRoom,
  logits: Float32Array,
  at: number,
  { count, perToken, normalised }: Pick<ExpertsConfig, "count" | "perToken" | "normalised">,
  lesioned: readonly boolean[],
  lesion: ExpertLesion,
): number {
  const reroutes = lesion === "reroute";
  let picked = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (let e = 0; e < count; e++) {
    if (reroutes && lesioned[e]) continue;
    const logit = logits[at + e];
    if (logit > largest) largest = logit;
    // Of equal ones the first is before the others.
    let place = picked;
    while (place > 0 && logits[at + experts[place - 1]] < logit) place--;
    if (place === perToken) continue;
    if (picked < perToken) picked++;
    for (let i = picked - 1; i > place; i--) experts[i] = experts[i - 1];
    experts[place] = e;
  }
  let sum = 0;
  if (!normalised) {
    for (let e = 0; e < count; e++) if (!(reroutes && lesioned[e])) sum += Math.exp(logits[at + e] - largest);
  }
  // Ascending, few as they are.
  for (let i = 1; i < picked; i++) {
    const e = experts[i];
    let to = i;
    for (; to > 0 && experts[to - 1] > e; to--) experts[to] = experts[to - 1];
    experts[to] = e;
  }
  let left = 0;
  for (let i = 0; i < picked; i++) if (!lesioned[experts[i]]) left++;
  const rescaled = lesion === "renormalise" && left < picked;
  const own = rescaled || normalised;
  // Of those that are rescaled the largest is taken off first: probabilities could all be too small for a number.
  let off = own ? Number.NEGATIVE_INFINITY : largest;
  if (own) {
    for (let i = 0; i < picked; i++) {
      if (!(rescaled && lesioned[experts[i]])) off = Math.max(off, logits[at + experts[i]]);
    }
  }
  let whole = own ? 0 : sum;
  let to = 0;
  for (let i = 0; i < picked; i++) {
    const e = experts[i];
    const term = Math.exp(logits[at + e] - off);
    if (own && !(rescaled && lesioned[e])) whole += term;
    if (lesioned[e]) continue;
    experts[to] = e;
    gates[to++] = term;
  }
  for (let i = 0; i < left; i++) gates[i] = Math.fround(gates[i] / whole);
  return left;
}
