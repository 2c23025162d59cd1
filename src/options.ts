import { invalid, wrongKind } from "./errors.js";
import { nearestNames } from "./nearest-names.js";

/** The names of all options of an interface; the compiler sees to it that none is missing and none is too many. */
export type OptionNames<Options extends object> = { readonly [Name in keyof Options]-?: true };

/**
 * Checks that an object of options holds nothing but options that there are: a mistyped one would be ignored without a word, and
 * the default taken in its place.
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
