import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

/** Whether a path is a folder such as language models have, with a config.json: no file that a network is read from. */
export function isDecoderFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true && existsSync(join(path, "config.json"));
}
