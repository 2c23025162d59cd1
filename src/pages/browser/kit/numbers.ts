/**
 * How numbers up to some size are written: with as many decimals as three digits of the largest have, and no more than
 * they need.
 */
export function numberText(numbers: Iterable<number>): (value: number) => string {
  let largest = 0;
  let furthest = 0;
  for (const number of numbers) {
    largest = Math.max(largest, Math.abs(number));
    furthest = Math.max(furthest, Math.abs(number - Math.round(number)));
  }
  // Rounding is a share of the largest: where that is small, what is no more than small is no whole number.
  const whole = furthest <= 1e-9 * Math.min(1, largest);
  const decimals = 2 - Math.floor(Math.log10(largest || 1));
  const plain = decimals >= -4 && decimals <= 7;
  const text = (value: number) => {
    if (whole && largest < 1e6) return String(Math.round(value));
    return plain ? value.toFixed(Math.max(0, decimals)) : value.toPrecision(3);
  };
  // Minus zero, and what rounds to it, is zero.
  return (value) =>
    text(value)
      .replace(/^-(?=[0.]+$)/, "")
      .replaceAll("-", "−");
}

/** The same with a sign in front of what is not negative. */
export function signed(text: (value: number) => string): (value: number) => string {
  return (value) => {
    const written = text(value);
    return written.startsWith("−") ? written : `+${written}`;
  };
}

/** Names in a list, at most. */
const mostListed = 5;

/** "a", "a and b", "a, b and c"; of many, how many there are. */
export function listed(names: readonly string[], word: string): string {
  if (names.length > mostListed) return counted(names.length, word);
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

/** Several of what a word names. */
export function plural(word: string): string {
  if (/(s|x|ch|sh)$/i.test(word)) return `${word}es`;
  return /[^aeiou]y$/i.test(word) ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** "an item", "a unit". */
export function indefinite(word: string): string {
  return `${/^[aeio]/i.test(word) ? "an" : "a"} ${word}`;
}

/** n of what a word names. */
export function counted(count: number, word: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? word : plural(word)}`;
}

/** The whole number from 1 to `most` that is next to what a field holds; 1 where it holds none. */
export function wholeWithin(field: string, most: number): number {
  return Math.max(1, Math.min(most, Math.round(Number(field)) || 1));
}
