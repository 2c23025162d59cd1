import { compiledKernel } from "../compiled-kernel.js";
import { invalid } from "../errors.js";
import type { LogitParts } from "./logit-walk.js";
import type { ClassifierState, Labels } from "./scores.js";
import { kernelSoftmax, type SoftmaxKernel, softmaxBytes } from "./softmax.js";
import { wasmLogitWalk } from "./wasm-logit-walk.js";

/** A layer behind the first lesioned one, the last being the logits. */
export interface DenseWalkLayer {
  readonly units: number;
  /** Whether its units are lesioned and come back; else they are always intact. */
  readonly lesioned: boolean;
  /** `[units, units of the layer before]` */
  readonly weights: Float32Array;
  /** Sums where all lesioned units of the layer before are lesioned and its others say 0, `[units]`. */
  readonly base: Float32Array;
  /** What each unit says when it is lesioned; 0 in a layer that is not, `[units]`. */
  readonly constants: Float32Array;
  /** Slope below 0 of its leaky ReLU; the logits have none. */
  readonly negativeSlope: number;
}

/** What is needed to lesion units of one or several layers of dense layers. */
export interface DenseParts extends Labels {
  /** Units of the first lesioned layer. */
  readonly units: number;
  /** What its units say intact minus what they say lesioned, `[units, inputs]`. */
  readonly differences: Float32Array;
  /** The layers behind it. */
  readonly layers: readonly DenseWalkLayer[];
}

/** Logits and predictions while units of several layers come back one by one. Layer 0 is the first lesioned one. */
export interface DenseWalk extends ClassifierState {
  /** Makes exactly these units of each layer intact; lists of layers that are not lesioned are not looked at. */
  set(intact: readonly (readonly number[])[]): void;
  /** Brings one unit of a lesioned layer back. */
  add(layer: number, unit: number): void;
}

interface Kernel extends SoftmaxKernel {
  readonly memory: WebAssembly.Memory;
  dense(...numbers: [...rows: Span, ...columns: Span, weights: number, base: number, ...rest: LayerPointers]): void;
  add(...numbers: [...rows: Span, unit: number, weights: number, ...rest: LayerPointers]): void;
  answer(sums: number, logits: number, predictions: number, classes: number, tiles: number): void;
  count(predictions: number, labels: number, predicted: number, correct: number, stride: number, classes: number): void;
}
type Span = [pointer: number, count: number];
type LayerPointers = [
  ...[lesioned: number, slope: number, from: number, fromUnits: number],
  ...[sums: number, says: number, units: number, tiles: number],
];

const pageBytes = 65_536;
/** Inputs that the kernel takes at a time. */
const tile = 16;
/** What fills the last tile. Its predictions are taken out of the counts again. */
const paddingLabel = 255;

/**
 * The walk over one or several lesioned layers. @throws RangeError where they do not fit in the memory of WebAssembly
 */
export function denseWalk(parts: DenseParts): DenseWalk {
  return parts.layers.length === 1 ? lastLayerWalk(parts) : severalLayersWalk(parts);
}

/** Nothing is behind the last hidden layer but the logits: what each of its units adds to them. */
export function logitParts({ layers: [{ base, weights }], ...parts }: DenseParts): LogitParts {
  const { units, classes } = parts;
  const byUnit = weights.map((_, i) => weights[(i % classes) * units + Math.floor(i / classes)]);
  return { ...parts, base, weights: byUnit };
}

function lastLayerWalk(parts: DenseParts): DenseWalk {
  const walk = wasmLogitWalk(logitParts(parts));
  return {
    ...walk,
    set: ([intact]) => walk.set(intact),
    add: (_layer, unit) => walk.add(unit),
  };
}

/**
 * The walk where layers with activations are behind the first lesioned one, on WebAssembly SIMD. When a unit comes
 * back, the layer behind it gets a rank-1 update, and only the layers behind that are computed again, from the intact
 * units alone and for the intact units alone. A unit whose own inputs changed while it was lesioned is computed when it
 * comes back.
 *
 * @throws RangeError where network and inputs do not fit in 4 GB, or there are more than 256 classes
 */
function severalLayersWalk(parts: DenseParts): DenseWalk {
  const { inputs, labels, classes } = parts;
  const tiles = Math.ceil(inputs / tile);
  if (classes > 256) throw invalid("network", "at most 256 classes (the kernel keeps predictions in bytes)", classes);
  const stride = tiles * tile;

  let end = pageBytes; // the first page is the kernel's own; every array starts at a multiple of 16 bytes
  const place = (numbers: number): number => {
    const start = end;
    end += Math.ceil(numbers / 4) * 16;
    return start;
  };
  const layers = [{ units: parts.units, lesioned: true }, ...parts.layers].map(({ units, lesioned }, l) => ({
    units,
    lesioned,
    last: l === parts.layers.length,
    behind: parts.layers[l - 1],
    count: 0,
    intact: place(units),
    row: place(1),
    says: place(units * stride),
    sums: l === 0 ? 0 : place(units * stride),
    weights: l === 0 ? 0 : place(parts.layers[l - 1].weights.length),
    base: place(units),
    constants: place(units),
  }));
  const at = {
    logits: place(classes * stride),
    predictions: place(stride / 4),
    labels: place(stride / 4),
    predicted: place(classes),
    correct: place(classes),
    softmax: place(softmaxBytes(stride, classes) / 4),
  };
  if (end > 65_535 * pageBytes) {
    throw invalid("inputs", "so few that the activations of the lesioned layers and those behind fit in 4 GB", inputs);
  }

  const kernel = instantiate();
  const missing = Math.ceil((end - kernel.memory.buffer.byteLength) / pageBytes);
  if (missing > 0) kernel.memory.grow(missing);
  const { buffer } = kernel.memory;
  const floats = (start: number, length: number) => new Float32Array(buffer, start, length);
  const lists = layers.map(({ intact, units }) => new Uint32Array(buffer, intact, units));
  const rows = layers.map(({ row }) => new Uint32Array(buffer, row, 1));
  for (const { weights, base, constants, behind } of layers.slice(1)) {
    floats(weights, behind.weights.length).set(behind.weights);
    floats(base, behind.base.length).set(behind.base);
    floats(constants, behind.constants.length).set(behind.constants);
  }
  const first = floats(layers[0].says, parts.units * stride);
  for (let unit = 0; unit < parts.units; unit++) {
    for (let b = 0; b < inputs; b++) {
      const t = Math.floor(b / tile);
      first[(t * parts.units + unit) * tile + (b - t * tile)] = parts.differences[unit * inputs + b];
    }
  }

  const predictions = new Uint8Array(buffer, at.predictions, stride);
  const predicted = new Int32Array(buffer, at.predicted, classes);
  const correct = new Int32Array(buffer, at.correct, classes);
  const padded = new Uint8Array(buffer, at.labels, stride).fill(paddingLabel);
  if (labels) padded.set(labels);

  const rest = (l: number): LayerPointers => {
    const { constants, behind, sums, says, units, last } = layers[l];
    const before = layers[l - 1];
    return [constants, behind.negativeSlope, before.says, before.units, sums, last ? 0 : says, units, tiles];
  };
  const pointers = layers.map((_, l) => (l === 0 ? undefined : rest(l)) as LayerPointers);
  /** Sums of some units of a layer from the intact units of the layer before. */
  const compute = (l: number, list: number, count: number): void => {
    const before = layers[l - 1];
    const { weights, base } = layers[l];
    kernel.dense(list, count, before.intact, before.count, weights, base, ...pointers[l]);
  };

  function answer(): void {
    kernel.answer(layers[layers.length - 1].sums, at.logits, at.predictions, classes, tiles);
    kernel.count(at.predictions, at.labels, at.predicted, at.correct, stride, classes);
    for (let b = inputs; b < stride; b++) {
      predicted[predictions[b]]--;
      if (predictions[b] === paddingLabel) correct[paddingLabel]--;
    }
  }

  return {
    logits: floats(at.logits, classes * stride),
    stride,
    predicted,
    correct,
    softmax: kernelSoftmax(kernel, buffer, { inputs, stride, classes }, at),
    set(intact) {
      layers.forEach((layer, l) => {
        const list = layer.lesioned ? intact[l] : Array.from({ length: layer.units }, (_, unit) => unit);
        lists[l].set(list);
        layer.count = list.length;
        if (l > 0) compute(l, layer.intact, layer.count);
      });
      answer();
    },
    add(l, unit) {
      const layer = layers[l];
      if (l > 0) {
        rows[l][0] = unit;
        compute(l, layer.row, 1);
      }
      lists[l][layer.count++] = unit;
      const next = layers[l + 1];
      kernel.add(next.intact, next.count, unit, next.weights, ...pointers[l + 1]);
      for (let after = l + 2; after < layers.length; after++) compute(after, layers[after].intact, layers[after].count);
      answer();
    },
  };
}

function instantiate(): Kernel {
  return new WebAssembly.Instance(compiledKernel("lesion/dense-walk")).exports as unknown as Kernel;
}
