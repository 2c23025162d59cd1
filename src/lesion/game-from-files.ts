import { resolve } from "node:path";
import { type InputArrays, readInputs } from "../datasets/input-arrays.js";
import { isLoadedArray } from "../datasets/load-array.js";
import { rowsIn } from "../datasets/rows.js";
import { FileError, invalid } from "../errors.js";
import type { Game } from "../games/game.js";
import { loadNetwork, type NetworkFileOptions, networkFormat } from "../networks/load-network.js";
import { mlpFromDeep } from "../networks/mlp/deep.js";
import { loadDeepMlp } from "../networks/mlp/deep-file.js";
import type { MlpInputs } from "../networks/mlp/inputs.js";
import { layersOfSites } from "../networks/mlp/sites.js";
import { outputOf, siteNames } from "../networks/network.js";
import type { FixedValue } from "../networks/onnx/types.js";
import { knownOptions, type OptionNames } from "../options.js";
import { type BackendName, tensorsIfInstalled } from "../tensors/backend.js";
import { deepMlpGame } from "./deep-mlp-game.js";
import { arraysOf, networkInputs, rowShapes } from "./input-rows.js";
import type { LesionKind, LesionPlace } from "./lesion.js";
import { mlpGame } from "./mlp-game.js";
import { type NetworkGameOptions, networkGame } from "./network-game.js";
import type { OutputScoreName } from "./output-score.js";
import type { NetworkLesion } from "./replacement.js";
import { type ScoreName, scoreOf } from "./scores.js";

/** Options of {@link gameFromFiles}: all of them such that JSON can hold them. Relative paths are those of the current folder. */
export interface GameFiles extends Omit<NetworkFileOptions, "usualShape"> {
  /** File of the network: PyTorch .pt or .safetensors (an MLP), .onnx, or a TensorFlow.js model.json. */
  readonly network: string;
  /** `mnist-test:0-1023` and the like, or a .npy or .npz file of rows (see `readInputs`). */
  readonly inputs: string;
  /** A .npy file of the inputs' classes, `[count]`. */
  readonly labels?: string;
  /** Sites whose units are the players; default all hidden layers of an MLP; to be given for other networks. */
  readonly sites?: NetworkGameOptions["sites"];
  /** Units that come and go together; not for MLPs. */
  readonly groups?: NetworkGameOptions["groups"];
  /** What v(S) is; default "class-precision" for an MLP, "output" for other networks. */
  readonly score?: ScoreName | OutputScoreName;
  /**
   * What replaces a lesioned unit's values; default "zero"; a constant, and a background (named as `inputs` are), not for MLPs.
   */
  readonly lesion?: LesionKind | { readonly constant: number } | { readonly background: string };
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
  /** Checksum that the background has to have; default any. */
  readonly backgroundSha256?: string;
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
  backgroundSha256: true,
};

/**
 * The game of any network that there is a reader for, from its file and a name or file of inputs: {@link mlpGame},
 * {@link deepMlpGame} or {@link networkGame}. Its spec is all that another process needs to play the same game: files are then
 * checked to be the same.
 *
 * @throws FileError for a file that is absent, damaged, of another kind, or has another checksum; RangeError, TypeError for
 *   options that do not fit the network; MissingPartError where what is to compute is absent
 */
export async function gameFromFiles(files: GameFiles): Promise<Game> {
  knownOptions("gameFromFiles", files, gameFilesKeys);
  const data = readInputs(files.inputs, files.labels);
  checkChecksum(files.inputs, files.inputsSha256, data.sha256);
  const lesion = typeof files.lesion === "object" && "background" in files.lesion ? files.lesion : undefined;
  const background = lesion && readInputs(lesion.background);
  if (background) checkChecksum(lesion.background, files.backgroundSha256, background.sha256);
  const ofFormat = networkFormat(files.network) === "mlp" ? ofMlp : ofNetwork;
  const { game, sha256, backend } = await ofFormat(files, data, background);
  const { labelsFile } = data;
  const again = {
    ...files,
    ...(files.fixed && { fixed: fixedAsJson(files.fixed) }),
    network: resolve(files.network),
    inputs: resolvedInputs(files.inputs),
    ...(background && {
      lesion: { background: resolvedInputs(lesion.background) },
      backgroundSha256: background.sha256,
    }),
    ...(files.labels !== undefined && { labels: resolve(files.labels) }),
    ...(backend !== undefined && { backend }),
    ...(sha256 !== undefined && { sha256 }),
    inputsSha256: data.sha256,
  };
  return {
    ...game,
    provenance: {
      ...game.provenance,
      ...(background && { background: background.name, background_sha256: background.sha256 }),
      ...(labelsFile && { labels: labelsFile.name, labels_sha256: labelsFile.sha256 }),
    },
    spec: { module: "shapley-modes", export: gameFromFiles.name, arguments: [again as never] },
  };
}

function resolvedInputs(inputs: string): string {
  return /\.np[yz]$/i.test(inputs) ? resolve(inputs) : inputs;
}

/** Options that say nothing about an MLP. */
const notForMlps = ["groups", "output", "shape", "fixed", "axes", "threads", "memory"] as const;

/** A game, the checksum of its network's file, and by its name what computes it: another backend's values differ in their last bits. */
type FromFile = Promise<{ game: Game; sha256: string | undefined; backend: string | undefined }>;

async function ofMlp(files: GameFiles, data: InputArrays): FromFile {
  for (const name of notForMlps) {
    if (files[name] !== undefined) throw invalid(name, "none for a network of dense layers", files[name]);
  }
  const { score, lesion, place } = files;
  if (typeof lesion === "object") {
    throw invalid("lesion", '"zero" or "mean" for a network of dense layers', Object.keys(lesion).join(", "));
  }
  const backend = (await tensorsIfInstalled(files.backend as BackendName | undefined))?.backend;
  const network = await loadDeepMlp(files.network, { activation: files.activation, layers: files.layers });
  checkChecksum(files.network, files.sha256, network.sha256);
  const options = {
    ...(score !== undefined && { score: score as ScoreName }),
    ...(lesion !== undefined && { lesion }),
    ...(place !== undefined && { place }),
    ...(backend !== undefined && { backend }),
  };
  const sites = files.sites === undefined ? undefined : siteNames(files.sites);
  const layers = sites && layersOfSites(network, sites);
  const port = { name: "input", shape: [network.inputs] };
  const inputs = networkInputs({ inputs: [port] }, data, [network.outputs]) as MlpInputs;
  if (isLoadedArray(inputs)) rowsIn(inputs, port);
  if (!data.labels && scoreOf(score ?? "class-precision").needsLabels) {
    throw invalid("labels", "a .npy file of the inputs' classes for this score (--labels)", undefined);
  }
  const { sha256 } = network;
  if (network.layers.length > 2) {
    return { game: await deepMlpGame(network, inputs, { ...options, ...(layers && { layers }) }), sha256, backend };
  }
  return { game: await mlpGame(mlpFromDeep(network), inputs, options), sha256, backend };
}

async function ofNetwork(files: GameFiles, data: InputArrays, background: InputArrays | undefined): FromFile {
  const { shape, fixed, axes, backend, threads, activation, layers } = files;
  if (files.place !== undefined) {
    throw invalid("place", "none for this kind of network; a site is before or after an activation", files.place);
  }
  const network = await loadNetwork(files.network, {
    usualShape: rowShapes(data),
    ...(shape !== undefined && { shape }),
    ...(fixed !== undefined && { fixed }),
    ...(axes !== undefined && { axes }),
    ...(backend !== undefined && { backend }),
    ...(threads !== undefined && { threads }),
    ...(activation !== undefined && { activation }),
    ...(layers !== undefined && { layers }),
  });
  checkChecksum(files.network, files.sha256, network.sha256);
  if (files.sites === undefined) {
    const names = network.sites.map(({ name }) => name);
    const some =
      names.length > 6 ? `${names.slice(0, 3).join(", ")}, ..., ${names.slice(-2).join(", ")}` : names.join(", ");
    throw invalid(
      "site",
      `one or more of the network's ${names.length} sites (${some}); the command sites lists them`,
      undefined,
    );
  }
  const { groups, score, output, memory } = files;
  const lesion = background
    ? { background: arraysOf(network, background) }
    : (files.lesion as NetworkLesion | undefined);
  const game = await networkGame(network, networkInputs(network, data, outputOf(network, output).shape), {
    sites: files.sites,
    ...(groups !== undefined && { groups }),
    ...(score !== undefined && { score }),
    ...(lesion !== undefined && { lesion }),
    ...(output !== undefined && { output }),
    ...(memory !== undefined && { memory }),
  });
  const read = network.source?.options as NetworkFileOptions | undefined;
  return { game, sha256: network.sha256, backend: backend ?? read?.backend };
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
