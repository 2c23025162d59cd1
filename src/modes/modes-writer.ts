import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FileError } from "../errors.js";
import { writeWhole } from "../files.js";
import { outputSize } from "../games/game.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { linkTarget } from "../output-path.js";
import { chunkCodecs, zarr } from "./checked-chunks.js";
import type { ModeBlocks } from "./mode-blocks.js";
import type { ModesContent } from "./modes-content.js";
import {
  blockArrays,
  endsType,
  meanErrorsArray,
  missingNumber,
  type StoreAttributes,
  storeChecksum,
  storedArrays,
  storeFormat,
} from "./store-format.js";
import {
  noteUnfinished,
  removeUnfinished,
  type UnfinishedStore,
  unfinishedArrays,
  unfinishedFolder,
} from "./unfinished-store.js";

/** Writes modes to a store part by part; under its name there is nothing before all is there. */
export interface ModesWriter {
  /** Writes the modes of the first indices from `from` on. */
  write(from: number, part: ModesContent): Promise<void>;
  /** Writes the standard errors of the means over all outputs, `[units]`; a store need not have them. */
  writeMeanErrors(errors: Float64Array): Promise<void>;
  /** Writes the means of independent blocks; a store need not have them. */
  writeBlocks(blocks: ModeBlocks): Promise<void>;
  /**
   * Gives the store its name; one that had it is replaced.
   *
   * @param provenanceOf what to say of all, given the provenance of the last part, with what others say of their errors
   */
  finish(provenanceOf: (part: JsonObject) => JsonObject): void;
}

/** Most bytes of a chunk of the store, unless a single mode has more. */
const chunkBytes = 4e6;

/** What is said of errors, of any part. */
const cautions = ["fitted_exactly", "held_back", "same_in_all", "standard_errors_unknown"];

function cautionsOf(provenance: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(provenance).filter(([name]) => cautions.includes(name)));
}

/** Bytes that a store in single precision takes, but for its names and headings. */
export function storeBytes(units: number, outputs: number): number {
  return 2 * outputs * (Float32Array.BYTES_PER_ELEMENT * units + Float64Array.BYTES_PER_ELEMENT);
}

/**
 * Starts a store, or goes on with one that was stopped.
 *
 * @param path of the finished store
 * @param start what is written already, and what tells the run from others
 * @param dtype of its numbers, but v(all) and v(none), which are lossless: "float32" (default), half the size, or
 *   "float64", lossless
 * @throws FileError where it can not be written
 */
export async function writeModes(
  path: string,
  units: readonly string[],
  outputShape: readonly number[],
  start: UnfinishedStore,
  dtype: "float32" | "float64" = "float32",
): Promise<ModesWriter> {
  const { create, root, set, slice, FileSystemStore } = await zarr();
  const Numbers = dtype === "float32" ? Float32Array : Float64Array;
  const folder = unfinishedFolder(path);
  const store = unfinishedArrays(path);
  const { identity, rows: rowsAtATime } = start;
  const written = new Set(start.written);
  let { provenance } = start;
  const [first, ...rest] = outputShape;
  const perChunk = Math.max(
    1,
    Math.min(units.length, Math.floor(chunkBytes / (Numbers.BYTES_PER_ELEMENT * outputSize(rest)))),
  );
  const group = root(new FileSystemStore(store));
  const make = async (name: string, shape: number[], chunkShape: number[], type: typeof dtype = dtype) => {
    const array = { shape, chunkShape, dtype: type, fillValue: missingNumber(name), codecs: chunkCodecs } as const;
    return create(group.resolve(name), array);
  };
  const note = () => {
    const all = [...written].sort((a, b) => a - b);
    noteUnfinished(path, { identity, provenance, rows: rowsAtATime, written: all });
  };
  const failed = (cause: unknown) =>
    cause instanceof FileError
      ? cause
      : new FileError(path, `can not be written (${(cause as Error).message})`, { cause });
  try {
    note();
    mkdirSync(store, { recursive: true });
    const ofUnits = [
      [units.length, first, ...rest],
      [perChunk, 1, ...rest],
    ] as const;
    const ofOutputs = [
      [first, ...rest],
      [1, ...rest],
    ] as const;
    const arrays = {
      modes: await make(storedArrays.modes, [...ofUnits[0]], [...ofUnits[1]]),
      standardErrors: await make(storedArrays.standardErrors, [...ofUnits[0]], [...ofUnits[1]]),
      vAll: await make(storedArrays.vAll, [...ofOutputs[0]], [...ofOutputs[1]], endsType),
      vNone: await make(storedArrays.vNone, [...ofOutputs[0]], [...ofOutputs[1]], endsType),
    };
    const width = outputSize(rest);
    return {
      async writeMeanErrors(errors) {
        try {
          const array = await make(meanErrorsArray, [units.length], [units.length]);
          await set(array, [slice(0, units.length)], chunkOf(new Numbers(errors), [units.length]));
        } catch (cause) {
          throw failed(cause);
        }
      },
      async writeBlocks({ samples, values }) {
        try {
          const count = samples.length;
          const ofSamples = await make(blockArrays.samples, [count], [count]);
          await set(ofSamples, [slice(0, count)], chunkOf(new Numbers(samples), [count]));
          const each = first * width;
          const most = Math.floor(chunkBytes / (Numbers.BYTES_PER_ELEMENT * each));
          const together = Math.max(1, Math.min(units.length, most));
          const shape = [count, units.length, first, ...rest];
          const array = await make(blockArrays.values, shape, [1, together, first, ...rest]);
          for (let block = 0; block < count; block++) {
            for (let u = 0; u < units.length; u += together) {
              const to = Math.min(units.length, u + together);
              const from = (block * units.length + u) * each;
              const data = new Numbers(values.subarray(from, from + (to - u) * each));
              const selection = [slice(block, block + 1), slice(u, to), null, ...rest.map(() => null)];
              await set(array, selection, chunkOf(data, [1, to - u, first, ...rest]));
            }
          }
        } catch (cause) {
          throw failed(cause);
        }
      },
      async write(from, part) {
        const rows = part.outputShape[0];
        try {
          for (let row = 0; row < rows; row++) {
            const at = row * width;
            for (let u = 0; u < units.length; u += perChunk) {
              const to = Math.min(units.length, u + perChunk);
              for (const name of ["modes", "standardErrors"] as const) {
                const source = name === "modes" ? part.values : (part.standardErrors as Float64Array);
                const data = new Numbers((to - u) * width);
                for (let unit = u; unit < to; unit++) {
                  const start = unit * rows * width + at;
                  data.set(source.subarray(start, start + width), (unit - u) * width);
                }
                const selection = [slice(u, to), slice(from + row, from + row + 1), ...rest.map(() => null)];
                await set(arrays[name], selection, chunkOf(data, [to - u, 1, ...rest]));
              }
            }
            for (const name of ["vAll", "vNone"] as const) {
              const data = (part[name] as Float64Array).slice(at, at + width);
              const selection = [slice(from + row, from + row + 1), ...rest.map(() => null)];
              await set(arrays[name], selection, chunkOf(data, [1, ...rest]));
            }
            written.add(from + row);
          }
          provenance = { ...cautionsOf(provenance), ...part.provenance };
          note();
        } catch (cause) {
          throw failed(cause);
        }
      },
      finish: (provenanceOf) => {
        try {
          const said = {
            format: storeFormat as typeof storeFormat,
            units,
            provenance: provenanceOf(provenance),
            identity,
          };
          const attributes: StoreAttributes = { ...said, checksum: storeChecksum(store, said) };
          writeWhole(
            join(store, "zarr.json"),
            canonicalJson({ zarr_format: 3, node_type: "group", attributes: attributes as unknown as JsonObject }),
          );
          // Killed between any two of these, the next call ends what is left.
          const before = join(folder, "replaced");
          const target = linkTarget(path);
          if (existsSync(target)) {
            rmSync(before, { recursive: true, force: true });
            renameSync(target, before);
          }
          renameSync(store, target);
          removeUnfinished(path);
        } catch (cause) {
          throw failed(cause);
        }
      },
    };
  } catch (cause) {
    throw failed(cause);
  }
}

/**
 * Row-major numbers as zarrita takes them. @throws Error for one that single precision does not hold; NaN is a standard
 * error of one ordering
 */
function chunkOf(data: Float32Array | Float64Array, shape: number[]) {
  if (data.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY)) {
    throw new Error("a number is larger than 3.4e38, the largest of single precision");
  }
  const stride = shape.map((_, d) => outputSize(shape.slice(d + 1)));
  return { data, shape, stride };
}
