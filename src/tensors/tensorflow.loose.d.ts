// Stands in the published package for what src/tensors/tensorflow.ts says: TensorFlow.js may not be installed, and
// where it is, its types fail a strict check of libraries.

/** TensorFlow.js: `typeof import("@tensorflow/tfjs")`. */
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type Tensorflow = any;

/** A tf.LayersModel. */
export interface LayersModel {
  readonly name: string;
  readonly layers: readonly { readonly name: string }[];
  // biome-ignore lint/suspicious/noExplicitAny: tensors, which have no types here
  predict(x: any, options?: any): any;
}

/** A tf.GraphModel. */
export interface GraphModel {
  readonly modelVersion: string;
  // biome-ignore lint/suspicious/noExplicitAny: tensors, which have no types here
  execute(inputs: any, outputs?: string | string[]): any;
}

// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type DataTypeMap = any;
export declare namespace io {
  // biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
  type Any = any;

  export type { Any as IOHandler, Any as ModelArtifacts, Any as ModelJSON, Any as WeightsManifestEntry };
}
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type KernelBackend = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type NamedAttrMap = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type NamedTensorInfoMap = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type NamedTensorMap = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type Scalar = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type SymbolicTensor = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type Tensor = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type Tensor2D = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type Tensor4D = any;
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type TensorInfo = any;
