import { wrongKind } from "./errors.js";

/*
 * What a function is given in the place of its arguments, by kind: so that something else altogether (a path for a
 * network, options for modes, a promise without its await) is one clear error at the beginning, not one of the language
 * somewhere inside.
 */

/**
 * Checks that a value is something that has the named parts. What these hold is looked at where they are used.
 *
 * @param kind what is expected: `"an Mlp"`
 * @param parts without any, all but null and undefined will do
 * @throws TypeError
 */
export function has<T>(name: string, value: T, kind: string, ...parts: (keyof T & string)[]): void {
  const given = value !== null && value !== undefined;
  if (given && parts.every((part) => (value as Partial<T>)[part] !== undefined)) return;
  throw wrongKind(name, parts.length > 0 ? `${kind} (with ${parts.join(", ")})` : kind, value);
}

/** Checks that a value is an array, a typed one, or an object like them. @throws TypeError */
export function isList(name: string, value: unknown, what: string): void {
  const length = value !== null && typeof value === "object" && (value as Partial<ArrayLike<unknown>>).length;
  if (typeof length !== "number") throw wrongKind(name, `an array of ${what}`, value);
}

/** Checks that a value is an array, or a typed one, of numbers; NaN is one. @throws TypeError */
export function isNumbers(name: string, value: unknown): void {
  isList(name, value, "numbers");
  const list = value as ArrayLike<unknown>;
  for (let i = 0; i < list.length; i++) isNumber(`${name}[${i}]`, list[i]);
}

/**
 * Checks that a value is an array, empty or not, and that each of its items has the named parts, as {@link has} does.
 *
 * @throws TypeError that names the first item that has not
 */
export function listOf<T>(name: string, values: readonly T[], kind: string, ...parts: (keyof T & string)[]): void {
  if (!Array.isArray(values)) throw wrongKind(name, `an array of ${kind}`, values);
  for (let i = 0; i < values.length; i++) has(`${name}[${i}]`, values[i] as T, kind, ...parts);
}

/** Checks that a value is a text. @param what that it is to be: `"a folder's path"` @throws TypeError */
export function isText(name: string, value: unknown, what: string): void {
  if (typeof value !== "string") throw wrongKind(name, what, value);
}

/** Checks that a value is a number. @throws TypeError */
export function isNumber(name: string, value: unknown): void {
  if (typeof value !== "number") throw wrongKind(name, "a number", value);
}

/** Checks that a value can be called. @throws TypeError */
export function isFunction(name: string, value: unknown): void {
  if (typeof value !== "function") throw wrongKind(name, "a function", value);
}
