import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileError } from "../errors.js";
import { readRegular, sha256 } from "../files.js";
import { unitNames } from "../games/game.js";
import { canonicalJson, type JsonObject } from "../json.js";

/** Names of the arrays that every store has; `modes` and `standard_error` float32 (`shapleyToDisk`) or float64. */
export const storedArrays = {
  modes: "modes",
  standardErrors: "standard_error",
  vAll: "v_all",
  vNone: "v_none",
} as const;

/**
 * v(all) and v(none) are float64 in every store: of values with a large number in common the modes, which add up to
 * their difference, would else be what is rounded away.
 */
export const endsType = "float64" as const;

/** An array that a store may have: the standard errors of the means over all outputs, `[units]`. */
export const meanErrorsArray = "mean_standard_error";

/**
 * Arrays that a store may have of independent blocks: their samples, `[blocks]`, and means,
 * `[blocks, units, ...outputShape]`.
 */
export const blockArrays = { samples: "block_samples", values: "blocks" } as const;

/**
 * What numbers are read as whose chunk is not there, which no number that is there can be: NaN, and of standard errors,
 * which are NaN where a single sample gives no spread, -1.
 */
export function missingNumber(array: string): number {
  return array === storedArrays.standardErrors || array === meanErrorsArray ? -1 : Number.NaN;
}

/** The format that is written, and the only one that is read: that before had no checksums. */
export const storeFormat = "shapley-modes/2" as const;

/** What the attributes of a store hold. */
export interface StoreAttributes {
  readonly format: typeof storeFormat;
  readonly units: readonly string[];
  readonly provenance: JsonObject;
  /** What tells the run that it is of from others. */
  readonly identity: JsonObject;
  /**
   * Of all else that the headings of the store say ({@link storeChecksum}); its numbers have checksums of their own.
   */
  readonly checksum: string;
}

/** SHA-256 of what the headings of a store say: its attributes, and shape, chunks and codecs of its arrays. */
export function storeChecksum(path: string, { checksum: _, ...said }: Partial<StoreAttributes>): string {
  const optional = [meanErrorsArray, ...Object.values(blockArrays)].filter((name) => existsSync(join(path, name)));
  const arrays = [...Object.values(storedArrays), ...optional].map((name) =>
    JSON.parse(readRegular(join(path, name, "zarr.json")).toString("utf8")),
  );
  return sha256(Buffer.from(canonicalJson({ ...said, arrays } as unknown as JsonObject)));
}

/** As {@link storeChecksum}; undefined where a heading is not there, which opening it tells better. */
export function headingsChecksum(path: string, attributes: StoreAttributes): string | undefined {
  try {
    return storeChecksum(path, attributes);
  } catch {
    return undefined;
  }
}

/** @throws FileError where the names of the units or the provenance are none */
export function checkedAttributes(path: string, attributes: Record<string, unknown>): StoreAttributes {
  const { units, provenance, identity } = attributes;
  try {
    unitNames(Array.isArray(units) ? units : []);
  } catch (cause) {
    throw new FileError(path, `is no store of modes (${(cause as Error).message})`, { cause });
  }
  for (const [name, value] of Object.entries({ provenance, identity })) {
    if (value?.constructor !== Object) throw new FileError(path, `is no store of modes (it has no ${name})`);
  }
  return attributes as unknown as StoreAttributes;
}
