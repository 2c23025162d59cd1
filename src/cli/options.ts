import { invalid, oneOf, positiveInteger, validSeed } from "../errors.js";
import { type Until, untilNames } from "../estimators/stopping/until.js";
import { numberOf } from "../modes/csv.js";

/**
 * A decimal number where the text is one, else the text itself, so that the check that follows can name what was given.
 */
function numberOrText(text: string): number | string {
  return numberOf(text.trim()) ?? text;
}

/** Reads a number that a check follows, which names what was given where it is none. */
export function numberOption(text: string): number {
  return numberOrText(text) as number;
}

/** Reads `--index` and the like. */
export function wholeNumberOption(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw invalid(name, "a whole number from 0 on", text);
  return Number(text);
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

/** Reads `--until` of rules such as `standard-error=0.002`, several of them with commas or one each. */
export function untilOption(texts: readonly string[]): Until {
  const names = new Map(Object.keys(untilNames).map((name) => [kebab(name), name]));
  const until: Record<string, number | string> = {};
  for (const text of texts.flatMap((each) => each.split(","))) {
    const [name, value, ...rest] = text.split("=").map((part) => part.trim());
    if (value === undefined || value === "" || rest.length > 0) {
      throw invalid("until", "rules such as standard-error=0.002, with commas between them", text);
    }
    const rule = names.get(oneOf("rule of until", [...names.keys()], name)) as string;
    if (rule in until) throw invalid("until", `one value for ${name}`, text);
    until[rule] = numberOrText(value);
  }
  return until as Until;
}

/** `standardError` as `standard-error`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Reads `--seed`. */
export function seedOption(text: string): number {
  return validSeed(numberOrText(text));
}

/** Gathers the values of an option that may be repeated. */
export function collected(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
