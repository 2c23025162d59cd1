import { resolve } from "node:path";
import { readInputs } from "../datasets/input-arrays.js";
import { FileError, invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import type { Json } from "../json.js";
import { inputRows } from "../networks/input-rows.js";
import { loadNetwork, type NetworkFileOptions } from "../networks/load-network.js";
import type { FixedValue } from "../networks/onnx/types.js";
import { outputOf } from "../networks/sites.js";
import { knownOptions, type OptionNames } from "../options.js";
import { gameOfNetwork, usualScore } from "./game-of-network.js";
import { arraysOf, networkInputs, rowShapes } from "./input-rows.js";
import { type Lesion, type LesionPlace, lesionInputs, lesionWith } from "./lesion.js";
import type { mlpGame } from "./mlp-game.js";
import type { NetworkGameOptions, networkGame } from "./network-game.js";
import { type NamedScore, needsLabels } from "./output-score.js";

/**
 * Options of {@link gameFromFiles}: all of them such that JSON can hold them. Relative paths are those of the current
 * folder.
 */
export interface GameFiles extends Omit<NetworkFileOptions, "usualShape" | "usualThreads"> {
  /** File of the network: PyTorch .pt or .safetensors (an MLP), .onnx, or a TensorFlow.js model.json. */
  readonly network: string;
  /** `mnist-test:0-1023` and the like, or a .npy or .npz file of rows (see `readInputs`). */
  readonly inputs: string;
  /** A .npy file of the inputs' classes, `[count]`. */
  readonly labels?: string;
  /** Sites whose units are the players; default all hidden layers of an MLP; to be given for other networks. */
  readonly sites?: NetworkGameOptions["sites"];
  /** Units that come and go together. */
  readonly groups?: NetworkGameOptions["groups"];
  /** What v(S) is; default "class-precision" for an MLP, "output" for other networks. */
  readonly score?: NamedScore;
  /** What replaces a lesioned unit's values, inputs named as `inputs` are; default "zero". */
  readonly lesion?: Lesion<string>;
  /** Which value of an MLP's unit is replaced; default "pre-activation". Other networks have a site for each. */
  readonly place?: LesionPlace;
  /** Which output is looked at, where the network has several. */
  readonly output?: string;
  /** Bytes of tensors that one pass may take; default as for `networkGame`; not for MLPs. */
  readonly memory?: number;
  /** Checksum that the network's file has to have; default any. */
  readonly sha256?: string;
  /** Checksum that the inputs have to have; default any. */
  readonly inputsSha256?: string;
  /** Checksum that the inputs of the lesion have to have; default any. */
  readonly lesionSha256?: string;
}

/** The names of `GameFiles`. */
export const gameFilesKeys: OptionNames<GameFiles> = {
  shape: true,
  fixed: true,
  axes: true,
  backend: true,
  threads: true,
  activation: true,
  layers: true,
  network: true,
  inputs: true,
  labels: true,
  sites: true,
  groups: true,
  score: true,
  lesion: true,
  place: true,
  output: true,
  memory: true,
  sha256: true,
  inputsSha256: true,
  lesionSha256: true,
};

/**
 * The game of any network that there is a reader for, from its file and a name or file of inputs: {@link mlpGame} or
 * {@link networkGame}. Its spec is all that another process needs to play the same game: files are then checked to be
 * the same. ONNX Runtime has one thread, unless `threads` says otherwise: workers share the processors, and so the bits
 * do not depend on how many there are.
 *
 * @throws FileError for a file that is absent, damaged, of another kind, or has another checksum; RangeError, TypeError
 *   for options that do not fit the network; MissingPartError where what is to compute is absent
 */
export async function gameFromFiles(files: GameFiles): Promise<Game> {
  knownOptions("gameFromFiles", files, gameFilesKeys);
  const { shape, fixed, axes, backend, threads, activation, layers, lesion = "zero" } = files;
  const data = readInputs(files.inputs, files.labels);
  checkChecksum(files.inputs, files.inputsSha256, data.sha256);
  const readLesion = lesionWith(lesion, (name) => {
    const read = readInputs(name);
    checkChecksum(name, files.lesionSha256, read.sha256);
    return read;
  });
  const { kind, inputs: reference } = lesionInputs(readLesion);
  const network = await loadNetwork(files.network, {
    usualShape: rowShapes(data),
    usualThreads: 1,
    ...(shape !== undefined && { shape }),
    ...(fixed !== undefined && { fixed }),
    ...(axes !== undefined && { axes }),
    ...(backend !== undefined && { backend }),
    ...(threads !== undefined && { threads }),
    ...(activation !== undefined && { activation }),
    ...(layers !== undefined && { layers }),
  });
  checkChecksum(files.network, files.sha256, network.sha256);
  const { sites, groups, score, output, memory, place } = files;
  const inputs = networkInputs(network, data, outputOf(network, output).shape);
  if (!data.labels && needsLabels(score ?? usualScore(network))) {
    inputRows(network, arraysOf(network, data)); // should these not fit either
    throw invalid("labels", "a .npy file of the inputs' classes for this score (--labels)", undefined);
  }
  const game = await gameOfNetwork(network, inputs, {
    ...(sites !== undefined && { sites }),
    ...(groups !== undefined && { groups }),
    ...(score !== undefined && { score }),
    ...(output !== undefined && { output }),
    ...(memory !== undefined && { memory }),
    ...(place !== undefined && { place }),
    lesion: lesionWith(readLesion, (arrays) => arraysOf(network, arrays)),
  });
  const { labelsFile } = data;
  const computes = backend ?? (network.source?.options as NetworkFileOptions | undefined)?.backend;
  const again = {
    ...files,
    ...(fixed && { fixed: fixedAsJson(fixed) }),
    network: resolve(files.network),
    inputs: resolvedInputs(files.inputs),
    ...(files.lesion !== undefined && { lesion: lesionWith(lesion, resolvedInputs) }),
    ...(reference && { lesionSha256: reference.sha256 }),
    ...(files.labels !== undefined && { labels: resolve(files.labels) }),
    ...(computes !== undefined && { backend: computes }),
    ...(network.sha256 !== undefined && { sha256: network.sha256 }),
    inputsSha256: data.sha256,
  };
  return {
    ...game,
    provenance: {
      ...game.provenance,
      ...(reference && { [kind]: reference.name, [`${kind}_sha256`]: reference.sha256 }),
      ...(labelsFile && { labels: labelsFile.name, labels_sha256: labelsFile.sha256 }),
    },
    spec: { module: "shapley-modes", export: gameFromFiles.name, arguments: [again as Json] },
  };
}

function resolvedInputs(inputs: string): string {
  return /\.np[yz]$/i.test(inputs) ? resolve(inputs) : inputs;
}

function checkChecksum(file: string, expected: string | undefined, found: string | undefined): void {
  if (expected !== undefined && found !== expected) {
    throw new FileError(file, `has sha256 ${found}; ${expected} was expected`);
  }
}

/** Fixed values as JSON can hold them: bigints as text. */
function fixedAsJson(fixed: NonNullable<GameFiles["fixed"]>): Record<string, FixedValue> {
  const asJson = (part: number | bigint | string) => (typeof part === "bigint" ? String(part) : part);
  return Object.fromEntries(
    Object.entries(fixed).map(([name, value]) => [
      name,
      typeof value === "object" ? Array.from<number | bigint | string, number | string>(value, asJson) : asJson(value),
    ]),
  );
}
