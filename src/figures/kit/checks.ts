import { finite, finiteFromZero, invalid, wrongKind } from "../../errors.js";
import { has } from "../../kinds.js";

export { finite, finiteFromZero };

/** Checks that there is something to draw, and that each of it has the named parts. */
export function nonEmpty<T>(
  name: string,
  values: readonly T[],
  what: string,
  ...parts: (keyof T & string)[]
): readonly T[] {
  if (!Array.isArray(values)) throw wrongKind(name, `an array of ${what}`, values);
  for (let i = 0; i < values.length; i++) has(`${name}[${i}]`, values[i] as T, `one of ${what}`, ...parts);
  if (values.length === 0) throw invalid(name, `at least one of ${what}`, values);
  return values;
}

/** Checks that every value is a finite number; the error names the first that is not. */
export function allFinite(name: string, values: ArrayLike<number>): void {
  for (let index = 0; index < values.length; index++) finite(`${name}[${index}]`, values[index]);
}

/** Checks a finite number within bounds, both included, or beyond them by no more than a rounding error of `slack`. */
export function within(name: string, value: unknown, low: number, high: number, slack = 0): number {
  const number = finite(name, value);
  if (number < low - slack || number > high + slack) throw invalid(name, `a number from ${low} to ${high}`, value);
  return number;
}

/** Checks names of things that are drawn side by side: at least one, and each once. */
export function distinctNames(name: string, names: readonly string[], what: string): readonly string[] {
  nonEmpty(name, names, what);
  const seen = new Set<string>();
  for (const each of names) {
    if (seen.has(each)) throw invalid(name, "each name once", each);
    seen.add(each);
  }
  return names;
}

/** Checks that an array has as many entries as another thing asks for. */
export function sameLength(name: string, values: ArrayLike<unknown>, length: number, why: string): void {
  if (values.length !== length) throw invalid(name, `${length} values (${why})`, values.length);
}

/** Checks a number of hidden units. */
export function validWidth(name: string, value: unknown): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw invalid(name, "a positive integer", value);
  return value as number;
}
