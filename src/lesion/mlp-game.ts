import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Coalitions, isIntact, type Ordering } from "../coalitions/coalition.js";
import { invalid, oneOf } from "../errors.js";
import { sha256 } from "../files.js";
import { type Game, outputSize, type Values } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { activationText } from "../networks/mlp/activation.js";
import { preActivations } from "../networks/mlp/forward.js";
import { type CheckedMlpInputs, checkedInputs, type MlpInputs } from "../networks/mlp/inputs.js";
import type { Mlp } from "../networks/mlp/mlp.js";
import { plainLabel } from "../networks/mlp/plain-forward.js";
import { knownOptions, type OptionNames } from "../options.js";
import { pacer } from "../pace.js";
import { packageRoot } from "../package.js";
import { type BackendName, backendLabel, tensorsIfInstalled } from "../tensors/backend.js";
import { checkMeanOf, type LesionKind, type LesionPlace, lesionKinds, lesionPlaces } from "./lesion.js";
import type { LogitParts } from "./logit-walk.js";
import { classCounts, labelledFor, type ScoreName, scoreOf } from "./scores.js";
import { wasmLogitWalk } from "./wasm-logit-walk.js";

/** This module as threads load it. */
const thisModule = pathToFileURL(join(packageRoot, "dist", "lesion", "mlp-game.js")).href;

/** Options of {@link mlpGame}. */
export interface MlpGameOptions {
  /**
   * What v(S) is; default "class-precision", which is what the published numbers are (METHOD: the published code passes
   * predictions and targets in swapped order, so its "accuracy by class" is precision).
   */
  readonly score?: ScoreName;
  /** What replaces a lesioned unit's value; default "zero". */
  readonly lesion?: LesionKind;
  /** Which value of the unit is replaced; default "pre-activation", as in the paper. */
  readonly place?: LesionPlace;
  /**
   * Which tensor backend computes the first layer; default the one in use, else the best (see
   * `loadTensorflow`); where TensorFlow.js is not installed, none: the layer is computed without it, provenance says "none", and the
   * numbers are those of WebAssembly.
   */
  readonly backend?: BackendName;
}

/** The names of `MlpGameOptions`. */
export const mlpGameOptionNames: OptionNames<MlpGameOptions> = {
  score: true,
  lesion: true,
  place: true,
  backend: true,
};

/**
 * The game of a network with one hidden layer: its players are the hidden units, `hidden/0`, `hidden/1`, ..., and v(S) is a
 * score of its answers to some inputs when only the units of S are intact (arXiv 2506.19732, section 2).
 *
 * The inputs go through the first layer once. After that a unit that comes back adds its activations times its outgoing
 * weights to the logits, so a coalition of an ordering costs inputs x classes multiplications and nothing else.
 *
 * @param inputs with their classes; for the scores "logits" and "probabilities" also without, as `loadArray` gives them
 * @throws TypeError, RangeError where inputs or labels do not fit the network or each other, or an option is none of those listed;
 *   MissingPartError for a backend that is absent
 */
export async function mlpGame(network: Mlp, inputs: MlpInputs, options: MlpGameOptions = {}): Promise<Game> {
  knownOptions("mlpGame", options, mlpGameOptionNames);
  const score = scoreOf(options.score ?? "class-precision");
  const lesion = oneOf("lesion", lesionKinds, options.lesion ?? "zero");
  const place = oneOf("place", lesionPlaces, options.place ?? "pre-activation");
  const data = labelledFor(score, checkedInputs(network, inputs));
  if (lesion === "mean") checkMeanOf(data);
  const tensors = await tensorsIfInstalled(options.backend);
  const received = await preActivations(network, data.inputs, tensors?.backend);
  const parts = logitParts(network, data, received, lesion, place);
  return gameOfLogits(parts, score.name, {
    activation: activationText([network.negativeSlope]),
    inputs: data.name,
    inputs_sha256: data.sha256,
    lesion,
    lesion_place: place,
    network: `mlp ${network.inputs}-${network.hidden}-${network.outputs}`,
    network_sha256: network.sha256 ?? parametersSha256(network),
    score: score.name,
    tensor_backend: tensors ? backendLabel(tensors) : plainLabel,
  });
}

/**
 * The game of a sum of logits: v(S) is a score of base + the parts of the units of S. What {@link mlpGame} comes to when the
 * first layer is computed; other threads are sent this, so they need no tensors and play with the very same numbers.
 */
export function gameOfLogits(parts: LogitParts, scoreName: ScoreName, provenance: JsonObject): Game {
  const score = scoreOf(scoreName);
  const walk = wasmLogitWalk(parts);
  const outputShape = score.shape(parts.inputs, parts.classes);
  const outputs = outputSize(outputShape);
  const value = new Float64Array(outputs);

  return {
    units: Array.from({ length: parts.units }, (_, unit) => `hidden/${unit}`),
    outputShape,
    provenance,
    forThreads: () => ({ module: thisModule, export: gameOfLogits.name, arguments: [parts, scoreName, provenance] }),
    async evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
      const values = new Float64Array(coalitions.count * outputs);
      const pace = pacer(signal);
      for (let c = 0; c < coalitions.count; c++) {
        walk.reset();
        for (let unit = 0; unit < parts.units; unit++) if (isIntact(coalitions, c, unit)) walk.add(unit);
        score.write(walk, parts, value);
        values.set(value, c * outputs);
        await pace();
      }
      return values;
    },
    walk(ordering: Ordering, visit: (rank: number, values: Values) => void): void {
      walk.reset();
      for (let rank = 0; rank < ordering.length; rank++) {
        walk.add(ordering[rank]);
        score.write(walk, parts, value);
        visit(rank, value);
      }
    },
  };
}

/** What every unit's return adds to the logits, from the hidden layer's intact pre-activations `[inputs, hidden]`. */
export function logitParts(
  network: Mlp,
  data: CheckedMlpInputs,
  preActivation: Float32Array,
  lesion: LesionKind,
  place: LesionPlace,
): LogitParts {
  const { hidden, outputs: classes, outputWeights } = network;
  const inputs = data.count;
  const activation = (x: number) => (x > 0 ? x : Math.fround(network.negativeSlope * x));
  const base = Float64Array.from(network.outputBiases);
  const differences = new Float32Array(hidden * inputs);
  const weights = new Float32Array(hidden * classes);
  for (let unit = 0; unit < hidden; unit++) {
    let mean = 0;
    for (let b = 0; b < inputs; b++) {
      const before = preActivation[b * hidden + unit];
      const after = activation(before);
      differences[unit * inputs + b] = after;
      mean += (place === "activation" ? after : before) / inputs;
    }
    const lesioned = lesion === "zero" ? 0 : place === "activation" ? mean : activation(mean);
    for (let b = 0; b < inputs; b++) differences[unit * inputs + b] -= lesioned;
    for (let k = 0; k < classes; k++) {
      weights[unit * classes + k] = outputWeights[k * hidden + unit];
      base[k] += lesioned * outputWeights[k * hidden + unit];
    }
  }
  const bad = differences.find(isNotFinite) ?? base.find(isNotFinite);
  if (bad !== undefined) throw invalid("network", "finite activations on these inputs", bad);
  const { labels } = data;
  const counts = classCounts(labels, classes);
  return { units: hidden, base: Float32Array.from(base), differences, weights, inputs, labels, classes, counts };
}

/** Checksum of the parameters of a network that was never in a file. */
function parametersSha256({ hiddenWeights, hiddenBiases, outputWeights, outputBiases }: Mlp): string {
  const parts = [hiddenWeights, hiddenBiases, outputWeights, outputBiases];
  return sha256(Buffer.concat(parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))));
}

function isNotFinite(value: number): boolean {
  return !Number.isFinite(value);
}
