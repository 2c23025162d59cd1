import { invalid, oneOf, wrongKind } from "../errors.js";
import { nearestNames } from "../nearest-names.js";
import type { DecoderConfig } from "./config.js";

/**
 * What a lesion of an expert means.
 *
 * - `silence`, the paper's: the router picks as before, the picked expert adds nothing, and nothing is rescaled.
 * - `reroute`, what pruning does: the expert is out of the router before it picks, so the next one steps in.
 * - `renormalise`: the router picks as before, and the gates of the other picked experts are rescaled to add up to 1.
 */
export const expertLesions = ["silence", "reroute", "renormalise"] as const;
/** One of `expertLesions`. */
export type ExpertLesion = (typeof expertLesions)[number];

/** The names of a decoder's units, by kind. */
export interface DecoderUnits {
  /** Experts that the router picks from: `L1/E3`. */
  readonly experts: readonly string[];
  /** Experts that every token goes through beside them: `L1/shared`. */
  readonly shared: readonly string[];
  /** Feed-forward networks of layers without experts: `L1/dense`. */
  readonly dense: readonly string[];
  /** Attention heads: `L1/H2`. */
  readonly heads: readonly string[];
  /** Whole layers: `L1`. */
  readonly layers: readonly string[];
}

/** What is lesioned in one layer. */
export interface LayerLesions {
  /** For every expert whether it is lesioned. */
  readonly experts: readonly boolean[];
  /** For every head whether it is lesioned. */
  readonly heads: readonly boolean[];
  /** Whether the shared expert, or the layer's dense feed-forward network, is lesioned. */
  readonly always: boolean;
  /** Whether the layer is skipped. */
  readonly whole: boolean;
}

/** What is lesioned in a pass, and how. */
export interface DecoderLesions {
  readonly lesion: ExpertLesion;
  readonly layers: readonly LayerLesions[];
}

/** The names of all units of a decoder. */
export function decoderUnits({ sparse, heads, experts }: DecoderConfig): DecoderUnits {
  const each = (names: (layer: string, l: number) => string[]) =>
    Object.freeze(sparse.flatMap((_, l) => names(`L${l}`, l)));
  const numbered = (layer: string, kind: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${layer}/${kind}${i}`);
  return {
    experts: each((layer, l) => (sparse[l] ? numbered(layer, "E", experts?.count ?? 0) : [])),
    shared: each((layer, l) => (sparse[l] && experts?.sharedWidth !== undefined ? [`${layer}/shared`] : [])),
    dense: each((layer, l) => (sparse[l] ? [] : [`${layer}/dense`])),
    heads: each((layer) => numbered(layer, "H", heads)),
    layers: each((layer) => [layer]),
  };
}

/**
 * What is lesioned, from names.
 *
 * @throws TypeError for what is no list; RangeError for a name that no unit has, with the nearest ones, and for another
 *   lesion
 */
export function decoderLesions(
  config: DecoderConfig,
  lesioned: readonly string[] = [],
  lesion: ExpertLesion = "silence",
): DecoderLesions {
  oneOf("lesion", expertLesions, lesion);
  if (!Array.isArray(lesioned)) throw wrongKind("lesioned", 'a list of units, such as ["L1/E3"]', lesioned);
  const units = decoderUnits(config);
  const all = Object.values(units).flat() as string[];
  const known = new Set(all);
  for (const name of lesioned as unknown[]) {
    if (typeof name === "string" && known.has(name)) continue;
    const near = nearestNames(String(name), all).join(", ");
    throw invalid("unit in lesioned", `one of the decoder's ${all.length} units, such as the nearest: ${near}`, name);
  }
  const wanted = new Set(lesioned);
  return {
    lesion,
    layers: config.sparse.map((_, l) => {
      const out = (kind: string, count: number) =>
        Array.from({ length: count }, (_, i) => wanted.has(`L${l}/${kind}${i}`));
      return {
        experts: out("E", config.experts?.count ?? 0),
        heads: out("H", config.heads),
        always: wanted.has(`L${l}/shared`) || wanted.has(`L${l}/dense`),
        whole: wanted.has(`L${l}`),
      };
    }),
  };
}
