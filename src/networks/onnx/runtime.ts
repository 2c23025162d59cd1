import { FileError, MissingPartError, oneOf } from "../../errors.js";
import { nativeCall } from "../../native-calls.js";
import { type Model, writeModel } from "./messages.js";
import { withSafeNames } from "./safe-names.js";
import { type OnnxNumbers, typeName } from "./types.js";

/** What is used of onnxruntime-node, which may be absent. */
interface OnnxRuntime {
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<NativeSession> };
  readonly Tensor: new (type: string, data: OnnxNumbers, dims: readonly number[]) => OnnxTensor;
  readonly env?: { logLevel?: string };
  listSupportedBackends?(): readonly { readonly name: string; readonly bundled: boolean }[];
}
interface NativeSession {
  readonly outputMetadata: readonly { readonly name: string; readonly isTensor: boolean; readonly type?: string }[];
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
  /**
   * What the outputs of a model are, as ONNX Runtime infers it: `float32`, `bfloat16`, ... as in `typeName`, or
   * undefined for what is no tensor (a sequence, a map, an optional). Nothing is computed.
   *
   * @throws FileError as `session` does
   */
  types(model: Model): Promise<Map<string, string | undefined>>;
}

/** Bytes that ONNX Runtime, or protobuf in it, takes of a model. */
const mostBytes = 2 ** 31 - 1;

/**
 * Loads onnxruntime-node on first use.
 *
 * @param path how errors call the model
 * @throws MissingPartError where it is not installed; RangeError for a provider that there is not
 */
export async function loadRuntime(path: string, options: RuntimeOptions): Promise<Runtime> {
  const runtime = await nativeCall(importRuntime);
  const providers = options.providers ?? ["cpu"];
  const known = runtime.listSupportedBackends?.().map(({ name }) => name);
  if (known) for (const provider of providers) oneOf("ONNX Runtime provider", known, provider);
  const settings = {
    executionProviders: providers,
    logSeverityLevel: 4,
    ...(options.threads !== undefined && { intraOpNumThreads: options.threads }),
  };
  const onProcessor = { executionProviders: ["cpu"], logSeverityLevel: 4, graphOptimizationLevel: "disabled" };

  function bytesOfModel(model: Model): Uint8Array {
    const bytes = writeModel(model);
    if (bytes.byteLength <= mostBytes) return bytes;
    throw new FileError(
      path,
      `takes ${bytes.byteLength} bytes with its weights, and ONNX Runtime takes less than 2 GB`,
    );
  }
  async function create(bytes: Uint8Array, how: object): Promise<NativeSession> {
    try {
      return await nativeCall(() => runtime.InferenceSession.create(bytes, how));
    } catch (cause) {
      const missing = how === settings ? await missingProvider(cause as Error) : undefined;
      throw missing ?? creationError(path, cause as Error);
    }
  }
  /** The error for a provider that runs no model at all; undefined where the model is to blame. */
  async function missingProvider(cause: Error): Promise<Error | undefined> {
    if (providers.every((provider) => provider === "cpu")) return undefined;
    try {
      const session = await nativeCall(() => runtime.InferenceSession.create(writeModel(smallestModel), settings));
      await nativeCall(() => session.release());
      return undefined;
    } catch {
      return providerError(providers, cause, runtime);
    }
  }
  return {
    tensor: (type, data, dims) => new runtime.Tensor(type, data, dims),
    async session(model) {
      const safe = withSafeNames(model);
      const native = await create(bytesOfModel(safe.model), settings);
      return {
        run: async (feeds) => safe.results(await nativeCall(() => native.run(feeds))),
        // Of a thread that ends, sessions go with it.
        dispose: () => void nativeCall(() => native.release()).catch(() => {}),
      };
    },
    async types(model) {
      const bytes = bytesOfModel(model);
      try {
        const native = await create(bytes, onProcessor);
        const types = native.outputMetadata.map(
          ({ name, isTensor, type }) => [name, isTensor ? type : undefined] as const,
        );
        await nativeCall(() => native.release());
        return new Map(types);
      } catch (error) {
        const unknown = /Unsupported data type/.test((error as { cause?: Error }).cause?.message ?? "");
        const types = unknown && (await nativeCall(() => typesByCode(bytes, onProcessor)));
        if (!types) throw error;
        return types;
      }
    },
  };
}

/**
 * The same from ONNX Runtime's native part, by its codes: onnxruntime-node has no names for bfloat16 and some others,
 * and makes no session with such an output. Undefined for a version of it that is made otherwise.
 */
async function typesByCode(bytes: Uint8Array, settings: object): Promise<Map<string, string | undefined> | undefined> {
  const specifier = "onnxruntime-node/dist/binding.js";
  const module = await import(specifier).catch(() => undefined);
  const binding = (module?.binding ?? module?.default?.binding) as { InferenceSession: new () => Bound } | undefined;
  if (!binding) return undefined;
  const session = new binding.InferenceSession();
  session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, settings);
  const types = session.outputMetadata.map(({ name, isTensor, type }) => {
    // ONNX Runtime counts as ONNX does, but has no float8e8m0, ONNX's 24.
    return [name, isTensor ? typeName(type < 24 ? type : type + 1) : undefined] as const;
  });
  session.dispose();
  return new Map(types);
}

/** A session of ONNX Runtime's native part. */
interface Bound {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, settings: object): void;
  readonly outputMetadata: readonly { readonly name: string; readonly isTensor: boolean; readonly type: number }[];
  dispose(): void;
}

async function importRuntime(): Promise<OnnxRuntime> {
  const specifier = "onnxruntime-node";
  // Else it tries to report its use to its maker over the network, and leaves files of that in the home folder.
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
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

/** A model that every provider runs. */
const smallestModel: Model = {
  irVersion: 7,
  opsetImport: [{ domain: "", version: 13 }],
  graph: {
    name: "same",
    node: [{ opType: "Identity", input: ["x"], output: ["y"] }],
    input: [{ name: "x", type: { tensorType: { elemType: 1 } } }],
    output: [{ name: "y", type: { tensorType: { elemType: 1 } } }],
  },
};

function providerError(providers: readonly string[], cause: Error, runtime: OnnxRuntime): Error {
  if (/adapter/i.test(cause.message) && /webgpu/i.test(cause.message)) {
    const remedy = "it finds no graphics card; install the card's Vulkan driver (Debian: mesa-vulkan-drivers)";
    return new MissingPartError("the ONNX Runtime provider webgpu", remedy, { cause });
  }
  const there = (runtime.listSupportedBackends?.() ?? []).filter(({ bundled }) => bundled).map(({ name }) => name);
  const remedy = `this installation has ${there.join(", ") || "cpu"}; for cuda install its libraries with: ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js`;
  return new MissingPartError(`one of the ONNX Runtime providers ${providers.join(", ")}`, remedy, { cause });
}

/** As much as is said of what ONNX Runtime says: it may name all of a graph. */
const longestText = 600;

/** What ONNX Runtime says of a model that it does not take or can not run, in one line. */
export function creationError(path: string, cause: Error): Error {
  const text = cause.message.replace(/\s+/g, " ").trim().slice(0, longestText);
  const operator = unknownOperator.map((pattern) => pattern.exec(text)?.[1]).find((name) => name !== undefined);
  const problem = operator
    ? `has an operator that ONNX Runtime lacks: ${operator}`
    : `can not be run by ONNX Runtime (${text})`;
  return new FileError(path, problem, { cause });
}
