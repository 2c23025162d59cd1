import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { MissingPartError } from "../errors.js";
import { toBase64 } from "./packed-arrays.js";

/** ONNX Runtime for browsers, as a page holds it. */
export interface RuntimeWeb {
  /** A script that sets `shapleyModesRuntime`, and loads nothing. */
  readonly script: string;
  /** Its WebAssembly, deflated, in base64. */
  readonly wasm: string;
}

let read: RuntimeWeb | undefined;

/**
 * The build for processors: of those that the package has the smallest, 14 MB, and the script that holds all that goes
 * with it.
 */
const files = { script: "ort.wasm.bundle.min.mjs", wasm: "ort-wasm-simd-threaded.wasm" };

/**
 * ONNX Runtime for browsers from the installed package onnxruntime-web: its WebAssembly with SIMD, used with one
 * thread.
 *
 * @throws MissingPartError where it is not installed, or of a version whose files are others
 */
export function runtimeWeb(): RuntimeWeb {
  if (read) return read;
  const missing = (cause?: unknown) =>
    new MissingPartError("ONNX Runtime for browsers", "install it with: npm install onnxruntime-web@1.30", { cause });
  let folder: string;
  let module: string;
  let wasm: Uint8Array;
  try {
    folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-web/wasm"));
    module = readFileSync(join(folder, files.script), "utf8");
    wasm = readFileSync(join(folder, files.wasm));
  } catch (cause) {
    throw missing(cause);
  }
  read = { script: asScript(module, missing), wasm: toBase64(deflateRawSync(wasm, { level: 9 })) };
  return read;
}

/**
 * A module as a script that can stand in a page: its exports become a global value. It has no address in a page, and
 * needs none, since it is told its WebAssembly.
 */
function asScript(module: string, missing: () => Error): string {
  const exported = /export\s*\{([^{}]*)\};?\s*(?:\/\/# sourceMappingURL=\S*\s*)?$/.exec(module);
  if (!exported || /<\/script/i.test(module)) throw missing();
  const names = exported[1].split(",").map((part) => {
    const [own, other = own] = part.trim().split(/\s+as\s+/);
    return `${JSON.stringify(other)}:${own}`;
  });
  const body = module.slice(0, exported.index).replaceAll("import.meta.url", '"https://page.invalid/"');
  return `(()=>{${body}\nglobalThis.shapleyModesRuntime={${names.join(",")}};})();`;
}
