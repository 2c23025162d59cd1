import { escapeHtml } from "../../escape-html.js";
import type { MimeData } from "../../kernel-hook.js";
import { type Grid, gridHtml, gridText } from "../../modes/glance/grid.js";
import { alignedNumbers, shortNumber } from "../../modes/glance/numbers.js";
import { shapeSize } from "../../shape-size.js";
import { dataProperty } from "./properties.js";

/** Numbers with a shape, whoever holds them: a TensorFlow.js tensor, one of ONNX Runtime, a typed array. */
export interface Numbers {
  readonly kind: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** The values, row-major; rejects where they are gone. */
  read(): Promise<ArrayLike<unknown>>;
}

const cornerRows = 6;
const cornerColumns = 8;
/** Beyond so many values the smallest, mean and largest are not computed: showing is to be instant. */
const countable = 2e7;

/**
 * A value as numbers with a shape; undefined where it is not such a thing. Told by what it has, whichever copy made it.
 */
export function numbersOf(value: object): Numbers | undefined {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView) && !Buffer.isBuffer(value)) {
    const array = value as unknown as ArrayLike<unknown> & { constructor: { name: string } };
    return { kind: array.constructor.name, type: "", shape: [array.length], read: async () => array };
  }
  const names = ["shape", "dtype", "data", "dims", "type", "getData"];
  const [shape, dtype, data, dims, type, getData] = names.map((name) => dataProperty(value, name));
  if (Array.isArray(shape) && typeof dtype === "string" && typeof data === "function") {
    const read = async () => (await data.call(value)) as ArrayLike<unknown>;
    return { kind: "Tensor", type: dtype, shape, read };
  }
  if (Array.isArray(dims) && typeof type === "string" && typeof getData === "function") {
    const read = async () => (await getData.call(value)) as ArrayLike<unknown>;
    return { kind: "Tensor", type, shape: dims, read };
  }
  return undefined;
}

/** Kind, type and shape in a line. */
export function numbersName({ kind, type, shape }: Numbers): string {
  return [kind, type, `[${shape.join(", ")}]`].filter(Boolean).join(" ");
}

/** Kind, type, shape, the smallest, mean and largest value, and a corner of the values. */
export async function numbersData(numbers: Numbers): Promise<MimeData> {
  const { shape, read } = numbers;
  const name = numbersName(numbers);
  let values: ArrayLike<unknown>;
  try {
    values = await read();
  } catch (error) {
    return { "text/plain": `${name}: its values are gone (${(error as Error).message})` };
  }
  // Complex numbers are pairs, and there is no corner of nothing.
  const size = shapeSize(shape);
  if (values.length !== size || size === 0) return { "text/plain": name };
  if (shape.length === 0) return { "text/plain": `${name}: ${String(values[0])}` };
  const title = [name, ...statistics(values)].join(", ");
  const { grid, where } = corner(values, shape);
  const caption = where ? `${title}; ${where}` : title;
  return {
    "text/html": `<div style="overflow-x:auto"><div>${escapeHtml(caption)}</div>${gridHtml(grid)}</div>`,
    "text/plain": `${caption}\n${gridText(grid)}`,
  };
}

function statistics(values: ArrayLike<unknown>): string[] {
  if (typeof values[0] !== "number" || values.length > countable) return [];
  let [least, most, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
    sum += value;
    count++;
  }
  const missing = values.length - count;
  const nan = missing > 0 ? [`${missing} NaN`] : [];
  if (count === 0) return nan;
  const parts = { min: least, mean: sum / count, max: most };
  return [...Object.entries(parts).map(([name, value]) => `${name} ${shortNumber(value)}`), ...nan];
}

/** The first rows and columns of the first matrix, `…` where there are more. */
function corner(values: ArrayLike<unknown>, shape: readonly number[]): { grid: Grid; where: string } {
  const width = shape[shape.length - 1];
  const height = shape.length > 1 ? shape[shape.length - 2] : 1;
  const [rows, columns] = [Math.min(height, cornerRows), Math.min(width, cornerColumns)];
  const picked = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => values[r * width + c]),
  );
  const numeric = typeof values[0] === "number";
  const aligned = numeric ? alignedNumbers(picked.flat() as number[]) : picked.flat().map(text);
  const lines = picked.map((row, r) => [
    ...row.map((_, c) => aligned[r * columns + c]),
    ...(columns < width ? ["…"] : []),
  ]);
  if (rows < height) lines.push(lines[0].map(() => "…"));
  const grid = { head: [], rows: lines, numeric: lines[0].map(() => true) };
  if (shape.length === 1) return { grid, where: width > columns ? `the first ${columns}` : "" };
  const ranges = [height > rows ? `0:${rows}` : ":", width > columns ? `0:${columns}` : ":"];
  const indices = [...shape.slice(0, -2).map(() => "0"), ...ranges];
  const whole = indices.every((index) => index === ":");
  return { grid, where: whole ? "" : `the corner [${indices.join(", ")}]` };
}

function text(value: unknown): string {
  const whole = String(value);
  return whole.length > 30 ? `${whole.slice(0, 29)}…` : whole;
}
