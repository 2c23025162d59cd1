import type { ExpertsConfig } from "./config.js";
import type { ExpertLesion } from "./units.js";

/** Which experts a token goes to, ascending, and with which gates. */
export interface Route {
  readonly experts: readonly number[];
  readonly gates: readonly number[];
}

/**
 * The way of one token: a softmax in float32 over all experts, of which the largest are picked (of equal ones the first), and their gates rescaled to
 * add up to 1 where the network does so. Lesioned experts are left out of what comes back, as the lesion says ({@link ExpertLesion}); where
 * nothing is left, the experts add nothing.
 *
 * @param logits `[experts]` from `at` on
 */
export function route(
  logits: Float32Array,
  at: number,
  { count, perToken, normalised }: Pick<ExpertsConfig, "count" | "perToken" | "normalised">,
  lesioned: readonly boolean[],
  lesion: ExpertLesion,
): Route {
  const open = (e: number) => lesion !== "reroute" || !lesioned[e];
  const picked: number[] = [];
  let largest = Number.NEGATIVE_INFINITY;
  for (let e = 0; e < count; e++) {
    if (!open(e)) continue;
    const logit = logits[at + e];
    if (logit > largest) largest = logit;
    // Of equal ones the first is before the others.
    let place = picked.length;
    while (place > 0 && logits[at + picked[place - 1]] < logit) place--;
    if (place === perToken) continue;
    picked.splice(place, 0, e);
    if (picked.length > perToken) picked.pop();
  }
  let sum = 0;
  if (!normalised) for (let e = 0; e < count; e++) if (open(e)) sum += Math.exp(logits[at + e] - largest);
  picked.sort((a, b) => a - b);
  const left = picked.filter((e) => !lesioned[e]);
  const rescaled = lesion === "renormalise" && left.length < picked.length;
  const together = rescaled ? left : picked;
  // Of those that are rescaled the largest is taken off first: probabilities could all be too small for a number.
  const own = rescaled || normalised ? Math.max(...together.map((e) => logits[at + e])) : largest;
  const terms = (some: readonly number[]) => some.map((e) => Math.exp(logits[at + e] - own));
  const whole = rescaled || normalised ? terms(together).reduce((a, b) => a + b, 0) : sum;
  return { experts: left, gates: terms(left).map((term) => Math.fround(term / whole)) };
}
