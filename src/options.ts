import { invalid, validSeed, wrongKind } from "./errors.js";
import { nearestNames } from "./nearest-names.js";

/** The names of all options of an interface; the compiler sees to it that none is missing and none is too many. */
export type OptionNames<Options extends object> = { readonly [Name in keyof Options]-?: true };

/**
 * Checks that an object of options holds nothing but options that there are: a mistyped one would be ignored without a
 * word, and the default taken in its place.
 *
 * @param of the function that takes them, for the message
 * @throws TypeError for something that is no object; RangeError for a name that is no option, with the nearest ones
 */
export function knownOptions<Options extends object>(of: string, options: Options, names: OptionNames<Options>): void {
  if (options === null || typeof options !== "object" || Array.isArray(options)) {
    throw wrongKind(`options of ${of}`, "an object", options);
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const all = Object.keys(names);
    const near = nearestNames(name, all, 3).join(", ");
    throw invalid(`option of ${of}`, all.length > 3 ? `one of its options, such as the nearest: ${near}` : near, name);
  }
}

/** Options of what only needs a seed. */
export interface SeedOption {
  /** An integer from 0 to 2^32 - 1; default 1. Same seed, same bytes. */
  readonly seed?: number;
}

/** Options of what can only be stopped. */
export interface SignalOption {
  /** Stops it within a moment once aborted: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The seed among the options of a function. @throws RangeError, TypeError for a seed that is none, and for other
 * options
 */
export function seedOf(of: string, options: SeedOption): number {
  knownOptions(of, options, { seed: true });
  return validSeed(options.seed ?? 1);
}

/**
 * The signal among the options of a function. @throws TypeError for a signal that is none; RangeError for other options
 */
export function signalOf(of: string, options: SignalOption): AbortSignal | undefined {
  knownOptions(of, options, { signal: true });
  return validSignal(options.signal);
}

/** @throws TypeError for what is no signal */
export function validSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongKind("signal", "an AbortSignal", signal);
  return signal;
}
