import { type Coalitions, isIntact, type Ordering } from "../coalitions/coalition.js";
import { invalid, oneOf, positiveInteger, validSeed } from "../errors.js";
import { sha256 } from "../files.js";
import { type Game, type Gate, outputSize, type Values } from "../games/game.js";
import type { Json, JsonObject } from "../json.js";
import { has } from "../kinds.js";
import type { Generator } from "../networks/dcgan/generator.js";
import { countLatents, randomLatents } from "../networks/dcgan/latents.js";
import type { GeneratorPasses } from "../networks/dcgan/passes.js";
import { checkKernelFits } from "../networks/dcgan/passes-memory.js";
import { channels, imageSize } from "../networks/dcgan/size.js";
import { knownOptions, type OptionNames } from "../options.js";
import { pacer } from "../pace.js";
import { builtModule } from "../package.js";
import { type BackendName, backendInUse, backendNames } from "../tensors/backend.js";
import {
  chooseBackend,
  type GeneratorBackend,
  type GeneratorComputing,
  generatorBackends,
  openPasses,
  usualBackend,
} from "./generator-backend.js";

/** This module as threads load it. */
const thisModule = builtModule("lesion/generator-game");

/** Options of {@link generatorGame}. */
export interface GeneratorGameOptions {
  /**
   * How many images the game is about; default 8. The kernel computes four at a time, so that one takes as long as
   * four.
   */
  readonly faces?: number;
  /**
   * Seed of the latents; default 1. Games of other seeds are about other faces: for testing edits on images held out.
   */
  readonly seed?: number;
  /** The latents themselves, `[faces, latents]`, in the place of a seed. */
  readonly latents?: Float32Array;
  /**
   * What computes: "kernel", this package's own WebAssembly, which leaves lesioned channels out of the arithmetic;
   * "tensors", the tensor backend (`loadTensorflow`), whose place is a graphics card; "onnx", ONNX Runtime on the
   * processor. Values are equal but for the rounding of single precision. Default: the kernel, unless a graphics card
   * computes tensors. The provenance says which (`tensor_backend`), for "tensors" from the first evaluation on.
   */
  readonly backend?: GeneratorBackend;
  /** Which tensor backend computes, for "tensors", which is then the default; default the one in use, else the best. */
  readonly tensorBackend?: BackendName;
}

/** The names of `GeneratorGameOptions`. */
export const generatorGameOptionNames: OptionNames<GeneratorGameOptions> = {
  faces: true,
  seed: true,
  latents: true,
  backend: true,
  tensorBackend: true,
};

/** A game whose values are images, and which holds memory. */
export interface GeneratorGame extends Game {
  /** Frees the memory of its activations; evaluated again it takes it again. */
  dispose(): void;
}

/**
 * The game of a generator of images (arXiv 2506.19732, experiment B): its players are all output channels of all
 * layers, `layer1/filter0`, ..., the last layer's being the three colours, and v(S) is the images themselves,
 * `[faces, 3, size, size]`, when only the channels of S are intact. A lesioned channel is 0 after its ReLU, in the last
 * layer after its sigmoid; BatchNorm stays as it was trained.
 *
 * The colours gate nothing but their own plane of the images: they are integrated out exactly (`Game.gates`).
 *
 * @throws RangeError for options out of range, latents of another length, or more of them than the kernel's 4 GB hold
 * @example
 * const game = generatorGame(await loadGenerator("generator.safetensors"), { faces: 4, seed: 1 });
 * const modes = await shapley(game, { estimator: "antithetic", orderings: 80 });
 * modes.unit("layer1/filter0").shape; // [4, 3, 64, 64]
 */
export function generatorGame(generator: Generator, options: GeneratorGameOptions = {}): GeneratorGame {
  knownOptions("generatorGame", options, generatorGameOptionNames);
  has("generator", generator, "a Generator");
  if (options.latents && (options.faces !== undefined || options.seed !== undefined)) {
    throw invalid("latents", "latents, or a number of faces and a seed, not both", options.latents);
  }
  const { backend, tensorBackend } = options;
  if (backend !== undefined) oneOf("backend", generatorBackends, backend);
  if (tensorBackend !== undefined) {
    oneOf("tensorBackend", backendNames, tensorBackend);
    if ((backend ?? "tensors") !== "tensors") throw invalid("tensorBackend", `none for "${backend}"`, tensorBackend);
  }
  const seed = validSeed(options.seed ?? 1);
  const latents = options.latents ?? randomLatents(generator, positiveInteger("faces", options.faces ?? 8), { seed });
  const faces = countLatents(generator, latents);
  const provenance: JsonObject = {
    inputs: options.latents ? `${faces} latents given` : `${faces} latents of seed ${seed}`,
    inputs_sha256: sha256(bytesOf(latents)),
    lesion: "zero",
    lesion_place: "activation",
    network: `dcgan ${[generator.latents, ...channels(generator)].join("-")}`,
    network_sha256: generator.sha256 ?? parametersSha256(generator),
    score: "images",
  };
  const chosen = backend ?? (tensorBackend === undefined ? usualBackend() : "tensors");
  return gameOfLatents(generator, latents, provenance, chosen, tensorBackend);
}

/**
 * The game of a generator and latents; other threads are sent these.
 *
 * @param backend undefined where only loading can tell
 * @param tensorBackend what is to compute tensors; default what does at the first evaluation
 */
export function gameOfLatents(
  generator: Generator,
  latents: Float32Array,
  provenance: JsonObject,
  backend: GeneratorBackend | undefined,
  tensorBackend?: BackendName,
): GeneratorGame {
  return gameDeciding(generator, latents, provenance, { backend, tensorBackend });
}

/** What is to compute a game and all of its parts, and once the first evaluation has decided it, what computes. */
interface Decision {
  readonly backend: GeneratorBackend | undefined;
  readonly tensorBackend: BackendName | undefined;
  computing?: GeneratorComputing;
}

function gameDeciding(
  generator: Generator,
  latents: Float32Array,
  provenance: JsonObject,
  decision: Decision,
): GeneratorGame {
  const { backend, tensorBackend } = decision;
  const faces = countLatents(generator, latents);
  if (backend === "kernel") checkKernelFits(generator, faces);
  const widths = channels(generator);
  const size = imageSize(generator);
  const outputShape = [faces, 3, size, size];
  const outputs = outputSize(outputShape);
  /** Layer and channel of each unit. */
  const places = widths.flatMap((width, l) => Array.from({ length: width }, (_, c) => [l, c] as const));
  const said: Record<string, Json> = { ...provenance, tensor_backend: backend === "kernel" ? backend : null };
  let passes: GeneratorPasses | undefined;
  let before: Promise<unknown> = Promise.resolve();

  /** One piece of work after the other: all use the same activations. */
  function inTurn<Result>(work: (passes: GeneratorPasses) => Promise<Result>): Promise<Result> {
    const done = before.then(async () => {
      decision.computing ??= await chooseBackend(backend, tensorBackend);
      passes ??= await openPasses(generator, latents, decision.computing);
      said.tensor_backend = passes.backend;
      return work(passes);
    });
    before = done.catch(() => {});
    return done;
  }

  return {
    units: places.map(([l, c]) => `layer${l + 1}/filter${c}`),
    outputShape,
    provenance: said,
    gates: colourGates(faces, size, places.length - 3),
    part: (from, to) => {
      const some = latents.slice(from * generator.latents, to * generator.latents);
      const more = { inputs_sha256: sha256(bytesOf(some)), part: [from, to] };
      return gameDeciding(generator, some, { ...provenance, ...more }, decision);
    },
    forThreads: () => {
      const { computing = { backend, tensorBackend: tensorBackend ?? backendInUse() } } = decision;
      const what = [computing.backend, computing.tensorBackend];
      return { module: thisModule, export: gameOfLatents.name, arguments: [generator, latents, provenance, ...what] };
    },
    evaluate: (coalitions: Coalitions, signal?: AbortSignal): Promise<Values> =>
      inTurn(async (play) => {
        const values = new Float32Array(coalitions.count * outputs);
        const pace = pacer(signal);
        for (let c = 0; c < coalitions.count; c++) {
          const intact = widths.map((): number[] => []);
          places.forEach(([l, channel], unit) => {
            if (isIntact(coalitions, c, unit)) intact[l].push(channel);
          });
          await play.set(intact);
          values.set(play.images, c * outputs);
          await pace();
        }
        return values;
      }),
    walk: (ordering: Ordering, visit: (rank: number, values: Values) => void, signal?: AbortSignal): Promise<void> =>
      inTurn(async (play) => {
        const pace = pacer(signal);
        await play.set(widths.map(() => []));
        for (let rank = 0; rank < ordering.length; rank++) {
          await play.add(...places[ordering[rank]]);
          visit(rank, play.images);
          await pace();
        }
      }),
    dispose() {
      before = before.then(() => {
        passes?.dispose();
        passes = undefined;
      });
    },
  };
}

/** The colours, each with its plane of every image. */
function colourGates(faces: number, size: number, firstColour: number): Gate[] {
  const area = size * size;
  return [0, 1, 2].map((colour) => ({
    unit: firstColour + colour,
    certain: true,
    outputs: Array.from({ length: faces }, (_, face) => {
      const plane = (3 * face + colour) * area;
      return [plane, plane + area] as const;
    }),
  }));
}

/** Checksum of the parameters of a generator that was never in a file. */
function parametersSha256({ parts }: Generator): string {
  const arrays = parts.flatMap(({ weights, norm }) => [weights, ...(norm ? Object.values(norm) : [])]);
  return sha256(Buffer.concat(arrays.map(bytesOf)));
}

function bytesOf(array: Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
