import type { KernelBackend, NamedAttrMap, NamedTensorInfoMap, Tensorflow, TensorInfo } from "./tensorflow.js";

type Pair = readonly [number, number];
type Pads = readonly [Pair, Pair, Pair, Pair];

interface Convolution {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

const supplied = new WeakSet<Tensorflow>();

/**
 * Mends the WebAssembly backend of TensorFlow.js 4.22, which can compute a network but not train one of convolutions,
 * out of kernels that it has:
 *
 * - the gradient of a convolution's filter, which it lacks, is a convolution of the inputs with the outputs' gradient,
 *   batch and channels having changed places;
 * - a transposed convolution whose kernel is a multiple of its stride, five times faster: an ordinary convolution that
 *   computes all stride x stride phases of the output as channels, which are then put in their places;
 * - products of transposed matrices, ten times faster: transposed first.
 *
 * Results are the same but for the rounding of sums in another order.
 */
export function supplyWasmKernels(tf: Tensorflow): void {
  if (supplied.has(tf)) return;
  supplied.add(tf);
  register(tf, "Conv2DBackpropFilter", (kernels, { x, dy }, attrs) => filterGradient(tf, kernels, x, dy, attrs));
  replace(tf, "Conv2DBackpropInput", (kernels, { dy, filter }, attrs) => phases(tf, kernels, dy, filter, attrs));
  replace(tf, "BatchMatMul", (kernels, { a, b }, attrs) => transposedFirst(kernels, a, b, attrs));
}

/** Runs kernels of the backend; what they return is disposed of at the end, except for the result. */
interface Kernels {
  (name: string, inputs: Inputs, attrs: object): TensorInfo;
  /** Integers that a kernel takes. */
  indices(values: readonly number[]): TensorInfo;
}
type Inputs = Readonly<Record<string, TensorInfo>>;
type Composed = (kernels: Kernels, inputs: Inputs, attrs: NamedAttrMap) => TensorInfo | undefined;

function composition(tf: Tensorflow, compose: Composed) {
  return (inputs: NamedTensorInfoMap, attrs: NamedAttrMap, backend: KernelBackend): TensorInfo | undefined => {
    const made: TensorInfo[] = [];
    const keep = (info: TensorInfo) => {
      made.push(info);
      return info;
    };
    const run = (name: string, parts: Inputs, options: object) => {
      const kernel = tf.getKernel(name, "wasm");
      return keep(kernel.kernelFunc({ inputs: parts, attrs: options as NamedAttrMap, backend }) as TensorInfo);
    };
    const indices = (values: readonly number[]) => {
      const shape = [values.length];
      return keep({ dataId: backend.write(Int32Array.from(values), shape, "int32"), shape, dtype: "int32" });
    };
    const result = compose(Object.assign(run, { indices }), inputs as Inputs, attrs);
    for (const info of made) if (info !== result) backend.disposeData(info.dataId);
    return result;
  };
}

function register(tf: Tensorflow, kernelName: string, compose: Composed): void {
  const run = composition(tf, compose);
  tf.registerKernel({
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs, backend }) =>
      run(inputs, attrs as NamedAttrMap, backend as KernelBackend) as TensorInfo,
  });
}

/** The backend's own kernel stays in use for what a composition leaves alone. */
function replace(tf: Tensorflow, kernelName: string, compose: Composed): void {
  const own = tf.getKernel(kernelName, "wasm");
  const run = composition(tf, compose);
  tf.unregisterKernel(kernelName, "wasm");
  tf.registerKernel({
    ...own,
    kernelFunc: (params) =>
      run(params.inputs, params.attrs as NamedAttrMap, params.backend as KernelBackend) ?? own.kernelFunc(params),
  });
}

/** `[filter height, filter width, in, out]`: sum over images and places of x at the tap times dy. */
function filterGradient(tf: Tensorflow, run: Kernels, x: TensorInfo, dy: TensorInfo, attrs: NamedAttrMap): TensorInfo {
  const { strides, pad, dimRoundingMode, filterShape } = attrs as unknown as FilterAttributes;
  const shape = x.shape as [number, number, number, number];
  const c = tf.backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad, dimRoundingMode) as Convolution;
  const images = run("Transpose", { x }, { perm: [3, 1, 2, 0] }); // [in, height, width, images]
  const filter = run("Transpose", { x: dy }, { perm: [1, 2, 0, 3] }); // [height, width, images, out]
  const reach = (taps: number, out: number, stride: number) => taps + stride * (out - 1);
  const bottom = reach(c.filterHeight, c.outHeight, c.strideHeight) - c.inHeight - c.padInfo.top;
  const right = reach(c.filterWidth, c.outWidth, c.strideWidth) - c.inWidth - c.padInfo.left;
  const pads: Pads = [
    [0, 0],
    [c.padInfo.top, Math.max(0, bottom)],
    [c.padInfo.left, Math.max(0, right)],
    [0, 0],
  ];
  const dilations = [c.strideHeight, c.strideWidth];
  const taps = convolved(run, images, filter, pads, dilations);
  const size = [c.inChannels, c.filterHeight, c.filterWidth, c.outChannels];
  // Rows at the bottom that no window reached give taps beyond the filter's.
  const used = bottom < 0 || right < 0 ? run("Slice", { x: taps }, { begin: [0, 0, 0, 0], size }) : taps;
  return run("Transpose", { x: used }, { perm: [1, 2, 0, 3] });
}

/** A transposed convolution as one of all phases; undefined where the kernel is no multiple of the stride. */
function phases(
  tf: Tensorflow,
  run: Kernels,
  dy: TensorInfo,
  filter: TensorInfo,
  attrs: NamedAttrMap,
): TensorInfo | undefined {
  const { strides, pad, dimRoundingMode, inputShape } = attrs as unknown as InputAttributes;
  const filterShape = filter.shape as [number, number, number, number];
  const c = tf.backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode) as Convolution;
  const [sy, sx] = [c.strideHeight, c.strideWidth];
  const [ty, tx] = [c.filterHeight / sy, c.filterWidth / sx]; // taps of each phase
  const rows = c.outHeight + ty - 1;
  const columns = c.outWidth + tx - 1;
  const covered = rows * sy >= c.padInfo.top + c.inHeight && columns * sx >= c.padInfo.left + c.inWidth;
  if (!Number.isInteger(ty) || !Number.isInteger(tx) || !covered) return undefined;

  const channels = c.inChannels;
  const taps = tapsByPhase(run, filter, [ty, tx], [sy, sx]);
  const pads: Pads = [
    [0, 0],
    [ty - 1, ty - 1],
    [tx - 1, tx - 1],
    [0, 0],
  ];
  const all = convolved(run, dy, taps, pads, [1, 1]); // [images, rows, columns, sy sx channels]
  const images = inputShape[0];
  const parts = reshaped(run, all, [images * rows, columns, sy, sx * channels]);
  const placed = run("Transpose", { x: parts }, { perm: [0, 2, 1, 3] });
  const whole = reshaped(run, placed, [images, rows * sy, columns * sx * channels]);
  const cropped = run(
    "Slice",
    { x: whole },
    { begin: [0, c.padInfo.top, c.padInfo.left * channels], size: [images, c.inHeight, c.inWidth * channels] },
  );
  return reshaped(run, cropped, [images, c.inHeight, c.inWidth, channels]);
}

/**
 * The taps of a filter `[ty sy, tx sx, in, out]` for all phases at once, `[ty, tx, out, sy sx in]`, in reverse order:
 * rows are put in order first, then each is transposed, since a transpose of many axes takes ten times as long.
 */
function tapsByPhase(run: Kernels, filter: TensorInfo, [ty, tx]: Pair, [sy, sx]: Pair): TensorInfo {
  const [, , inputs, outputs] = filter.shape;
  const order: number[] = [];
  for (let y = ty - 1; y >= 0; y--) {
    for (let x = tx - 1; x >= 0; x--) {
      for (let py = 0; py < sy; py++) for (let px = 0; px < sx; px++) order.push((y * sy + py) * tx * sx + x * sx + px);
    }
  }
  const rows = reshaped(run, filter, [order.length, inputs * outputs]);
  const indices = run.indices(order);
  const ordered = run("GatherV2", { x: rows, indices }, { axis: 0, batchDims: 0 });
  const blocks = reshaped(run, ordered, [ty * tx, sy * sx * inputs, outputs]);
  const turned = run("Transpose", { x: blocks }, { perm: [0, 2, 1] });
  return reshaped(run, turned, [ty, tx, outputs, sy * sx * inputs]);
}

/** A product of matrices of which one is to be transposed; undefined where none is, or where they are batches. */
function transposedFirst(run: Kernels, a: TensorInfo, b: TensorInfo, attrs: NamedAttrMap): TensorInfo | undefined {
  const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
  const matrix = ({ shape }: TensorInfo) => shape.length === 2 || (shape.length === 3 && shape[0] === 1);
  if (!(transposeA || transposeB) || !matrix(a) || !matrix(b)) return undefined;
  const turned = (x: TensorInfo) => run("Transpose", { x }, { perm: x.shape.length === 2 ? [1, 0] : [0, 2, 1] });
  const left = transposeA ? turned(a) : a;
  const right = transposeB ? turned(b) : b;
  return run("BatchMatMul", { a: left, b: right }, { transposeA: false, transposeB: false });
}

function convolved(run: Kernels, x: TensorInfo, filter: TensorInfo, pad: Pads, dilations: readonly number[]) {
  return run("Conv2D", { x, filter }, { strides: [1, 1], pad, dataFormat: "NHWC", dilations });
}

function reshaped(run: Kernels, x: TensorInfo, shape: readonly number[]): TensorInfo {
  return run("Reshape", { x }, { shape });
}

interface FilterAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly filterShape: [number, number, number, number];
}

interface InputAttributes extends Omit<FilterAttributes, "filterShape"> {
  readonly inputShape: [number, number, number, number];
}
