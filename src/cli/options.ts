import { positiveInteger, validSeed } from "../errors.js";

/** A number where the text is one, else the text itself, so that the check that follows can name what was given. */
function numberOrText(text: string): number | string {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Reads `--orderings` and the like. */
export function positiveIntegerOption(name: string, text: string): number {
  return positiveInteger(name, numberOrText(text));
}

/** Reads `--seed`. */
export function seedOption(text: string): number {
  return validSeed(numberOrText(text));
}

/** Gathers the values of an option that may be repeated. */
export function collected(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
