// Numbers as people read them.

/** Seconds as people read them: `8 s`, `3 min 20 s`, `2 h 5 min`, `12 days`; `-` where nobody knows. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole >= 72 * 3600) return `${Math.round(whole / 86_400)} days`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A measured time to three significant digits: `35 ms`, `0.59 s`, `12.3 s`, `2 min 5 s`, `1 h 3 min`. */
export function measuredTime(seconds: number): string {
  if (seconds < 0.0995) return `${Number((seconds * 1000).toPrecision(2))} ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `13.2k`, `4.05`: a rate to three digits. */
export function compact(rate: number): string {
  return rate >= 1000 ? `${(rate / 1000).toFixed(1)}k` : rate.toPrecision(3);
}

/** `12,000`. */
export function thousands(count: number): string {
  return count.toLocaleString("en-GB");
}

/** `1 chunk`, `12,000 chunks`: how many, with a plural by s. */
export function counted(count: number, what: string): string {
  return `${thousands(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** How large modes are: `6 units x [10]`, or `6 units` where v(S) is one number. */
export function modesSize(of: { readonly units: readonly string[]; readonly outputShape: readonly number[] }): string {
  const outputs = of.outputShape.length === 0 ? "" : ` x [${of.outputShape.join(", ")}]`;
  return `${counted(of.units.length, "unit")}${outputs}`;
}

/** Bytes: `1.4 GB`, `210 MB`. */
export function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

/** The same of less than a megabyte in bytes, where it is held against another size. */
export function exactSizeText(bytes: number): string {
  return bytes < 1e6 ? `${bytes} bytes` : sizeText(bytes);
}

/**
 * A text of a user's, or of a file's, in one line: line ends, other control characters, which a terminal would obey,
 * and those that turn the direction of what follows, are spaces.
 */
export function inOneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ");
}

/**
 * A name of a user's, or of a file's, as a line of a message or a table has it: {@link inOneLine}, and cut where it is
 * long. @param most characters; default 60
 */
export function shortName(name: string, most = 60): string {
  const characters = [...inOneLine(name)];
  return characters.length > most ? `${characters.slice(0, most - 1).join("")}…` : characters.join("");
}
