import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Coalitions, intactUnits, type Ordering } from "../coalitions/coalition.js";
import { invalid, oneOf, wrongKind } from "../errors.js";
import { type Game, outputSize, type Values } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { activationText } from "../networks/mlp/activation.js";
import { type DeepMlp, widthsText } from "../networks/mlp/deep.js";
import { checkHiddenLayer, deepPreActivations } from "../networks/mlp/deep-forward.js";
import { type CheckedMlpInputs, checkedInputs, type MlpInputs } from "../networks/mlp/inputs.js";
import { plainLabel } from "../networks/mlp/plain-forward.js";
import { knownOptions, type OptionNames } from "../options.js";
import { pacer } from "../pace.js";
import { packageRoot } from "../package.js";
import { type BackendName, backendLabel, tensorsIfInstalled } from "../tensors/backend.js";
import { type DeepParts, deepWalk, lastLayerWalk } from "./deep-walk.js";
import { checkMeanOf, type LesionKind, type LesionPlace, lesionKinds, lesionPlaces } from "./lesion.js";
import type { MlpGameOptions } from "./mlp-game.js";
import { mlpGameOptionNames } from "./mlp-game.js";
import { classCounts, labelledFor, type ScoreName, scoreOf } from "./scores.js";

/** This module as threads load it. */
const thisModule = pathToFileURL(join(packageRoot, "dist", "lesion", "deep-mlp-game.js")).href;

/** Options of {@link deepMlpGame}. */
export interface DeepMlpGameOptions extends MlpGameOptions {
  /** Numbers of the hidden layers whose units are the players, from 1; default all. */
  readonly layers?: readonly number[];
}

/** The names of `DeepMlpGameOptions`. */
export const deepMlpGameOptionNames: OptionNames<DeepMlpGameOptions> = { ...mlpGameOptionNames, layers: true };

/**
 * The game of a network with any number of hidden layers: its players are the units of one or several of them, `hidden1/0`,
 * ..., `hidden2/0`, ..., and v(S) is a score of its answers to some inputs when of these units only those of S are intact. The
 * means of the lesion "mean" are those of the intact network.
 *
 * The layers to the first lesioned one are computed once. A unit that comes back is a rank-1 update of the layer behind it; the
 * layers behind that are computed again from and for intact units only.
 *
 * @param inputs with their classes; for the scores "logits" and "probabilities" also without, as `loadArray` gives them
 * @throws TypeError, RangeError where inputs or labels do not fit the network or each other, a layer does not exist, or an option is none of those listed
 * @example
 * const game = await deepMlpGame(await loadDeepMlp("network.pt"), loadInputs("mnist-test:0-1023"), { layers: [2] });
 * game.units[0]; // "hidden2/0"
 */
export async function deepMlpGame(
  network: DeepMlp,
  inputs: MlpInputs,
  options: DeepMlpGameOptions = {},
): Promise<Game> {
  knownOptions("deepMlpGame", options, deepMlpGameOptionNames);
  const score = scoreOf(options.score ?? "class-precision");
  const lesion = oneOf("lesion", lesionKinds, options.lesion ?? "zero");
  const place = oneOf("place", lesionPlaces, options.place ?? "pre-activation");
  const lesioned = lesionedLayers(network, options.layers);
  const data = labelledFor(score, checkedInputs(network, inputs));
  if (lesion === "mean") checkMeanOf(data);
  const tensors = await tensorsIfInstalled(options.backend);
  const sites = await lesionSites(network, data, lesioned, lesion, place, tensors?.backend);
  const parts = deepParts(network, data, sites);
  return gameOfDeepParts(parts, lesioned, score.name, {
    activation: activationText(network.negativeSlopes),
    inputs: data.name,
    inputs_sha256: data.sha256,
    lesion,
    lesion_place: place,
    lesioned_layers: lesioned,
    network: `mlp ${widthsText(network)}`,
    network_sha256: network.sha256 ?? null,
    score: score.name,
    tensor_backend: tensors ? backendLabel(tensors) : plainLabel,
  });
}

/**
 * The game of the layers behind the first lesioned one: what {@link deepMlpGame} comes to when those before it are computed. Other
 * threads are sent this, so they need no tensors and play with the very same numbers.
 *
 * @param lesioned numbers of the lesioned hidden layers, ascending; `parts` begins with the first of them
 */
export function gameOfDeepParts(
  parts: DeepParts,
  lesioned: readonly number[],
  scoreName: ScoreName,
  provenance: JsonObject,
): Game {
  const score = scoreOf(scoreName);
  const walk = parts.layers.length === 1 ? lastLayerWalk(parts) : deepWalk(parts);
  const first = lesioned[0];
  const widths = [parts.units, ...parts.layers.map(({ units }) => units)];
  /** Layer (counted from the first lesioned one) and index of each player. */
  const players = lesioned.flatMap((layer) =>
    Array.from({ length: widths[layer - first] }, (_, unit) => ({ layer: layer - first, unit })),
  );
  const outputShape = score.shape(parts.inputs, parts.classes);
  const outputs = outputSize(outputShape);
  const value = new Float64Array(outputs);
  const depth = widths.length;
  const intactOf = (coalitions: Coalitions, c: number): number[][] => {
    const lists: number[][] = Array.from({ length: depth }, () => []);
    for (const player of intactUnits(coalitions, c)) lists[players[player].layer].push(players[player].unit);
    return lists;
  };
  const nobody: number[][] = Array.from({ length: depth }, () => []);
  // One state serves all: a walk that lets the event loop have its turn must not find it changed by another.
  let others: Promise<unknown> = Promise.resolve();
  const alone = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = others.then(work);
    others = result.catch(() => undefined);
    return result;
  };

  return {
    units: players.map(({ layer, unit }) => `hidden${layer + first}/${unit}`),
    outputShape,
    provenance,
    forThreads: () => ({
      module: thisModule,
      export: gameOfDeepParts.name,
      arguments: [parts, lesioned, scoreName, provenance],
    }),
    evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
      return alone(async () => {
        const values = new Float64Array(coalitions.count * outputs);
        const pace = pacer(signal);
        for (let c = 0; c < coalitions.count; c++) {
          walk.set(intactOf(coalitions, c));
          score.write(walk, parts, value);
          values.set(value, c * outputs);
          await pace();
        }
        return values;
      });
    },
    walk(ordering: Ordering, visit: (rank: number, values: Values) => void, signal?: AbortSignal): Promise<void> {
      return alone(async () => {
        const pace = pacer(signal);
        walk.set(nobody);
        for (let rank = 0; rank < ordering.length; rank++) {
          const { layer, unit } = players[ordering[rank]];
          walk.add(layer, unit);
          score.write(walk, parts, value);
          visit(rank, value);
          await pace();
        }
      });
    },
  };
}

function lesionedLayers(network: DeepMlp, wanted: readonly number[] | undefined): readonly number[] {
  if (wanted === undefined) return network.negativeSlopes.map((_, l) => l + 1);
  if (!Array.isArray(wanted)) throw wrongKind("layers", "a list of numbers of hidden layers", wanted);
  if (wanted.length === 0 || new Set(wanted).size !== wanted.length) {
    throw invalid("layers", "at least one hidden layer, each once", wanted);
  }
  for (const layer of wanted) checkHiddenLayer(network, layer);
  return [...wanted].sort((a, b) => a - b);
}

/** A lesioned layer: what its units say intact (only kept for the first) and lesioned. */
interface Site {
  readonly layer: number;
  /** `[inputs, units]` */
  readonly activations: Float32Array;
  /** `[units]` */
  readonly constants: Float32Array;
}

async function lesionSites(
  network: DeepMlp,
  data: CheckedMlpInputs,
  layers: readonly number[],
  lesion: LesionKind,
  place: LesionPlace,
  backend: BackendName | undefined,
): Promise<Site[]> {
  const needed = lesion === "zero" ? layers.slice(0, 1) : layers;
  const preActivations = await deepPreActivations(network, data.inputs, needed, backend);
  return layers.map((layer, l) => {
    const units = network.layers[layer - 1].outputs;
    const slope = network.negativeSlopes[layer - 1];
    const activation = (x: number) => (x > 0 ? x : Math.fround(slope * x));
    const before = preActivations[l] ?? new Float32Array(0);
    const activations = before.map(activation);
    const bad = activations.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw invalid("network", "finite activations on these inputs", bad);
    const constants = new Float32Array(units);
    if (lesion === "mean") {
      const means = new Float64Array(units);
      const averaged = place === "activation" ? activations : before;
      averaged.forEach((x, i) => {
        means[i % units] += x / data.count;
      });
      constants.set(place === "activation" ? means : means.map(activation));
    }
    return { layer, activations, constants };
  });
}

/** The layers behind the first site, with the lesioned units' constants gathered in the sums that all coalitions share. */
function deepParts(network: DeepMlp, { labels, classes, count }: CheckedMlpInputs, sites: readonly Site[]): DeepParts {
  const [{ layer: first, activations, constants }] = sites;
  const units = constants.length;
  const differences = new Float32Array(units * count);
  for (let b = 0; b < count; b++) {
    for (let unit = 0; unit < units; unit++) {
      differences[unit * count + b] = activations[b * units + unit] - constants[unit];
    }
  }
  const siteOf = (layer: number) => sites.find((site) => site.layer === layer);
  const layers = network.layers.slice(first).map(({ inputs, outputs, weights, biases }, l) => {
    const before = siteOf(first + l)?.constants;
    const base = Float64Array.from(biases);
    if (before)
      for (let w = 0; w < weights.length; w++) base[Math.floor(w / inputs)] += weights[w] * before[w % inputs];
    const bad = base.find((value) => !Number.isFinite(value)) ?? weights.find((value) => !Number.isFinite(value));
    if (bad !== undefined) throw invalid("network", "finite weights and activations", bad);
    const site = siteOf(first + l + 1);
    return {
      units: outputs,
      lesioned: site !== undefined,
      weights,
      base: Float32Array.from(base),
      constants: site?.constants ?? new Float32Array(outputs),
      negativeSlope: network.negativeSlopes[first + l] ?? 1,
    };
  });
  const counts = classCounts(labels, classes);
  return { units, differences, layers, inputs: count, labels, classes, counts };
}
