import { type Coalitions, intactUnits, type Ordering } from "../coalitions/coalition.js";
import { codeSha256 } from "../code-checksum.js";
import { oneOf, wrongKind } from "../errors.js";
import { sha256 } from "../files.js";
import { type Game, outputSize, type Values } from "../games/game.js";
import type { JsonObject } from "../json.js";
import { has } from "../kinds.js";
import { activationText } from "../networks/mlp/activation.js";
import { preActivations } from "../networks/mlp/forward.js";
import { checkedInputs, type MlpInputs, singlePrecision } from "../networks/mlp/inputs.js";
import { hiddenSites, isMlp, type Mlp, widthsText } from "../networks/mlp/mlp.js";
import { plainLabel } from "../networks/mlp/plain-forward.js";
import type { InputRows, Site } from "../networks/network.js";
import { knownOptions, type OptionNames } from "../options.js";
import { paced, pacer } from "../pace.js";
import { builtModule } from "../package.js";
import { type BackendName, backendLabel, tensorsIfInstalled } from "../tensors/backend.js";
import { denseConstants } from "./dense-constants.js";
import { denseParts } from "./dense-parts.js";
import { type DenseParts, denseWalk } from "./dense-walk.js";
import { rowsSha256 } from "./game-inputs.js";
import { type Lesion, type LesionPlace, lesionPlaces, lesionPlan } from "./lesion.js";
import { namedSites } from "./named-sites.js";
import { type NetworkGameOptions, networkGame } from "./network-game.js";
import { type AnyScore, checkScore, walkScore } from "./output-score.js";
import { type ScoreSteps, softmaxSteps } from "./score-steps.js";
import { type Players, playersOf, type UnitGroups } from "./unit-groups.js";

/** This module as threads load it. */
const thisModule = builtModule("lesion/mlp-game");

/** Options of {@link mlpGame}. */
export interface MlpGameOptions {
  /** Hidden layers whose units are the players, or `input`, as for `networkGame`; default all hidden layers. */
  readonly sites?: NetworkGameOptions["sites"];
  /**
   * Units that come and go together; the groups are then the players, and units in none stay intact. Default: each unit
   * alone.
   */
  readonly groups?: UnitGroups;
  /**
   * What v(S) is; default "class-precision", which is what the published numbers are (the published code passes
   * predictions and targets in swapped order, so its "accuracy by class" is precision). Else as for `networkGame`.
   */
  readonly score?: AnyScore;
  /** What replaces a lesioned unit's value; default "zero". */
  readonly lesion?: Lesion;
  /** Which value of the unit is replaced; default "pre-activation", as in the paper. */
  readonly place?: LesionPlace;
  /**
   * Which tensor backend computes up to the first lesioned layer; default that of the network, else the one in use,
   * else the best (see `loadTensorflow`). Where TensorFlow.js is not installed, none: the layers are computed without
   * it, provenance says "none", and the numbers are those of WebAssembly.
   */
  readonly backend?: BackendName;
}

/** The names of `MlpGameOptions`. */
export const mlpGameOptionNames: OptionNames<MlpGameOptions> = {
  sites: true,
  groups: true,
  score: true,
  lesion: true,
  place: true,
  backend: true,
};

/**
 * The game of a network of dense layers: its players are units of its hidden layers, `hidden/0`, `hidden/1`, ..., or
 * where there are several layers `hidden1/0`, ..., `hidden2/0`, ..., with the site `input` its inputs, `input/0`, ...,
 * and v(S) is a score of its answers to some inputs when of these units only those of S are intact (arXiv 2506.19732,
 * section 2). Means are those of the intact network.
 *
 * The layers to the first lesioned one are computed once. A unit that comes back is a rank-1 update of the layer behind
 * it; the layers behind that are computed again from and for intact units only. Where lesioned units hold other values
 * for each input, or in turn, it is the game of {@link networkGame}, which computes all layers behind.
 *
 * @param inputs with their classes; for scores that do not look at these also without, as `loadArray` gives them
 * @throws TypeError, RangeError where inputs or labels do not fit the network or each other, a layer does not exist, or
 *   an option is none of those listed; MissingPartError for a backend that is absent
 * @example
 * const game = await mlpGame(await loadMlp("deep.pt"), loadInputs("mnist-test:0-1023"), { sites: ["hidden2"] });
 * game.units[0]; // "hidden2/0"
 */
export async function mlpGame(network: Mlp, inputs: MlpInputs, options: MlpGameOptions = {}): Promise<Game> {
  knownOptions("mlpGame", options, mlpGameOptionNames);
  has("network", network, "an Mlp", "layers", "inputs");
  if (!isMlp(network)) throw wrongKind("network", "one of dense layers, as loadMlp gives it", network);
  const { score = "class-precision", lesion = "zero", groups } = options;
  const place = oneOf("place", lesionPlaces, options.place ?? "pre-activation");
  const layerOf = (site: Site) => network.sites.findIndex(({ name }) => name === site.name);
  const chosen = namedSites(network, options.sites ?? hiddenSites(network).map(({ name }) => name));
  chosen.sort((a, b) => layerOf(a.site) - layerOf(b.site));
  const players = playersOf(chosen, groups);
  const data = checkedInputs(network, inputs);
  const absent = checkScore(score, network.outputs[0], data);
  const rows = { count: data.count, data: [data.inputs] };
  const plan = lesionPlan(lesion, network, rows);

  const tensors = await tensorsIfInstalled(options.backend ?? network.tensorBackend);
  const sites = chosen.map(({ site }) => site);
  const layers = sites.map(layerOf);
  const activations = layers.map((layer) => {
    const slope = network.negativeSlopes[layer - 1] ?? 1; // inputs have no activation
    return (x: number) => (x > 0 ? x : Math.fround(slope * x));
  });
  const received = async (reference: InputRows, wanted: readonly number[]): Promise<Float32Array[]> => {
    const inputs = singlePrecision(reference.data[0], network.layers[0].inputs);
    const hidden = wanted.filter((layer) => layer > 0);
    const sums = hidden.length > 0 ? await preActivations(network, inputs, hidden, tensors?.backend) : [];
    return wanted.map((layer) => (layer > 0 ? sums[hidden.indexOf(layer)] : inputs));
  };
  let first: Float32Array | undefined;
  const constants = await denseConstants({ plan, sites, place, activations }, async (reference) => {
    const before = await received(reference, layers);
    if (reference === rows) [first] = before;
    return before;
  });
  const stated = {
    activation: activationText(network.negativeSlopes),
    network: `mlp ${widthsText(network)}`,
    network_sha256: network.sha256 ?? parametersSha256(network),
    tensor_backend: tensors ? backendLabel(tensors) : plainLabel,
  };
  if (!constants) {
    // What a unit holds on another input is the same before the activation and behind it.
    const ofNetwork = {
      sites: options.sites ?? sites.map(({ name }) => name),
      lesion,
      score,
      ...(groups && { groups }),
    };
    const there: Mlp = { ...network, tensorBackend: tensors?.backend };
    const game = await networkGame(there, inputs, ofNetwork);
    return { ...game, provenance: { ...game.provenance, ...stated } };
  }
  first ??= (await received(rows, layers.slice(0, 1)))[0];
  const parts = denseParts(network, data, layers, first.map(activations[0]), constants);
  return gameOfParts(parts, players, score, {
    ...stated,
    ...(absent.length > 0 && { classes_without_inputs: absent }),
    ...(groups && { groups: Object.fromEntries(Object.entries(groups)) }),
    inputs: data.name,
    inputs_sha256: data.sha256,
    lesion: plan.kind,
    ...("constant" in plan && { lesion_constant: plan.constant }),
    ...("reference" in plan && plan.reference !== rows && { lesion_inputs_sha256: rowsSha256(plan.reference) }),
    lesion_place: place,
    ...((hiddenSites(network).length > 1 || layers[0] === 0) && { lesioned_layers: layers }),
    score: typeof score === "function" ? score.name || "function" : score,
  });
}

/**
 * The game of the layers behind the first lesioned one: what {@link mlpGame} comes to when those before it are
 * computed. Other threads are sent this, so they need no tensors and play with the very same numbers.
 *
 * @param players members by lesioned site, counted from the first, which `parts` begins with
 */
export function gameOfParts(parts: DenseParts, players: Players, score: AnyScore, provenance: JsonObject): Game {
  const walk = denseWalk(parts);
  /** The layer of each site, counted from the first lesioned one. */
  const layers = [0, ...parts.layers.flatMap(({ lesioned }, l) => (lesioned ? [l + 1] : []))];
  const widths = [parts.units, ...parts.layers.map(({ units }) => units)];
  const members = players.members.map((units) => units.map(({ site, unit }) => ({ layer: layers[site], unit })));
  /** The units of lesioned layers that no player stands for, by layer. */
  const always = widths.map((units, layer) => {
    const played = new Set(members.flat().flatMap((member) => (member.layer === layer ? [member.unit] : [])));
    return layers.includes(layer)
      ? Array.from({ length: units }, (_, unit) => unit).filter((unit) => !played.has(unit))
      : [];
  });
  const withMembers = (some: Iterable<number>): number[][] => {
    const lists = always.map((units) => [...units]);
    for (const player of some) for (const { layer, unit } of members[player]) lists[layer].push(unit);
    return lists;
  };
  if (typeof score === "function") walk.set(withMembers(members.keys()));
  const { outputShape, write } = walkScore(score, walk, parts);
  const outputs = outputSize(outputShape);
  const value = new Float64Array(outputs);
  const byLogits: ScoreSteps = {
    start: () => walk.set(always),
    add: ({ layer, unit }) => walk.add(layer, unit),
    write,
  };
  let steps: ScoreSteps | undefined;
  /** Whether a whole walk is over before a turn is due. */
  const brief = parts.layers.length === 1;
  // One state serves all: a walk that lets the event loop have its turn must not find it changed by another.
  let others: Promise<unknown> = Promise.resolve();
  const alone = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = others.then(work);
    others = result.catch(() => undefined);
    return result;
  };

  return {
    units: players.names,
    outputShape,
    provenance,
    ...(typeof score === "function"
      ? { code: codeSha256(score) }
      : {
          forThreads: () => ({
            module: thisModule,
            export: gameOfParts.name,
            arguments: [parts, players, score, provenance],
          }),
        }),
    evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
      return alone(async () => {
        const values = new Float64Array(coalitions.count * outputs);
        const pace = pacer(signal);
        for (let c = 0; c < coalitions.count; c++) {
          walk.set(withMembers(intactUnits(coalitions, c)));
          write(value);
          values.set(value, c * outputs);
          await pace();
        }
        return values;
      });
    },
    walk(ordering: Ordering, visit: (rank: number, values: Values) => void, signal?: AbortSignal): Promise<void> {
      return alone(async () => {
        const pace = pacer(signal);
        steps ??= (await paced(softmaxSteps(score, parts, always), signal)) ?? byLogits;
        steps.start();
        for (let rank = 0; rank < ordering.length; rank++) {
          for (const member of members[ordering[rank]]) steps.add(member);
          steps.write(value);
          visit(rank, value);
          if (!brief) await pace();
        }
      });
    },
  };
}

/** Checksum of the parameters of a network that was never in a file. */
function parametersSha256({ layers }: Mlp): string {
  const parts = layers.flatMap(({ weights, biases }) => [weights, biases]);
  return sha256(...parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)));
}
