import { invalid, wrongKind } from "../errors.js";
import { checkNames } from "../nearest-names.js";
import { shapeSize } from "../shape-size.js";
import type { Site } from "./network.js";

/** What passes with one row and with two rows show of a tensor. */
export interface TensorShape {
  /** Sizes with one row. */
  readonly one: readonly number[];
  /** Sizes with two rows; undefined for a network that takes one row at a time. */
  readonly two: readonly number[] | undefined;
  /** Whether it holds single-precision numbers. */
  readonly float: boolean;
}

/** Shapes of a network's tensors, and how many rows it takes at once. */
export interface Probe {
  readonly shapes: ReadonlyMap<string, TensorShape>;
  /** 1 where it only runs with one row at a time. */
  readonly mostRows: number | undefined;
}

/** Whether a tensor has a row for each input: its first axis, and nothing else, grows with their number. */
export function hasRows({ one, two }: TensorShape): boolean {
  if (one.length === 0 || one[0] !== 1) return false;
  if (two === undefined) return true;
  return two.length === one.length && two[0] === 2 && one.every((length, axis) => axis === 0 || length === two[axis]);
}

/** Shape for one row; the whole shape where a network that takes one row at a time has no axis for it. */
export function rowShape(shape: TensorShape): readonly number[] {
  return hasRows(shape) ? shape.one.slice(1) : shape.one;
}

/** Makes a site of a tensor: its units are along `axis` of the shape without rows. */
export function siteFrom(name: string, kind: string, shape: readonly number[], axis: number | undefined): Site {
  const units = axis === undefined ? shapeSize(shape) : shape[axis];
  return { name, kind, shape, axis, units };
}

/** The shape that a mask over a site's units has, to be spread over the rest: `[rows, 1, units, 1]` and the like. */
export function maskShape({ shape, axis }: Pick<Site, "shape" | "axis">, rows: number): number[] {
  return [rows, ...shape.map((length, i) => (axis === undefined || i === axis ? length : 1))];
}

/**
 * The shape of one row of an input, where its file leaves sizes open.
 *
 * @param declared sizes without the rows' axis; null where open
 * @param given `shape`: sizes that the caller states, with or without a 1 for the rows in front; `usualShape`: sizes to
 *   take where some are open and none are stated
 * @throws RangeError where a size is open and not given, or given otherwise than the file says
 */
export function completeShape(
  input: string,
  declared: readonly (number | null)[] | undefined,
  given: { readonly shape?: GivenShape; readonly usualShape?: GivenShape },
): number[] {
  const open = declared?.map((length) => length ?? "?").join(", ");
  const what = declared === undefined ? "of any shape" : `[${open}]`;
  const isOpen = declared === undefined || declared.includes(null);
  const stated = givenShape(given.shape, input) ?? (isOpen ? givenShape(given.usualShape, input) : undefined);
  if (stated === undefined) {
    if (!isOpen) return [...(declared as number[])];
    throw invalid(
      "shape",
      `the sizes that the network leaves open; its input ${input} is ${what} for each row, "?" being open`,
      stated,
    );
  }
  if (!Array.isArray(stated)) throw wrongKind("shape", `a list of sizes for the input ${input}`, stated);
  const sizes = stated.length - 1 === declared?.length && stated[0] === 1 ? stated.slice(1) : stated;
  const fits =
    sizes.every((length) => Number.isSafeInteger(length) && length > 0) &&
    (declared === undefined ||
      (sizes.length === declared.length && sizes.every((length, i) => (declared[i] ?? length) === length)));
  if (!fits) throw invalid("shape", `positive integers that fit ${what}, the input ${input} without its rows`, stated);
  return [...sizes];
}

/** The axis that a user states for a site: an index, or "all" where every number is a unit. */
export type UnitAxis = number | "all";

/**
 * The axis of a site's units: the one that is stated, else the adapter's. @throws RangeError for one it does not have
 */
export function unitAxis(
  name: string,
  shape: readonly number[],
  stated: UnitAxis | undefined,
  usual: number,
): number | undefined {
  if (stated === "all") return undefined;
  const axis = stated ?? usual;
  if (Number.isInteger(axis) && axis >= 0 && axis < shape.length) return axis;
  throw invalid(`axis of ${name}`, `"all" or one from 0 to ${shape.length - 1}`, stated);
}

/**
 * The name of an input's site: `input` where the network has one input and no other tensor is called so, else its own
 * name.
 *
 * @param inputs names of all inputs
 * @param tensors names of all tensors of the network
 */
export function inputSite(name: string, inputs: readonly string[], tensors: readonly string[]): string {
  return inputs.length === 1 && !tensors.some((tensor) => tensor === "input" && tensor !== name) ? "input" : name;
}

/**
 * Checks that sizes stated by name are those of inputs. `usualShape` may hold more, as a file of inputs does, but not
 * while an input is missing from it.
 *
 * @throws TypeError, RangeError for a name that is no input's, with the nearest ones
 */
export function checkShapeNames(
  given: { readonly shape?: GivenShape; readonly usualShape?: GivenShape },
  inputs: readonly string[],
): void {
  const { shape, usualShape } = given;
  if (!Array.isArray(shape)) checkNames("shape", shape, inputs, "inputs");
  if (usualShape === undefined || Array.isArray(usualShape) || inputs.every((name) => name in usualShape)) return;
  checkNames("usualShape", usualShape, inputs, "inputs");
}

/** Sizes that a user states for one row of the input, or of each input by its name. */
export type GivenShape = readonly number[] | Readonly<Record<string, readonly number[]>>;

/** The sizes stated for an input; undefined where none are. */
function givenShape(given: GivenShape | undefined, input: string): readonly number[] | undefined {
  if (given === undefined || Array.isArray(given)) return given as readonly number[] | undefined;
  return Object.hasOwn(given, input) ? (given as Readonly<Record<string, readonly number[]>>)[input] : undefined;
}
