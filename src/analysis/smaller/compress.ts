import { GameError, invalid, oneOf } from "../../errors.js";
import { has } from "../../kinds.js";
import { gameInputs } from "../../lesion/game-inputs.js";
import { type Lesion, type LesionPlace, lesionPlaces, lesionPlan, lesionTurns } from "../../lesion/lesion.js";
import type { NamedSites } from "../../lesion/named-sites.js";
import { preActivations } from "../../networks/mlp/forward.js";
import { singlePrecision } from "../../networks/mlp/inputs.js";
import { isMlp, type Mlp } from "../../networks/mlp/mlp.js";
import { narrowedMlp } from "../../networks/mlp/narrow.js";
import type { Narrowed } from "../../networks/narrow.js";
import type { InputRows, NarrowSite, Network, Site } from "../../networks/network.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { remarkOnce } from "../../remark.js";
import { shapeSize } from "../../shape-size.js";
import { thousands } from "../../words.js";
import { drawnRows } from "./drawn-rows.js";
import { type Keep, type KeptSite, keptSites } from "./keep.js";
import { type GivenInputs, lesionedOutput, noLesions } from "./lesioned-outputs.js";

/** Options of {@link compress}. */
export interface CompressOptions {
  /**
   * Sites whose units the names in `keep` are, as the game had them; default for dense layers all hidden layers, else
   * needed with names.
   */
  readonly sites?: NamedSites;
  /**
   * What takes the place of the units that go, as in the game; default "zero". It has to be the same for every input.
   */
  readonly lesion?: Lesion;
  /** For dense layers which value it takes the place of, as in `mlpGame`; default "pre-activation". */
  readonly place?: LesionPlace;
  /**
   * Inputs that the smaller network is compared with the lesioned one on, and the mean of "mean" is over; default 8
   * rows that are drawn, each number standard normal.
   */
  readonly inputs?: GivenInputs;
  /** Seed of drawn rows, default 1. */
  readonly seed?: number;
  /**
   * Gets what you should know but need not act on, such as that the network has become no smaller; default: stderr,
   * each remark once in a process.
   */
  readonly onRemark?: (remark: string) => void;
}

/** The names of `CompressOptions`. */
export const compressOptionNames: OptionNames<CompressOptions> = {
  sites: true,
  lesion: true,
  place: true,
  inputs: true,
  seed: true,
  onRemark: true,
};

/** A smaller network, and what is known of it. */
export interface Compressed<N extends Network = Network> extends Narrowed<N> {
  /**
   * The sites that lost units, and how many they had and have: fewer than were kept where what was lesioned elsewhere
   * leaves nobody that needs one.
   */
  readonly sites: readonly { readonly site: string; readonly before: number; readonly after: number }[];
  /** Largest |difference| between its outputs and the lesioned network's on the inputs that they were compared on. */
  readonly difference: number;
  /** Largest |output| of the lesioned network there. */
  readonly largest: number;
}

/** Largest difference, as a share of the largest output, that float32 may make of sums in another order. */
const rounding = 1e-4;

/**
 * Takes the units that are not kept out of a network: a really smaller one, whose outputs are those of the network with
 * these units lesioned. Units lesioned by a constant that is not 0 leave it in the biases of what comes behind them,
 * where that is exact.
 *
 * Works on networks of dense layers, ONNX files and TensorFlow.js LayersModels. Before it is returned, the smaller
 * network is compared with the lesioned one. It is not fine-tuned; `fineTuneMlp` does that for networks of one hidden
 * layer.
 *
 * @param keep which units stay: their numbers by site, or names as modes have them
 * @throws TypeError, RangeError for units that there are not, a site of which nothing would stay, a lesion that differs
 *   between inputs, and for what can not lose the units exactly, naming the operator; GameError where the smaller
 *   network differs from the lesioned one
 * @example
 * const smaller = await compress(network, { relu1: [0, 2, 5] }); // of an ONNX file
 * smaller.save("smaller.onnx");
 */
export async function compress(network: Mlp, keep: Keep, options?: CompressOptions): Promise<Compressed<Mlp>>;
export async function compress(network: Network, keep: Keep, options?: CompressOptions): Promise<Compressed>;
export async function compress(network: Network, keep: Keep, options: CompressOptions = {}): Promise<Compressed> {
  knownOptions("compress", options, compressOptionNames);
  has("network", network, "a Network", "sites", "inputs");
  const { lesion = "zero", inputs, seed = 1 } = options;
  if (!isMlp(network) && !network.narrow) {
    throw invalid(
      "network",
      "one of dense layers, an ONNX file or a tf.LayersModel, which can lose units",
      network.kind,
    );
  }
  if (options.place !== undefined && !isMlp(network)) {
    throw invalid("place", `none for ${network.kind}: the sites say it`, options.place);
  }
  const place = oneOf("place", lesionPlaces, options.place ?? "pre-activation");
  const kept = keptSites(network, keep, options.sites);
  if (lesion === "mean" && inputs === undefined) throw invalid("inputs", "those that the mean is over", inputs);
  const rows = inputs === undefined ? drawnRows(network, seed) : gameInputs(network, inputs).rows;
  const replacements = await heldLesioned(network, kept, lesion, place, rows);
  const narrow = kept.map(
    ({ site, kept }, s): NarrowSite => ({ site, kept, constants: perUnit(site, replacements[s]) }),
  );
  const narrowed: Narrowed<Network> = isMlp(network) ? narrowedMlp(network, narrow) : await network.narrow!(narrow);
  const lesions = kept.map(({ site, intact }, s) => ({ site, intact, replacement: replacements[s] }));
  const compared = { difference: 0, largest: 0 };
  for (const output of network.outputs) {
    const expected = await lesionedOutput(network, rows, lesions, output).catch((cause: Error) => {
      if (inputs !== undefined) throw cause;
      const rule = `some of the network's own, as it does not run on rows that are drawn from a normal distribution (${cause.message})`;
      throw invalid("inputs", rule, inputs);
    });
    if (!expected) continue;
    const values = (await lesionedOutput(narrowed.network, rows, noLesions(narrowed.network), output))!;
    const difference = expected.reduce((most, value, o) => Math.max(most, Math.abs(value - values[o])), 0);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (!(difference <= rounding * largest)) {
      throw new GameError(
        `the smaller network differs from the lesioned one by ${difference} in ${output.name}, whose largest number is ${largest}; nothing is returned`,
      );
    }
    compared.difference = Math.max(compared.difference, difference);
    compared.largest = Math.max(compared.largest, largest);
  }
  const { before, after } = narrowed;
  const lost = kept.some(({ site, kept: own }) => own.length < site.units);
  if (lost && after.parameters >= before.parameters) {
    const why =
      "weights that several layers share, each of which now has its own part of them, are stored once for each";
    const sizes = `${thousands(after.parameters)} parameters, ${thousands(before.parameters)} before`;
    (options.onRemark ?? remarkOnce)(`the network has lost units but is no smaller (${sizes}): ${why}`);
  }
  return {
    ...narrowed,
    ...compared,
    sites: kept.map(({ site, kept }) => {
      const now = narrowed.network.sites.find(({ name }) => name === site.name);
      // Along the same axis: of a tensor that has become another one's shape, units may be counted along another.
      const after =
        site.axis !== undefined && now?.shape.length === site.shape.length ? now.shape[site.axis] : now?.units;
      return { site: site.name, before: site.units, after: after ?? kept.length };
    }),
  };
}

/**
 * What lesioned units hold at each site, `[1, ...site.shape]`. @throws RangeError for a lesion that differs between
 * inputs
 */
async function heldLesioned(
  network: Network,
  kept: readonly KeptSite[],
  lesion: Lesion,
  place: LesionPlace,
  rows: InputRows,
): Promise<readonly Float32Array[]> {
  const sites = kept.map(({ site }) => site);
  const plan = lesionPlan(lesion, network, rows);
  const mlp = isMlp(network) ? network : undefined;
  const layers = mlp ? sites.map(({ name }) => mlp.sites.findIndex((site) => site.name === name)) : [];
  const activated = (values: Float32Array, s: number): Float32Array => {
    const slope = mlp?.negativeSlopes[layers[s] - 1] ?? 1;
    return values.map((x) => (x > 0 ? x : slope * x));
  };
  const turns = await lesionTurns(plan, sites, async (reference) => {
    if (!mlp) return network.activations(reference, sites);
    const sums = await preActivations(mlp, singlePrecision(reference.data[0], mlp.layers[0].inputs), layers);
    return place === "activation" ? sums.map(activated) : sums;
  });
  const [held] = turns;
  if (turns.length > 1 || held.some((values, s) => values.length !== shapeSize(sites[s].shape))) {
    const rule = "one that is the same for every input: zero, constant, mean, or activation of one input";
    throw invalid("lesion", rule, plan.kind);
  }
  return mlp && place === "pre-activation" ? held.map(activated) : held;
}

/** One number for each unit, where it is the same all over it; else NaN. */
function perUnit({ shape, axis, units }: Site, values: Float32Array): Float32Array {
  const behind = axis === undefined ? 1 : shapeSize(shape.slice(axis + 1));
  const constants = new Float32Array(units);
  const seen = new Uint8Array(units);
  values.forEach((value, i) => {
    const unit = Math.floor(i / behind) % units;
    if (seen[unit] && constants[unit] !== value) constants[unit] = Number.NaN;
    else if (!seen[unit]) constants[unit] = value;
    seen[unit] = 1;
  });
  return constants;
}
