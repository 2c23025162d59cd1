import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileError } from "../errors.js";
import { sha256 } from "../files.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { linkTarget } from "../output-path.js";
import type { Decoder } from "./decoder.js";
import { tokenizerFiles } from "./file-tokenizer.js";

/** Files beside the weights that decide what a decoder computes, and which tokens a text is. */
const names = ["config.json", "generation_config.json", ...tokenizerFiles] as const;

/** Those of them that a checkpoint's folder has. */
export function settingsFiles(folder: string): string[] {
  return names.map((name) => join(folder, name)).filter((path) => existsSync(path));
}

/**
 * SHA-256 of what decides a decoder's numbers beside its weights: the settings that were read, and how turns are
 * rounded. For provenance: without it, other networks with the same weights look the same.
 */
export function settingsSha256({ config, source }: Pick<Decoder, "config" | "source">): string {
  const settings = { config, turns: source.turns } as unknown as JsonObject;
  return sha256(new TextEncoder().encode(canonicalJson(settings)));
}

/**
 * @param files those with the weights of the checkpoint in the folder `from`
 * @throws FileError where a file of the checkpoint would be replaced
 */
export function checkNotOwn(from: string, path: string, files: readonly { readonly name: string }[]): void {
  const weights = [...files.map(({ name }) => name), "model.safetensors.index.json"].map((name) => join(from, name));
  const target = linkTarget(path);
  if ([...weights, ...settingsFiles(from)].some((own) => linkTarget(own) === target)) {
    throw new FileError(path, "is a file of the checkpoint that is read; give the output another name");
  }
}
