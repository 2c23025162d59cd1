import type { InputRows, Site } from "../networks/network.js";
import { type LesionPlace, type LesionPlan, lesionTurns } from "./lesion.js";

/** Layers of dense units that are lesioned. */
export interface DenseLesion {
  readonly plan: LesionPlan;
  readonly sites: readonly Site[];
  readonly place: LesionPlace;
  /** The activation of each site's units. */
  readonly activations: readonly ((x: number) => number)[];
}

/**
 * What lesioned units of dense layers hold behind their activation, `[units]` for each site. Undefined where that
 * differs between inputs, or from turn to turn: then no constants stand for the lesion.
 *
 * @param received what the sites receive on some inputs, before the activation: `[rows, units]` each
 * @throws RangeError where that is not finite
 */
export async function denseConstants(
  { plan, sites, place, activations }: DenseLesion,
  received: (rows: InputRows) => Promise<readonly Float32Array[]>,
): Promise<readonly Float32Array[] | undefined> {
  const turns = await lesionTurns(plan, sites, async (reference) => {
    const before = await received(reference);
    return place === "activation" ? before.map((values, l) => values.map(activations[l])) : before;
  });
  if (turns.length > 1 || turns[0].some((held, l) => held.length > sites[l].units)) return undefined;
  return turns[0].map((held, l) => (place === "activation" ? held : held.map(activations[l])));
}
