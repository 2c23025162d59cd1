/**
 * Whether `inspect` prints a value by itself, as `console.log` does, and not inside of an array or an object, where a line is enough.
 *
 * @param depth what Node gives a value's own `inspect` first: how deep it may still go
 * @param options what Node gives it then
 */
export function printedAlone(depth: unknown, options: unknown): boolean {
  const asked = (options as { readonly depth?: unknown } | undefined)?.depth;
  return typeof depth === "number" && Number.isFinite(depth) && depth === asked;
}
