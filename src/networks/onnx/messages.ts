import { type Message, type Messages, readMessage, writeMessage } from "./wire.js";

/**
 * The fields of ONNX messages that this package reads or makes; names and numbers from onnx.proto (onnx 1.23, IR
 * versions up to 14), which keeps them for good. All other fields stay as they are: what is in a file and not in this
 * list is written again byte for byte.
 */
export const messages = {
  Model: {
    1: ["irVersion", "whole"],
    2: ["producerName", "text"],
    7: ["graph", "Graph"],
    8: ["opsetImport", "OperatorSet", "many"],
    25: ["functions", "Function", "many"],
  },
  OperatorSet: { 1: ["domain", "text"], 2: ["version", "whole"] },
  Function: {
    1: ["name", "text"],
    4: ["input", "text", "many"],
    5: ["output", "text", "many"],
    7: ["node", "Node", "many"],
    9: ["opsetImport", "OperatorSet", "many"],
    10: ["domain", "text"],
    11: ["attributeProto", "Attribute", "many"],
    13: ["overload", "text"],
  },
  Graph: {
    1: ["node", "Node", "many"],
    2: ["name", "text"],
    5: ["initializer", "Tensor", "many"],
    11: ["input", "Value", "many"],
    12: ["output", "Value", "many"],
    13: ["valueInfo", "Value", "many"],
    15: ["sparseInitializer", "SparseTensor", "many"],
  },
  Node: {
    1: ["input", "text", "many"],
    2: ["output", "text", "many"],
    3: ["name", "text"],
    4: ["opType", "text"],
    5: ["attribute", "Attribute", "many"],
    7: ["domain", "text"],
    8: ["overload", "text"],
  },
  Attribute: {
    1: ["name", "text"],
    2: ["f", "float"],
    3: ["i", "whole"],
    4: ["s", "bytes"],
    5: ["t", "Tensor"],
    6: ["g", "Graph"],
    7: ["floats", "float", "many"],
    8: ["ints", "whole", "many"],
    10: ["tensors", "Tensor", "many"],
    11: ["graphs", "Graph", "many"],
    20: ["type", "code"],
    21: ["refAttrName", "text"],
    22: ["sparseTensor", "SparseTensor"],
    23: ["sparseTensors", "SparseTensor", "many"],
  },
  Tensor: {
    1: ["dims", "whole", "many"],
    2: ["dataType", "code"],
    4: ["floatData", "bytes", "many"],
    5: ["int32Data", "bytes", "many"],
    7: ["int64Data", "bytes", "many"],
    8: ["name", "text"],
    9: ["rawData", "bytes"],
    10: ["doubleData", "bytes", "many"],
    11: ["uint64Data", "bytes", "many"],
    13: ["externalData", "Entry", "many"],
    14: ["dataLocation", "code"],
  },
  Entry: { 1: ["key", "text"], 2: ["value", "text"] },
  SparseTensor: { 1: ["values", "Tensor"], 2: ["indices", "Tensor"], 3: ["dims", "whole", "many"] },
  Value: { 1: ["name", "text"], 2: ["type", "Type"] },
  Type: {
    1: ["tensorType", "TensorType"],
    4: ["sequenceType", "bytes"],
    5: ["mapType", "bytes"],
    9: ["optionalType", "bytes"],
  },
  TensorType: { 1: ["elemType", "code"], 2: ["shape", "Shape"] },
  Shape: { 1: ["dim", "Dimension", "many"] },
  Dimension: { 1: ["dimValue", "whole"], 2: ["dimParam", "text"] },
} as const satisfies Messages;

/** A whole number as files hold it: a bigint where a number could not hold it. */
type Whole = number | bigint;

/** A model as its file holds it. */
export interface Model extends Message {
  irVersion?: Whole;
  producerName?: string;
  graph?: Graph;
  opsetImport?: readonly OperatorSet[];
  functions?: readonly ModelFunction[];
}
/** A set of operators, by its domain, in some version. */
export interface OperatorSet extends Message {
  readonly domain?: string;
  readonly version?: Whole;
}
/** An operator that the model itself defines. */
export interface ModelFunction extends Message {
  readonly name?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly node?: readonly Node[];
  readonly attributeProto?: readonly Attribute[];
  readonly opsetImport?: readonly OperatorSet[];
}
/** The nodes of a model, or of a branch or loop inside a node. */
export interface Graph extends Message {
  name?: string;
  node?: readonly Node[];
  initializer?: readonly StoredTensor[];
  sparseInitializer?: readonly SparseTensor[];
  input?: readonly ValueInfo[];
  output?: readonly ValueInfo[];
  valueInfo?: readonly ValueInfo[];
}
/** A node: an operator, the names of what it takes and gives, and its attributes. */
export interface Node extends Message {
  readonly name?: string;
  readonly opType?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly attribute?: readonly Attribute[];
}
/** An attribute of a node. */
export interface Attribute extends Message {
  readonly name?: string;
  readonly type?: number;
  readonly f?: number;
  readonly i?: Whole;
  readonly ints?: readonly Whole[];
  readonly floats?: readonly number[];
  /** A text, as UTF-8. */
  readonly s?: Uint8Array;
  /** Inside a function: the attribute of its call that this one is. */
  readonly refAttrName?: string;
  readonly t?: StoredTensor;
  readonly tensors?: readonly StoredTensor[];
  readonly sparseTensor?: SparseTensor;
  readonly sparseTensors?: readonly SparseTensor[];
  readonly g?: Graph;
  readonly graphs?: readonly Graph[];
}
/** A stored tensor: a weight or a constant. */
export interface StoredTensor extends Message {
  readonly name?: string;
  readonly dims?: readonly Whole[];
  readonly dataType?: number;
  /** Its numbers, little-endian; else they are in the field of their kind, packed as protobuf packs them. */
  readonly rawData?: Uint8Array;
  readonly floatData?: readonly Uint8Array[];
  readonly int32Data?: readonly Uint8Array[];
  readonly int64Data?: readonly Uint8Array[];
  readonly doubleData?: readonly Uint8Array[];
  readonly uint64Data?: readonly Uint8Array[];
  /** Where its numbers are, by keys such as `location`, where `dataLocation` is 1: in another file. */
  readonly externalData?: readonly (Message & { readonly key?: string; readonly value?: string })[];
  readonly dataLocation?: number;
}
/** A stored tensor of few numbers that are not zero; its name is that of its values. */
export interface SparseTensor extends Message {
  readonly values?: StoredTensor;
  readonly indices?: StoredTensor;
  readonly dims?: readonly Whole[];
}
/** The name, type and shape of an input or output. */
export interface ValueInfo extends Message {
  readonly name?: string;
  readonly type?: ValueType;
}
/** What an input or output is; sequences and the like are told apart, no more. */
export interface ValueType extends Message {
  readonly tensorType?: Message & {
    readonly elemType?: number;
    readonly shape?: Message & {
      readonly dim?: readonly (Message & { readonly dimValue?: Whole; readonly dimParam?: string })[];
    };
  };
  readonly sequenceType?: Uint8Array;
  readonly mapType?: Uint8Array;
  readonly optionalType?: Uint8Array;
}

/** Reads a model. @throws RangeError for bytes that are truncated; Error for bytes that are no protobuf */
export function readModel(bytes: Uint8Array): Model {
  return readMessage(messages, "Model", bytes) as Model;
}

/** The bytes of a model; what was read and is as it was stands as it stood. */
export function writeModel(model: Model): Uint8Array {
  return writeMessage(messages, "Model", model);
}
