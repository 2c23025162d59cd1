import { fromBase64 } from "../../packed-arrays.js";

const compiled = new Map<string, WebAssembly.Module>();

/** A function of SIMD alone: a browser without it does not take it for valid. */
const simd = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
];

/** Compiles the kernels that are in the page. @throws Error where the browser has no WebAssembly, or none with SIMD */
export async function loadKernels(): Promise<void> {
  const works = typeof WebAssembly === "object" && WebAssembly.validate(Uint8Array.from(simd));
  if (!works) throw new Error("this browser has no WebAssembly with SIMD, with which it computes");
  for (const { id, textContent } of document.querySelectorAll('script[type="application/wasm"]')) {
    compiled.set(id, await WebAssembly.compile(fromBase64(textContent ?? "").slice().buffer));
  }
}

/** What `src/compiled-kernel.ts` is in Node: a kernel of the package by its name. */
export function compiledKernel(name: string): WebAssembly.Module {
  const kernel = compiled.get(name);
  if (!kernel) throw new Error(`the kernel ${name} is not in this page`);
  return kernel;
}
