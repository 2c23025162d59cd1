/** How one class of Keras 3's layers is read: which of its options TensorFlow.js goes by, and which it reads over. */
export interface LayerRule {
  /** Options that TensorFlow.js takes as Keras means them. */
  readonly read: readonly string[];
  /** Options that TensorFlow.js does not have, and the only values that mean what it does without them. */
  readonly only?: Readonly<Record<string, readonly unknown[]>>;
  /** Options that have another name there. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** Options that matter only in training, before weights are loaded, or for speed. */
export const inert = new RegExp(
  `^(${[
    "name|trainable|seed|zero_output_for_mask|unit_forget_bias|implementation|use_cudnn|unroll|momentum|renorm_momentum",
    "(\\w+_)?(initializer|regularizer|constraint)",
    "rate|stddev|noise_shape|(recurrent_)?dropout",
  ].join("|")})$`,
);

const convolution = ["kernel_size", "strides", "padding", "data_format", "activation", "use_bias"];
const pooling: LayerRule = { read: ["pool_size", "strides", "padding", "data_format"] };
const globalPooling: LayerRule = { read: ["data_format"], only: { keepdims: [false] } };
/** TensorFlow.js pools over the second axis, wherever the channels are. */
const channelsLast = { data_format: ["channels_last", null] };
const pooling1D: LayerRule = { read: ["pool_size", "strides", "padding"], only: channelsLast };
const globalPooling1D: LayerRule = { read: [], only: { keepdims: [false], ...channelsLast } };
const ones = [null, 1, [1], [1, 1], [1, 1, 1]];
const recurrent = ["return_sequences", "return_state", "go_backwards", "stateful"];
const recurrentOnly = { time_major: [false], input_length: [null] };
const cell = ["units", "activation", "use_bias"];
const gates = [...cell, "recurrent_activation"];
const transposed: LayerRule = {
  read: ["filters", ...convolution],
  only: { dilation_rate: ones, output_padding: [null] },
};
const merge: LayerRule = { read: [] };
const noise: LayerRule = { read: [] };

/** The layers of Keras 3 that TensorFlow.js (4.22) computes as Keras does: each was compared with Keras 3.15. */
export const layerRules: ReadonlyMap<string, LayerRule> = new Map<string, LayerRule>([
  ["Dense", { read: ["units", "activation", "use_bias"] }],
  ["Conv1D", { read: ["filters", "dilation_rate", ...convolution], only: { groups: [1] } }],
  ["Conv2D", { read: ["filters", "dilation_rate", ...convolution], only: { groups: [1] } }],
  ["Conv3D", { read: ["filters", ...convolution], only: { groups: [1], dilation_rate: ones } }],
  ["Conv2DTranspose", transposed],
  ["Conv3DTranspose", transposed],
  [
    "SeparableConv2D",
    { read: ["filters", "depth_multiplier", "dilation_rate", ...convolution], only: { groups: [1] } },
  ],
  ["DepthwiseConv2D", { read: ["depth_multiplier", ...convolution], only: { dilation_rate: ones } }],
  [
    "ConvLSTM2D",
    {
      read: ["filters", "recurrent_activation", ...convolution, ...recurrent],
      only: { ...recurrentOnly, dilation_rate: ones },
    },
  ],
  [
    "BatchNormalization",
    { read: ["axis", "epsilon", "center", "scale"], only: { synchronized: [false], renorm: [false, null] } },
  ],
  ["LayerNormalization", { read: ["axis", "epsilon", "center", "scale"], only: { rms_scaling: [false] } }],
  ["LSTM", { read: [...gates, ...recurrent], only: recurrentOnly }],
  ["GRU", { read: [...gates, ...recurrent, "reset_after"], only: { ...recurrentOnly, reset_after: [false] } }],
  ["SimpleRNN", { read: [...cell, ...recurrent], only: recurrentOnly }],
  ["RNN", { read: ["cell", ...recurrent], only: recurrentOnly }],
  ["LSTMCell", { read: gates }],
  ["GRUCell", { read: [...gates, "reset_after"], only: { reset_after: [false] } }],
  ["SimpleRNNCell", { read: cell }],
  ["StackedRNNCells", { read: ["cells"] }],
  ["Bidirectional", { read: ["layer", "merge_mode", "backward_layer"] }],
  ["TimeDistributed", { read: ["layer"] }],
  ["Embedding", { read: ["input_dim", "output_dim"], only: { mask_zero: [false], input_length: [null] } }],
  ["Activation", { read: ["activation"] }],
  ["LeakyReLU", { read: ["alpha"], renamed: { negative_slope: "alpha" } }],
  ["PReLU", { read: ["shared_axes"] }],
  ["ELU", { read: [], only: { alpha: [1] } }],
  ["ReLU", { read: ["max_value"], only: { negative_slope: [0, null], threshold: [0, null] } }],
  ["Softmax", { read: ["axis"] }],
  ["Dropout", noise],
  ["SpatialDropout1D", noise],
  ["GaussianNoise", noise],
  ["GaussianDropout", noise],
  ["AlphaDropout", noise],
  ["Flatten", { read: ["data_format"] }],
  ["Reshape", { read: ["target_shape"] }],
  ["Permute", { read: ["dims"] }],
  ["RepeatVector", { read: ["n"] }],
  ...["Add", "Multiply", "Average", "Maximum", "Minimum"].map((name) => [name, merge] as const),
  ["Concatenate", { read: ["axis"] }],
  ["Dot", { read: ["axes", "normalize"] }],
  ...["MaxPooling", "AveragePooling"].flatMap((name) =>
    [pooling1D, pooling, pooling].map((rule, n) => [`${name}${n + 1}D`, rule] as const),
  ),
  ...["GlobalMaxPooling", "GlobalAveragePooling"].flatMap((name) =>
    [globalPooling1D, globalPooling].map((rule, n) => [`${name}${n + 1}D`, rule] as const),
  ),
  ["ZeroPadding2D", { read: ["padding", "data_format"] }],
  ["Cropping2D", { read: ["cropping", "data_format"] }],
  ["UpSampling2D", { read: ["size", "data_format"], only: { interpolation: ["nearest"] } }],
  ["Rescaling", { read: ["scale", "offset"] }],
]);
