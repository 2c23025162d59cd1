import type { DataTypeMap, KernelBackend, NamedAttrMap, Tensorflow, TensorInfo } from "./tensorflow.js";

type Inputs = Readonly<Record<string, TensorInfo>>;
type Values = DataTypeMap["float32" | "int32" | "bool"];

const holdsBooleans = (inputs: Inputs) => Object.values(inputs).some((input) => input?.dtype === "bool");

/** Whether a shape, but for leading ones, is the end of another. */
function isEndOf(shape: readonly number[], whole: readonly number[]): boolean {
  const first = shape.findIndex((length) => length !== 1);
  const end = first < 0 ? [] : shape.slice(first);
  return end.length > 0 && String(whole.slice(-end.length)) === String(end);
}

/**
 * Kernels of the WebAssembly backend of TensorFlow.js 4.22 that compute other numbers than TensorFlow does, and when:
 * found by comparing each with the plain one. Some take booleans, which are stored in a byte, for numbers of four, and
 * write over what lies behind.
 */
const inexact: Readonly<Record<string, (inputs: Inputs, attrs: NamedAttrMap) => boolean>> = {
  // The largest of numbers below 0 is the smallest number above 0 there.
  MaxPool3D: () => true,
  Dilation2D: () => true,
  Conv3DBackpropInputV2: () => true,
  // Rows of the batch read each other's places.
  GatherV2: (inputs, { batchDims }) => Number(batchDims ?? 0) > 0 || holdsBooleans(inputs),
  // Whole numbers above 2^24 are rounded; other functions take the bits of whole numbers for those of floating ones.
  ...Object.fromEntries(
    ["Neg", "Elu", "Expm1", "IsFinite", "IsInf", "IsNan", "Tan", "Tanh", "Sigmoid", "Rsqrt", "Sqrt", "Reciprocal"].map(
      (name) => [name, ({ x }: Inputs) => x.dtype !== "float32"],
    ),
  ),
  // A slope for each number of the last axes is right, one that is spread over them is not.
  Prelu: ({ x, alpha }) => !isEndOf(alpha.shape, x.shape),
  _FusedMatMul: (_, { transposeA, transposeB }) => transposeA === true || transposeB === true,
  CropAndResize: (_, { method }) => method === "nearest",
  // Whole numbers come out as floating ones.
  StridedSlice: ({ x }, { strides }) => x.dtype !== "float32" && (strides as number[]).some((stride) => stride !== 1),
  // Its numbers are written as whole ones, whatever they are.
  OneHot: (_, { dtype }) => dtype !== "int32",
  Select: ({ t }) => t.dtype === "bool",
  ...Object.fromEntries(
    ["Reverse", "TopK", "GatherNd", "PadV2", "MirrorPad", "Tile", "Max", "Min", "Transpose"].map((name) => [
      name,
      holdsBooleans,
    ]),
  ),
};

/**
 * Replaces these kernels, where they compute other numbers, by those of plain JavaScript; numbers are made booleans by
 * a comparison.
 */
export function mendWasmKernels(tf: Tensorflow): void {
  castByComparison(tf);
  for (const [kernelName, isInexact] of Object.entries(inexact)) {
    const own = tf.getKernel(kernelName, "wasm");
    const plain = tf.getKernel(kernelName, "cpu");
    if (!own || !plain) continue;
    tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({
      ...own,
      kernelFunc: (params) => {
        const { inputs, attrs, backend } = params;
        if (!isInexact(inputs as Inputs, (attrs ?? {}) as NamedAttrMap)) return own.kernelFunc(params);
        return inPlainJavaScript(
          tf,
          plain.kernelFunc,
          inputs as Inputs,
          attrs as NamedAttrMap,
          backend as KernelBackend,
        );
      },
    });
  }
}

/** By itself the backend takes the last byte of a number, cut to a whole one, for a boolean. */
function castByComparison(tf: Tensorflow): void {
  const own = tf.getKernel("Cast", "wasm");
  const isNot = tf.getKernel("NotEqual", "wasm");
  tf.unregisterKernel("Cast", "wasm");
  tf.registerKernel({
    ...own,
    kernelFunc: (params) => {
      const x = (params.inputs as Inputs).x;
      const { dtype } = params.attrs as NamedAttrMap;
      if (dtype !== "bool" || (x.dtype !== "float32" && x.dtype !== "int32")) return own.kernelFunc(params);
      const backend = params.backend as KernelBackend;
      const values = x.dtype === "int32" ? Int32Array.of(0) : Float32Array.of(0);
      const zero: TensorInfo = { dataId: backend.write(values, [], x.dtype), shape: [], dtype: x.dtype };
      const result = isNot.kernelFunc({ inputs: { a: x, b: zero }, attrs: {}, backend });
      backend.disposeData(zero.dataId);
      return result;
    },
  });
}

type Kernel = NonNullable<ReturnType<Tensorflow["getKernel"]>>["kernelFunc"];

/** Runs a kernel of the plain backend on tensors of another, and gives its results to that one. */
function inPlainJavaScript(
  tf: Tensorflow,
  kernel: Kernel,
  inputs: Inputs,
  attrs: NamedAttrMap,
  backend: KernelBackend,
): TensorInfo | TensorInfo[] {
  const plain = tf.engine().findBackend("cpu") as KernelBackend;
  // Some kernels have inputs that may be left out.
  const given = Object.entries(inputs).filter(([, input]) => input);
  const moved = given.map(([name, { dataId, shape, dtype }]) => {
    const values = backend.readSync(dataId) as Values;
    return [name, { dataId: plain.write(values, shape, dtype), shape, dtype }] as const;
  });
  const results = kernel({ inputs: Object.fromEntries(moved), attrs, backend: plain });
  const list = Array.isArray(results) ? results : [results];
  const handed = list.map(({ dataId, shape, dtype }) => {
    const values = plain.readSync(dataId) as Values;
    return { dataId: backend.write(values, shape, dtype), shape, dtype };
  });
  for (const { dataId } of [...moved.map(([, info]) => info), ...list]) plain.disposeData(dataId);
  return Array.isArray(results) ? handed : handed[0];
}
