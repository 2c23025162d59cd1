import { existsSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { FileError } from "../errors.js";
import { readRegular } from "../files.js";
import { outputSize } from "../games/game.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { chunkCodecs } from "./checked-chunks.js";
import { ShapleyModes } from "./shapley-modes.js";
import {
  blockArrays,
  checkedAttributes,
  headingsChecksum,
  meanErrorsArray,
  missingNumber,
  storedArrays,
  storeFormat,
} from "./store-format.js";

/** The heading of an array of Zarr, version 3, as far as it is looked at. */
interface Heading {
  readonly shape: readonly number[];
  readonly data_type: string;
  readonly chunk_grid: { readonly configuration: { readonly chunk_shape: readonly number[] } };
  readonly codecs: unknown;
  readonly fill_value: unknown;
}

/**
 * All modes of a store at once, in memory: what `openModes` reads part by part. Only what this package's writer writes
 * is read: chunks that are whole along all axes but the first two, little-endian, in its envelope.
 *
 * @throws FileError where there is no such store, or it is not whole
 */
export function loadStore(path: string): ShapleyModes {
  if (!existsSync(path)) throw new FileError(path, "no such store of modes");
  const group = heading<{ attributes?: Record<string, unknown> }>(path);
  const found = group.attributes ?? {};
  if (found.format !== storeFormat) throw new FileError(path, "is no store of modes that this version reads");
  const attributes = checkedAttributes(path, found);
  if (headingsChecksum(path, attributes) !== attributes.checksum) {
    throw new FileError(path, "is damaged, or was changed: its headings do not have their checksum");
  }
  const { units, provenance } = attributes;
  const [count, ...outputShape] = heading<Heading>(join(path, storedArrays.modes)).shape;
  const ofUnits = [count, ...outputShape];
  const meanErrors = existsSync(join(path, meanErrorsArray));
  const hasBlocks = existsSync(join(path, blockArrays.values));
  try {
    const samples = hasBlocks
      ? arrayOf(path, blockArrays.samples, heading<Heading>(join(path, blockArrays.samples)).shape)
      : undefined;
    return new ShapleyModes({
      units,
      outputShape,
      values: arrayOf(path, storedArrays.modes, ofUnits),
      standardErrors: arrayOf(path, storedArrays.standardErrors, ofUnits),
      meanStandardErrors: meanErrors ? arrayOf(path, meanErrorsArray, [count]) : undefined,
      vAll: arrayOf(path, storedArrays.vAll, outputShape),
      vNone: arrayOf(path, storedArrays.vNone, outputShape),
      blocks: samples && { samples, values: arrayOf(path, blockArrays.values, [samples.length, ...ofUnits]) },
      provenance,
    });
  } catch (cause) {
    throw cause instanceof FileError ? cause : new FileError(path, (cause as Error).message, { cause });
  }
}

function heading<T>(folder: string): T {
  try {
    return JSON.parse(readRegular(join(folder, "zarr.json")).toString("utf8"));
  } catch (cause) {
    throw new FileError(folder, "is no store of modes, or is not whole (its zarr.json can not be read)", { cause });
  }
}

/** @throws FileError where a chunk is not there: what it is read as is {@link missingNumber} */
function arrayOf(path: string, name: string, expected: readonly number[]): Float64Array {
  const { shape, data_type: type, chunk_grid: grid, codecs, fill_value: fill } = heading<Heading>(join(path, name));
  const chunk = grid.configuration.chunk_shape;
  const whole = chunk.length === shape.length && chunk.every((length, axis) => axis < 2 || length === shape[axis]);
  const known = (type === "float32" || type === "float64") && sameJson(codecs, chunkCodecs);
  if (!whole || !known)
    throw new FileError(path, `has an array ${name} that this package did not write; openModes may read it`);
  if (shape.join() !== expected.join()) {
    throw new FileError(path, `has ${name} of shape [${shape.join(", ")}]; [${expected.join(", ")}] was expected`);
  }
  // Version 0.1 did not write chunks of standard errors that are NaN alone.
  const mayMiss = Number.isNaN(Number(fill)) && !Number.isNaN(missingNumber(name));
  const numbers = new Float64Array(outputSize(shape)).fill(Number.NaN);
  const [rows, columns = 1] = shape;
  const [rowsOfChunk, columnsOfChunk = 1] = chunk;
  const width = outputSize(shape.slice(2));
  for (let row = 0; row < rows; row += rowsOfChunk) {
    for (let column = 0; column < columns; column += columnsOfChunk) {
      const indices = [row / rowsOfChunk, column / columnsOfChunk].slice(0, shape.length);
      const file = join(path, name, "c", ...indices.map(String), ...shape.slice(2).map(() => "0"));
      const part = chunkOf(path, file, type, outputSize(chunk));
      if (!part && !mayMiss) throw new FileError(path, `is not whole: a part of /${name} is missing`);
      if (!part) continue;
      for (let r = row; r < Math.min(rows, row + rowsOfChunk); r++) {
        const taken = Math.min(columns - column, columnsOfChunk) * width;
        const from = (r - row) * columnsOfChunk * width;
        numbers.set(part.subarray(from, from + taken), (r * columns + column) * width);
      }
    }
  }
  return numbers;
}

/** The numbers of a chunk; undefined where it is not there. @throws FileError where it is damaged */
function chunkOf(path: string, file: string, type: string, length: number): Float32Array | Float64Array | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const most = length * (type === "float32" ? Float32Array : Float64Array).BYTES_PER_ELEMENT;
    const bytes = Uint8Array.from(gunzipSync(readRegular(file), { maxOutputLength: Math.max(most, 1) }));
    const numbers = type === "float32" ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
    if (numbers.length !== length) throw new Error(`${numbers.length} numbers; ${length} were expected`);
    return numbers;
  } catch (cause) {
    throw new FileError(path, `can not be read (${(cause as Error).message})`, { cause });
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return canonicalJson(a as JsonObject, 0) === canonicalJson(b as JsonObject, 0);
}
