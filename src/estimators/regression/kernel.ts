/**
 * A kernel of this folder, compiled. Undefined where there are no files to read, as in a browser: loops in TypeScript
 * with the same bits then do its work.
 */
export function compiledKernel(name: string): WebAssembly.Module | undefined {
  const files = globalThis.process?.getBuiltinModule?.("node:fs");
  if (!files) return undefined;
  // This module runs from src/ or dist/; kernels are in dist/.
  const file = new URL(`../../../dist/estimators/regression/${name}.wasm`, import.meta.url);
  return new WebAssembly.Module(files.readFileSync(file));
}
