/** The tensor library, TensorFlow.js. */
export type Tensorflow = typeof import("@tensorflow/tfjs");
