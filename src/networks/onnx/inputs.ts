import { checkFits } from "../../datasets/rows.js";
import { invalid, wrongKind } from "../../errors.js";
import { isNumbers, type NumberList } from "../../formats/numbers.js";
import { checkNames } from "../../nearest-names.js";
import { shapeSize } from "../../shape-size.js";
import type { InputRows, Port } from "../network.js";
import { checkShapeNames, completeShape, type GivenShape } from "../shapes.js";
import { inputInfo } from "./assemble.js";
import { declaredShape, type OnnxGraph } from "./onnx-graph.js";
import type { OnnxTensor, Runtime } from "./runtime.js";
import type { ValueInfo } from "./schema.js";
import { bytesOf, type FixedValue, type NumberType, numberType } from "./types.js";

/** An input of a network: its port, and the kind of its numbers. */
export interface OnnxInput extends Port {
  readonly type: NumberType;
}

/**
 * Turns inputs that have the same value in every run into stored tensors of the graph.
 *
 * @throws RangeError for a name that is no input, or numbers that do not fit its shape
 */
export function fixInputs(graph: OnnxGraph, fixed: Readonly<Record<string, FixedValue>>): void {
  const { model, inputs } = graph;
  checkNames(
    "fixed",
    fixed,
    inputs.map(({ name }) => name ?? ""),
    "inputs",
  );
  for (const [name, value] of Object.entries(fixed)) {
    const input = inputs.find((candidate) => candidate.name === name)!;
    const numbers = fixedNumbers(name, value);
    const type = numberType(name, input.type?.tensorType?.elemType ?? 1);
    checkFits(`fixed ${name}`, numbers, type.name);
    const dims = fixedShape(name, declaredShape(input), numbers.length);
    const stored = { name, dims, dataType: type.code, rawData: bytesOf(type.from(numbers)) };
    model.graph.initializer = [...(model.graph.initializer ?? []), stored];
    model.graph.input = (model.graph.input ?? []).filter((candidate) => candidate !== input);
  }
}

/** The numbers of a fixed value; text stands for whole numbers. */
function fixedNumbers(name: string, value: FixedValue): NumberList {
  if (isNumbers(value)) return value;
  const rule = "a number, a whole number as bigint or text, or an array of them";
  return (Array.isArray(value) ? value : [value]).map((part: unknown) => {
    if (typeof part === "number" || typeof part === "bigint") return part;
    if (typeof part === "string" && /^-?\d{1,40}$/.test(part)) return BigInt(part);
    throw wrongKind(`fixed ${name}`, rule, part);
  });
}

/** The shape of a fixed value: one open size follows from how many numbers there are, several are taken as 1. */
function fixedShape(name: string, declared: (number | null)[] | undefined, length: number): number[] {
  if (declared === undefined) return length === 1 ? [] : [length];
  const known = declared.reduce<number>((product, part) => product * (part ?? 1), 1);
  const open = declared.filter((part) => part === null).length;
  const shape = declared.map((part) => part ?? (open === 1 ? length / known : 1));
  if (shapeSize(shape) !== length || !shape.every(Number.isInteger)) {
    const text = declared.map((part) => part ?? "?").join(", ");
    throw invalid(`fixed ${name}`, `the numbers of a tensor of shape [${text}]`, `${length} numbers`);
  }
  return shape;
}

/**
 * The inputs that differ from row to row.
 *
 * @throws RangeError for an input whose first axis can not be that of rows, or with sizes left open and not given
 */
export function rowInputs(
  graph: OnnxGraph,
  given: { readonly shape?: GivenShape; readonly usualShape?: GivenShape },
): OnnxInput[] {
  checkShapeNames(
    given,
    graph.inputs.map(({ name }) => name ?? ""),
  );
  return graph.inputs.map((input) => {
    const name = input.name ?? "";
    const declared = declaredShape(input);
    if (declared && (declared.length === 0 || (declared[0] !== null && declared[0] !== 1))) {
      throw invalid(
        "fixed",
        `a value for the input ${name}, which has no axis for rows: its shape is [${declared.map((part) => part ?? "?").join(", ")}]`,
        undefined,
      );
    }
    const shape = completeShape(name, declared?.slice(1), given);
    return { name, shape, type: numberType(name, input.type?.tensorType?.elemType ?? 1) };
  });
}

/** Descriptions of some inputs, with any number of rows. */
export function inputInfos(inputs: readonly OnnxInput[]): ValueInfo[] {
  return inputs.map(({ name, type, shape }) => inputInfo(name, type.code, ["rows", ...shape]));
}

/** Zeros for some inputs. */
export function zeroFeeds(runtime: Runtime, inputs: readonly OnnxInput[], rows: number): Record<string, OnnxTensor> {
  return Object.fromEntries(
    inputs.map(({ name, type, shape }) => {
      const zeros = type.from(new Float32Array(rows * shapeSize(shape)));
      return [name, runtime.tensor(type.name, zeros, [rows, ...shape])];
    }),
  );
}

/** Rows `from` to `to - 1` of some of the inputs. */
export function rowFeeds(
  runtime: Runtime,
  all: readonly OnnxInput[],
  wanted: ReadonlySet<string>,
  { data }: InputRows,
  from: number,
  to: number,
): Record<string, OnnxTensor> {
  const feeds: Record<string, OnnxTensor> = Object.create(null); // an input may be called __proto__
  all.forEach(({ name, type, shape }, i) => {
    if (!wanted.has(name)) return;
    const numbers = data[i].subarray(from * shapeSize(shape), to * shapeSize(shape));
    feeds[name] = runtime.tensor(type.name, type.from(numbers), [to - from, ...shape]);
  });
  return feeds;
}
