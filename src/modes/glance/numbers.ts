/** Significant digits of the largest number of a column. */
const significant = 5;

/**
 * Numbers as texts of one column: the decimals are alike, as many as the largest number has to five significant digits,
 * and no more than are needed. A number too small for these decimals is written with an exponent, never as 0.
 *
 * @param digits significant digits of the largest; default 5
 */
export function alignedNumbers(values: readonly number[], digits: number = significant): string[] {
  const finite = values.filter(Number.isFinite);
  const largest = finite.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  if (finite.every(Number.isInteger) && largest < 1e15) return values.map(plain);
  if (largest >= 10 ** (digits + 2) || largest < 1e-4) return values.map((value) => exponential(value, digits - 1));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(largest)));
  const needed = finite.reduce((most, value) => Math.max(most, decimalsOf(value.toFixed(decimals))), 0);
  return values.map((value) => {
    if (!Number.isFinite(value) || value === 0) return value === 0 ? (0).toFixed(needed) : String(value);
    return Math.abs(value) < 0.5 * 10 ** -decimals ? exponential(value, 2) : value.toFixed(needed);
  });
}

/** One number with at most so many significant digits; default 4. */
export function shortNumber(value: number, digits = 4): string {
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? plain(value) : String(Number(value.toPrecision(digits)));
}

function plain(value: number): string {
  return String(value === 0 ? 0 : value);
}

function exponential(value: number, decimals: number): string {
  if (!Number.isFinite(value) || value === 0) return plain(value);
  return value.toExponential(decimals).replace(/\.?0+e/, "e");
}

/** Decimals of a text such as `2.500` that are not trailing zeros. */
function decimalsOf(text: string): number {
  return (text.split(".")[1] ?? "").replace(/0+$/, "").length;
}
