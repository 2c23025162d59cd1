import { createRequire } from "node:module";
import { available } from "./optional.js";

/** Whether ONNX Runtime, an optional part, is installed. */
export const onnxRuntime = available("ONNX Runtime", attempt("onnxruntime-node"));

/** Whether ONNX Runtime for browsers is. */
export const hasRuntimeWeb = (): boolean => available("ONNX Runtime for browsers", attempt("onnxruntime-web/wasm"));

function attempt(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
