/**
 * Whether `inspect` prints a value by itself, as `console.log` does, and not inside of an array or an object, or where
 * all is asked for in one line (`breakLength`).
 *
 * @param depth what Node gives a value's own `inspect` first: how deep it may still go
 * @param options what Node gives it then
 */
export function printedAlone(depth: unknown, options: unknown): boolean {
  const asked = options as { readonly depth?: unknown; readonly breakLength?: unknown } | undefined;
  const oneLine = asked?.breakLength === Number.POSITIVE_INFINITY;
  return !oneLine && typeof depth === "number" && Number.isFinite(depth) && depth === asked?.depth;
}
