import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Folder of this package: where data/, kernels/ and notebooks/ are, whether it runs from src/ or dist/. */
export const packageRoot: string = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * URL of a module of this package as it is built, for threads, which make a game again from it:
 * `builtModule("games/part")`.
 */
export function builtModule(name: string): string {
  return pathToFileURL(join(packageRoot, "dist", `${name}.js`)).href;
}
