import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileError, invalid } from "../errors.js";
import { checkWritable, sha256 } from "../files.js";
import { checkNoInput, linkTarget } from "../output-path.js";
import type { ModesContent } from "./modes-content.js";
import { writeModes } from "./modes-writer.js";
import { storeFormat } from "./store-format.js";
import { discardUnfinished, lockStore, readUnfinished, unfinishedFolder } from "./unfinished-store.js";

/** What tells a store that was saved at once from those of runs. */
const savedIdentity = { saved: storeFormat };

/**
 * Checks that a store can be written there.
 *
 * @param outputShape of what is to be written, where it is known
 * @throws RangeError for a single number; FileError where what is there is no store, or nothing can be written
 */
export function checkStorePath(path: string, outputShape?: readonly number[]): void {
  if (outputShape?.length === 0) throw invalid("output shape", `at least one axis for a .zarr store ${npz}`, []);
  checkWritable(join(unfinishedFolder(path), "written.json"));
  checkNoInput(path, linkTarget(path));
  if (existsSync(path) && !existsSync(join(path, "zarr.json"))) {
    throw new FileError(path, "is there and is no store of modes, so it is not replaced");
  }
}

/** @throws RangeError where the modes have not all that a store holds */
export function checkStored({ standardErrors, vAll, vNone }: ModesContent): void {
  const missing = Object.entries({ standardErrors, vAll, vNone }).find(([, numbers]) => numbers === undefined);
  if (missing) throw invalid(missing[0], `known for a .zarr store ${npz}`, undefined);
}

const npz = "(npz takes any)";

/** Writes modes as a Zarr store of float64, whole or not at all; one of that name is replaced. */
export async function saveStore(modes: ModesContent, path: string): Promise<void> {
  const unlock = lockStore(path);
  try {
    const earlier = readUnfinished(path);
    const identity = { ...savedIdentity, values: sha256(bytesOf(modes.values)) };
    if (earlier && earlier.identity.saved !== storeFormat) {
      const rule = `a store that no run has left unfinished (remove ${unfinishedFolder(path)}, or choose another name)`;
      throw invalid("path", rule, path);
    }
    const start = { identity, provenance: modes.provenance, rows: modes.outputShape[0], written: [] };
    try {
      const writer = await writeModes(path, modes.units, modes.outputShape, start, "float64");
      await writer.write(0, modes);
      if (modes.meanStandardErrors) await writer.writeMeanErrors(modes.meanStandardErrors);
      if (modes.blocks) await writer.writeBlocks(modes.blocks);
      writer.finish((provenance) => provenance);
    } catch (error) {
      discardUnfinished(path);
      throw error;
    }
  } finally {
    unlock();
  }
}

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
