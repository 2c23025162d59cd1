import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of this package: where data/, kernels/ and notebooks/ are, whether it runs from src/ or dist/. */
export const packageRoot: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** Version of this package, as provenance states it. */
export const packageVersion: string = (
  JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string }
).version;
