import { inflateSync } from "fflate";
import type { OnnxNumbers } from "../../../networks/onnx/types.js";
import { fromBase64 } from "../../packed-arrays.js";
import { textOf } from "../kit/start.js";

/** A tensor of ONNX Runtime. */
export interface RuntimeTensor {
  readonly data: OnnxNumbers;
  readonly dims: readonly number[];
}

/** A model that is ready to be run. */
export interface RuntimeSession {
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Readonly<Record<string, RuntimeTensor>>>;
}

/** What is used of onnxruntime-web, whose script stands in the page before this one. */
interface WebRuntime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<RuntimeSession> };
  readonly Tensor: new (type: string, data: OnnxNumbers, dims: readonly number[]) => RuntimeTensor;
  readonly env: {
    logLevel?: string;
    readonly wasm: { numThreads?: number; proxy?: boolean; wasmBinary?: ArrayBuffer };
  };
}

declare const shapleyModesRuntime: WebRuntime;

/** Makes a tensor. */
export function tensor(type: string, data: OnnxNumbers, dims: readonly number[]): RuntimeTensor {
  return new shapleyModesRuntime.Tensor(type, data, dims);
}

/** Starts ONNX Runtime with the WebAssembly that is in the page: on one thread, and asking for nothing. */
export function startRuntime(): void {
  const { env } = shapleyModesRuntime;
  env.logLevel = "fatal";
  env.wasm.numThreads = 1;
  env.wasm.proxy = false;
  env.wasm.wasmBinary = inflateSync(fromBase64(textOf("runtime"))).slice().buffer;
}

/** A model from its bytes. @throws Error where ONNX Runtime for browsers lacks one of its operators */
export function session(model: Uint8Array): Promise<RuntimeSession> {
  return shapleyModesRuntime.InferenceSession.create(model, { executionProviders: ["wasm"] });
}
