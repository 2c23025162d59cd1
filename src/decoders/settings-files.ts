import { existsSync } from "node:fs";
import { join } from "node:path";
import { tokenizerFiles } from "./file-tokenizer.js";

/** Files beside the weights that decide what a decoder computes, and which tokens a text is. */
const names = ["config.json", "generation_config.json", ...tokenizerFiles] as const;

/** Those of them that a checkpoint's folder has. */
export function settingsFiles(folder: string): string[] {
  return names.map((name) => join(folder, name)).filter((path) => existsSync(path));
}
