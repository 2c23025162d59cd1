import { type Channels, type Layout, reshaped } from "../../channels.js";
import type { Layer } from "../inner-layers.js";

/** A weight of a layer. */
export interface LayerWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a rule is told of a layer. */
export interface SeenLayer {
  readonly layer: Layer;
  readonly called: string;
  readonly channels: Channels;
  /** Layouts of its inputs; undefined where nothing is known. */
  readonly inputs: readonly (Layout | undefined)[];
  /** Shapes of its inputs and of its output for one row, a 1 for the rows; null where a size is open. */
  readonly shapes: readonly (readonly (number | null)[])[];
  readonly output: readonly (number | null)[];
  readonly weights: readonly LayerWeight[];
  /** What the layer, which works place by place, makes of constants; NaN where an input is none. */
  evaluated(inputs: readonly Layout[]): Float32Array;
}

/** Places of an axis of a weight that stay. */
export interface WeightAxis {
  readonly axis: number;
  readonly layout: Layout;
}

/** What a rule says of a layer. */
export interface RuledLayer {
  /** What comes out of it, in front of its activation. */
  readonly output: Layout | undefined;
  /** Which axes of each weight are whose channels. */
  readonly weights?: readonly (readonly WeightAxis[])[];
  /** The part of its configuration that says how many channels come out. */
  readonly size?: { readonly key: "units" | "filters" | "target_shape"; readonly at?: number };
  /**
   * What constants that go add to biases: `[outputs]` from the constant at a place; only asked for where it is not 0.
   */
  biasOf?(place: number, output: number): number;
}

type Rule = (seen: SeenLayer) => RuledLayer | undefined;

function reads({ channels, called }: SeenLayer, input: Layout, foldable: boolean): void {
  channels.pin(input, `${called} needs them`, (i) => Number.isNaN(input.constants[i]));
  const rule = `${called} can not take them as biases`;
  if (!foldable) channels.pin(input, rule, (i) => input.constants[i] !== 0);
}

/** The axis of channels of a layer. */
function channelAxis({ dataFormat }: Layer, rank: number): number {
  return dataFormat === "channelsFirst" ? 1 : rank - 1;
}

/**
 * Dense and convolutions: a kernel `[..., inputs, outputs]`, of transposed ones `[..., outputs, inputs]`, and perhaps
 * biases.
 */
const weighted: Rule = (seen) => {
  const { layer, channels, weights, output } = seen;
  const [input] = seen.inputs;
  const [kernel] = weights;
  const dense = layer.getClassName() === "Dense";
  const transposed = /Transpose$/.test(layer.getClassName());
  const axis = dense ? output.length - 1 : channelAxis(layer, output.length);
  const rank = kernel.shape.length;
  const [inAxis, outAxis] = transposed ? [rank - 1, rank - 2] : [rank - 2, rank - 1];
  if (input && input.axis !== axis) return undefined;
  const { padding, useBias } = layer as { padding?: string; useBias?: boolean };
  if (input) reads(seen, input, useBias !== false && (dense || (padding === "valid" && !transposed)));
  const given = channels.fresh(axis, kernel.shape[outAxis]);
  const inputs = kernel.shape[inAxis];
  const outputs = kernel.shape[outAxis];
  return {
    output: given,
    weights: [
      [{ axis: outAxis, layout: given }, ...(input ? [{ axis: inAxis, layout: input }] : [])],
      [{ axis: 0, layout: given }],
    ],
    size: { key: dense ? "units" : "filters" },
    biasOf(place, o) {
      let sum = 0;
      for (let tap = 0; tap < kernel.values.length / (inputs * outputs); tap++) {
        sum += kernel.values[(tap * inputs + place) * outputs + o];
      }
      return sum;
    },
  };
};

/** DepthwiseConv2D: a kernel `[height, width, inputs, times]`. */
const depthwise: Rule = ({ layer, inputs: [input], weights: [kernel, bias], output }) => {
  const axis = channelAxis(layer, output.length);
  if (input?.axis !== axis) return undefined;
  const times = kernel.shape[3];
  const of = (values: (place: number) => number) =>
    Array.from({ length: input.ids.length * times }, (_, o) => values(o));
  const given: Layout = {
    axis,
    ids: Int32Array.from(of((o) => input.ids[Math.floor(o / times)])),
    constants: Float32Array.from(
      of((o) => (input.constants[Math.floor(o / times)] === 0 ? (bias?.values[o] ?? 0) : Number.NaN)),
    ),
  };
  return { output: given, weights: [[{ axis: 2, layout: input }], [{ axis: 0, layout: given }]] };
};

const normalisation: Rule = (seen) => {
  const [input] = seen.inputs;
  if (!input || input.axis !== seen.output.length - 1) return undefined;
  return {
    output: { ...input, constants: seen.evaluated([input]) },
    weights: seen.weights.map(() => [{ axis: 0, layout: input }]),
  };
};

const placeByPlace: Rule = (seen) => {
  const [input] = seen.inputs;
  if (!input || seen.weights.length > 0 || !isPlaceByPlace(seen.layer)) return undefined;
  return { output: { ...input, constants: seen.evaluated([input]) } };
};

const unchanged: Rule = ({ inputs: [input] }) => input && { output: input };

/**
 * Whether a layer that works on places goes along the axis of channels: as pooling of "channelsFirst" does where
 * channels are last, or of numbers that were channels and have become places by a Reshape.
 */
function alongChannels({ layer, shapes: [before] }: SeenLayer, input: Layout): boolean {
  return input.axis !== channelAxis(layer, before.length);
}

/** Pooling, repeating and cutting off of places: every channel by itself. */
const places: Rule = (seen) => {
  const [input] = seen.inputs;
  return input && !alongChannels(seen, input) ? { output: input } : undefined;
};

const padded: Rule = (seen) => {
  const [input] = seen.inputs;
  if (!input || alongChannels(seen, input)) return undefined;
  return { output: { ...input, constants: input.constants.map((value) => (value === 0 ? 0 : Number.NaN)) } };
};

/** Pooling over all places: what is left is `[rows, channels]`. */
const global: Rule = ({ layer, inputs: [input], shapes: [before] }) =>
  input?.axis === channelAxis(layer, before.length) ? { output: { ...input, axis: 1 } } : undefined;

const reshape: Rule = ({ layer, channels, inputs: [input], shapes: [before], output }) => {
  const sizes = [before.slice(1), output.slice(1)].map((shape) => [1, ...(shape as number[])]);
  if (!input || sizes.flat().some((length) => length === null) || layer.dataFormat === "channelsFirst")
    return undefined;
  const given = reshaped(channels, input, sizes[0], sizes[1], output.length - 1);
  if (!given) return undefined;
  const flat = layer.getClassName() === "Flatten";
  return { output: given, ...(!flat && { size: { key: "target_shape" as const, at: given.axis - 1 } }) };
};

/** Add, Multiply and the like of inputs of one shape. */
const merge: Rule = (seen) => {
  const { channels, inputs, shapes, layer } = seen;
  const [first] = inputs;
  const same = shapes.every((shape) => shape.length === shapes[0].length && shape.every((x, i) => x === shapes[0][i]));
  if (!first || !same || inputs.some((input) => input?.axis !== first.axis)) return undefined;
  const all = inputs as readonly Layout[];
  for (const other of all.slice(1)) channels.uniteAll(first, other);
  const constants = seen.evaluated(all);
  if (layer.getClassName() === "Multiply") {
    for (const factor of all) factor.constants.forEach((value, c) => value === 0 && (constants[c] = 0));
  }
  return { output: { ...first, constants } };
};

const concatenation: Rule = ({ layer, called, channels, inputs, shapes, output }) => {
  const { axis: asked = -1 } = layer as { axis?: number };
  const axis = asked < 0 ? asked + output.length : asked;
  if (inputs.some((input) => input && input.axis !== axis)) return undefined;
  const parts = inputs.map((input, i) => {
    if (input) return input;
    const others = channels.fresh(axis, shapes[i][axis] ?? 0);
    channels.pin(others, `${called} takes them in, and nothing of them can go`);
    return others;
  });
  const ids = Int32Array.from(parts.flatMap((part) => [...part.ids]));
  return { output: { axis, ids, constants: Float32Array.from(parts.flatMap((part) => [...part.constants])) } };
};

const groups: readonly (readonly [layers: string, rule: Rule])[] = [
  ["Dense Conv1D Conv2D Conv3D Conv2DTranspose Conv3DTranspose", weighted],
  ["DepthwiseConv2D", depthwise],
  ["BatchNormalization", normalisation],
  ["Activation ReLU LeakyReLU ELU ThresholdedReLU", placeByPlace],
  ["Dropout SpatialDropout1D AlphaDropout GaussianDropout GaussianNoise ActivityRegularization", unchanged],
  ["MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D", places],
  ["UpSampling2D Cropping2D", places],
  ["ZeroPadding2D", padded],
  ["GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D GlobalMaxPooling2D", global],
  ["Flatten Reshape", reshape],
  ["Add Multiply Average Maximum Minimum", merge],
  ["Concatenate", concatenation],
];

/** How channels go through each kind of layer. */
export const layerRules: ReadonlyMap<string, Rule> = new Map(
  groups.flatMap(([layers, rule]) => layers.split(" ").map((name) => [name, rule] as const)),
);

/** Whether a layer's activation, if it has one, works on every number by itself. */
export function isPlaceByPlace({ activation }: Pick<Layer, "activation">): boolean {
  return !/softmax/i.test(activation?.getClassName() ?? "");
}
