import { FileError, MissingPartError, oneOf } from "../../errors.js";
import { nativeCall } from "../../native-calls.js";
import { loadSchema, type Model } from "./schema.js";
import type { OnnxNumbers } from "./types.js";

/** What is used of onnxruntime-node, which may be absent. */
interface OnnxRuntime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<NativeSession> };
  readonly Tensor: new (type: string, data: OnnxNumbers, dims: readonly number[]) => OnnxTensor;
  readonly env?: { logLevel?: string };
  listSupportedBackends?(): readonly { readonly name: string; readonly bundled: boolean }[];
}
interface NativeSession {
  run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>;
  release(): Promise<void>;
}

/** A tensor of ONNX Runtime. */
export interface OnnxTensor {
  readonly type: string;
  readonly data: OnnxNumbers;
  readonly dims: readonly number[];
}

/** How sessions are made. */
export interface RuntimeOptions {
  /** ONNX Runtime's execution providers, best first; default `["cpu"]`. */
  readonly providers?: readonly string[];
  /** Threads of one operator; default ONNX Runtime's own choice. */
  readonly threads?: number;
}

/** A model that is ready to be run. */
export interface Session {
  run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>;
  dispose(): void;
}

/** ONNX Runtime, as this package uses it. */
export interface Runtime {
  tensor(type: string, data: OnnxNumbers, dims: readonly number[]): OnnxTensor;
  /** @throws FileError where the model has an operator that ONNX Runtime lacks, or is not valid */
  session(model: Model): Promise<Session>;
}

/**
 * Loads onnxruntime-node on first use.
 *
 * @param path how errors call the model
 * @throws MissingPartError where it is not installed; RangeError for a provider that there is not
 */
export async function loadRuntime(path: string, options: RuntimeOptions): Promise<Runtime> {
  const runtime = await nativeCall(importRuntime);
  const schema = await loadSchema();
  const providers = options.providers ?? ["cpu"];
  const known = runtime.listSupportedBackends?.().map(({ name }) => name);
  if (known) for (const provider of providers) oneOf("ONNX Runtime provider", known, provider);
  const settings = {
    executionProviders: providers,
    logSeverityLevel: 4,
    ...(options.threads !== undefined && { intraOpNumThreads: options.threads }),
  };
  return {
    tensor: (type, data, dims) => new runtime.Tensor(type, data, dims),
    async session(model) {
      let native: NativeSession;
      try {
        const bytes = schema.ModelProto.encode(model).finish();
        native = await nativeCall(() => runtime.InferenceSession.create(bytes, settings));
      } catch (cause) {
        throw creationError(path, cause as Error, providers, runtime);
      }
      return {
        run: (feeds) => nativeCall(() => native.run(feeds)),
        // Of a thread that ends, sessions go with it.
        dispose: () => void nativeCall(() => native.release()).catch(() => {}),
      };
    },
  };
}

async function importRuntime(): Promise<OnnxRuntime> {
  const specifier = "onnxruntime-node";
  try {
    const module = (await import(specifier)) as OnnxRuntime & { default?: OnnxRuntime };
    const runtime = module.default ?? module;
    if (runtime.env) runtime.env.logLevel = "fatal"; // errors are thrown; they need not be written to stderr as well
    return runtime;
  } catch (cause) {
    throw new MissingPartError("ONNX Runtime", "install it with: npm install onnxruntime-node@1.30", { cause });
  }
}

/** What ONNX Runtime says of an operator that it does not have; the first group is the operator's name. */
const unknownOperator = [
  /No Op registered for (\S+)/,
  /(\S+)\(-?\d+\) is not a registered function\/op/,
  /Could not find an implementation for (\S+?)\(/,
];

function creationError(path: string, cause: Error, providers: readonly string[], runtime: OnnxRuntime): Error {
  const text = cause.message;
  if (/adapter/i.test(text) && /webgpu/i.test(text)) {
    const remedy = "it finds no graphics card; install the card's Vulkan driver (Debian: mesa-vulkan-drivers)";
    return new MissingPartError("the ONNX Runtime provider webgpu", remedy, { cause });
  }
  if (/backend not found|ExecutionProvider|Failed to load shared library/.test(text)) {
    const there = (runtime.listSupportedBackends?.() ?? []).filter(({ bundled }) => bundled).map(({ name }) => name);
    const remedy = `this installation has ${there.join(", ") || "cpu"}; for cuda install its libraries with: ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js`;
    return new MissingPartError(`one of the ONNX Runtime providers ${providers.join(", ")}`, remedy, { cause });
  }
  const operator = unknownOperator.map((pattern) => pattern.exec(text)?.[1]).find((name) => name !== undefined);
  const problem = operator
    ? `has an operator that ONNX Runtime lacks: ${operator}`
    : `can not be run by ONNX Runtime (${text})`;
  return new FileError(path, problem, { cause });
}
