import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A constant of a graph, and its stored type. */
export interface Constant {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool" | "string";
  readonly values: readonly (number | string)[];
}
export const float = (shape: readonly number[], values: readonly number[]): Constant => ({
  shape,
  dtype: "float32",
  values,
});
export const int = (shape: readonly number[], values: readonly number[]): Constant => ({
  shape,
  dtype: "int32",
  values,
});

const names = { float32: "DT_FLOAT", int32: "DT_INT32", bool: "DT_BOOL", string: "DT_STRING" };

/** A node: its name, operation, inputs and attributes. */
export type BuiltNode = readonly [name: string, op: string, input: readonly string[], attr?: object];

/** A GraphModel written by hand. */
export interface BuiltGraph {
  /** Placeholders: their types, and their sizes with -1 for the rows; default one `x` of three numbers. */
  readonly inputs?: Readonly<Record<string, { readonly type?: string; readonly shape?: readonly number[] }>>;
  readonly constants?: Readonly<Record<string, Constant>>;
  readonly nodes: readonly BuiltNode[];
  /** The signature's outputs: name to tensor. Default none: no signature at all. */
  readonly outputs?: Readonly<Record<string, string>>;
}

/** Writes a GraphModel as `model.json` and `w.bin`. @returns the path of the former */
export function writeGraph(folder: string, { inputs = { x: {} }, constants = {}, nodes, outputs }: BuiltGraph): string {
  mkdirSync(folder, { recursive: true });
  const placeholders = Object.entries(inputs).map(([name, { type = "DT_FLOAT", shape = [-1, 3] }]) => ({
    name,
    op: "Placeholder",
    attr: { dtype: { type }, shape: { shape: { dim: shape.map((size) => ({ size: String(size) })) } } },
  }));
  const consts = Object.entries(constants).map(([name, { dtype }]) => ({
    name,
    op: "Const",
    attr: { dtype: { type: names[dtype] } },
  }));
  const rest = nodes.map(([name, op, input, attr = {}]) => ({
    name,
    op,
    input,
    attr: { T: { type: "DT_FLOAT" }, ...attr },
  }));
  const weights = Object.entries(constants).map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
  const signature = outputs && {
    inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, { name: `${name}:0` }])),
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, { name: tensor }])),
  };
  const model = {
    format: "graph-model",
    modelTopology: { node: [...placeholders, ...consts, ...rest], library: {}, versions: {} },
    ...(signature && { signature }),
    weightsManifest: [{ paths: ["w.bin"], weights }],
  };
  const path = join(folder, "model.json");
  writeFileSync(path, JSON.stringify(model));
  writeFileSync(join(folder, "w.bin"), Buffer.concat(Object.values(constants).map(bytesOf)));
  return path;
}

function bytesOf({ dtype, values }: Constant): Buffer {
  if (dtype === "string") {
    const texts = values.map((text) => Buffer.from(String(text)));
    return Buffer.concat(texts.flatMap((text) => [Buffer.from(Uint32Array.of(text.length).buffer), text]));
  }
  const numbers = values as readonly number[];
  if (dtype === "bool") return Buffer.from(numbers);
  return Buffer.from((dtype === "int32" ? Int32Array.from(numbers) : Float32Array.from(numbers)).buffer);
}
