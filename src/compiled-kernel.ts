import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package.js";

const compiled = new Map<string, WebAssembly.Module>();

/**
 * A WebAssembly kernel of this package, compiled once: `compiledKernel("lesion/dense-walk")` is what
 * `src/lesion/dense-walk.as.ts` was built to. In a live page another module of this name stands in its place
 * (`src/pages/browser/compiled-kernel.ts`).
 */
export function compiledKernel(name: string): WebAssembly.Module {
  const kernel = compiled.get(name) ?? new WebAssembly.Module(readFileSync(join(packageRoot, "dist", `${name}.wasm`)));
  compiled.set(name, kernel);
  return kernel;
}
