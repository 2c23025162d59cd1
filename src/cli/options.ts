import { invalid, positiveInteger, validSeed } from "../errors.js";

/** A number where the text is one, else the text itself, so that the check that follows can name what was given. */
function numberOrText(text: string): number | string {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Reads `--orderings` and the like. */
export function positiveIntegerOption(name: string, text: string): number {
  return positiveInteger(name, numberOrText(text));
}

const bytesOf: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9 };

/** Reads `--memory`: bytes of a size such as 500MB or 1.5GB, in units as this package prints them. */
export function sizeOption(name: string, text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([KMG]B)$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(number) * bytesOf[unit?.toUpperCase()]);
  if (!(bytes >= 1) || !Number.isSafeInteger(bytes)) throw invalid(name, "a size such as 500MB or 2GB", text);
  return bytes;
}

/** Reads `--seed`. */
export function seedOption(text: string): number {
  return validSeed(numberOrText(text));
}

/** Gathers the values of an option that may be repeated. */
export function collected(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
