// Everything that is known of TensorFlow.js' types comes through here: what is published in its place needs no
// TensorFlow.js (tensorflow.loose.d.ts).

/** The tensor library, TensorFlow.js. */
export type Tensorflow = typeof import("@tensorflow/tfjs");
export type {
  DataTypeMap,
  GraphModel,
  io,
  KernelBackend,
  LayersModel,
  NamedAttrMap,
  NamedTensorInfoMap,
  NamedTensorMap,
  Scalar,
  SymbolicTensor,
  Tensor,
  Tensor2D,
  Tensor4D,
  TensorInfo,
} from "@tensorflow/tfjs";
