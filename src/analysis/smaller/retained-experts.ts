import type { RetainedExperts } from "../../decoders/retained-experts.js";
import { invalid, positiveInteger, wrongKind } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { unitsByLayer } from "../layers.js";
import { byScore } from "../unit-ranking.js";

/** Options of {@link retainedExperts}. */
export interface RetainedExpertsOptions {
  /** How many experts stay, of all layers together. */
  readonly keep: number;
  /**
   * Experts that stay in every layer whatever their scores; default 1. As many as a token goes to, and the router still
   * has as many to pick.
   */
  readonly perLayer?: number;
  /**
   * Whether every layer keeps as many as the others (`keep` must then be a multiple of the layers); default false: all
   * layers are ranked together.
   */
  readonly even?: boolean;
}

const optionNames: OptionNames<RetainedExpertsOptions> = { keep: true, perLayer: true, even: true };

/**
 * The experts that stay where those of least score go, one after the other, until `keep` are left; a layer that has
 * only `perLayer` left loses none.
 *
 * @param units names of all experts, `L1/E3`
 * @param scores one for each: Shapley values, a router's frequencies, norms
 * @throws RangeError for lists of different lengths, an expert that stands twice, scores that are not finite, and
 *   numbers that do not fit together
 * @example
 * retainedExperts(["L0/E0", "L0/E1", "L1/E0", "L1/E1"], [0.4, 0.1, 0.2, 0.3], { keep: 3 }).layers; // { "0": [0], "1": [0, 1] }
 */
export function retainedExperts(
  units: readonly string[],
  scores: ArrayLike<number>,
  options: RetainedExpertsOptions,
): RetainedExperts {
  knownOptions("retainedExperts", options, optionNames);
  const odd = units.find((unit) => !/^L\d+\/E\d+$/.test(unit));
  if (odd !== undefined) throw invalid("unit", "the name of an expert, such as L1/E3", odd);
  const twice = units.find((unit, u) => units.indexOf(unit) !== u);
  if (twice !== undefined) throw invalid("unit", "each expert once", twice);
  if (scores.length !== units.length)
    throw invalid("scores", `${units.length} numbers, one for each expert`, scores.length);
  const numbers = Array.from(scores);
  const unknown = numbers.find((score) => !Number.isFinite(score));
  if (unknown !== undefined) throw invalid("scores", "finite numbers", unknown);
  const layers = unitsByLayer(units);
  const keep = positiveInteger("keep", options.keep);
  const perLayer = positiveInteger("perLayer", options.perLayer ?? 1);
  const smallest = Math.min(...[...layers.values()].map(({ length }) => length));
  if (keep > units.length || keep < perLayer * layers.size || perLayer > smallest) {
    throw invalid("keep", `from ${perLayer} in each of ${layers.size} layers to all ${units.length}`, keep);
  }
  const each = keep / layers.size;
  if (options.even && (!Number.isInteger(each) || each > smallest)) {
    throw invalid("keep", `as many in each of ${layers.size} layers`, keep);
  }
  const layerOf = new Map([...layers].flatMap(([layer, members]) => members.map((u) => [u, layer] as const)));
  const left = new Map([...layers].map(([layer, { length }]) => [layer, length]));
  const gone = new Set<number>();
  for (const unit of byScore(numbers, "value").reverse()) {
    if (units.length - gone.size === keep) break;
    const layer = layerOf.get(unit) as string;
    const count = left.get(layer) as number;
    if (count <= (options.even ? each : perLayer)) continue;
    left.set(layer, count - 1);
    gone.add(unit);
  }
  return {
    layers: Object.fromEntries(
      [...layers].map(([layer, members]) => [
        layer.slice(1),
        members
          .filter((u) => !gone.has(u))
          .map((u) => Number(units[u].split("/E")[1]))
          .sort((a, b) => a - b),
      ]),
    ),
  };
}

/**
 * The names of the experts that are not retained. Layers that the list does not name keep all, as for `cutExperts`.
 *
 * @throws TypeError, RangeError for what is no such list, a layer that the units do not have, and an expert that its
 *   layer does not have
 */
export function removedExperts(units: readonly string[], retained: RetainedExperts): string[] {
  const layers = retained?.layers;
  // Of a Map there are no entries: no expert would be removed.
  if (typeof layers !== "object" || layers === null || Symbol.iterator in layers) {
    throw wrongKind("retained", 'experts that stay by layer, such as { layers: { "0": [0, 2] } }', retained);
  }
  const known = new Set(units);
  const there = [...unitsByLayer(units).keys()].map((layer) => layer.slice(1));
  for (const [layer, experts] of Object.entries(layers)) {
    if (!there.includes(layer)) throw invalid("layer of retained", `one of ${there.join(", ")}`, layer);
    if (!Array.isArray(experts)) throw wrongKind(`retained experts of layer ${layer}`, "a list of experts", experts);
    // "1" is no number of an expert, and what stands for none is none.
    for (const expert of experts as unknown[]) {
      if (typeof expert !== "number" || !known.has(`L${layer}/E${expert}`))
        throw invalid(`retained expert of layer ${layer}`, "an expert of that layer", expert);
    }
  }
  return units.filter((unit) => {
    const [layer, expert] = unit.slice(1).split("/E");
    return layers[layer] !== undefined && !layers[layer].includes(Number(expert));
  });
}
