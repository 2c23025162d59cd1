import { wrongKind } from "../../errors.js";
import { normalQuantile, studentFactor } from "../../quantiles.js";
import { within } from "./checks.js";

/**
 * What error bars and bands show: `false` one standard error on either side; `true` a confidence interval of 95 %; a
 * number between 0 and 1 one of that level: Student's, where what is drawn says its degrees of freedom, as what modes
 * give does; else a normal distribution's.
 */
export type Confidence = boolean | number;

/**
 * How many standard errors an error bar is long, on either side, and what a caption says of it.
 *
 * @param degrees of freedom of the standard errors; default infinitely many, a normal distribution
 */
export function errorLength(
  confidence: Confidence = false,
  degrees = Number.POSITIVE_INFINITY,
): { readonly factor: number; readonly words: string } {
  if (confidence === false) return { factor: 1, words: "±1 standard error of the estimate" };
  if (confidence !== true && typeof confidence !== "number")
    throw wrongKind("confidence", "true, false or a level", confidence);
  const level = confidence === true ? 0.95 : within("confidence", confidence, 1e-6, 1 - 1e-9);
  const percent = Number((100 * level).toPrecision(12));
  return { factor: intervalLength(1 - level, degrees), words: `${percent} % confidence interval of the estimate` };
}

/**
 * How many standard errors the interval is long on either side that leaves out a share: NaN for fewer than one degree
 * of freedom.
 */
export function intervalLength(outside: number, degrees = Number.POSITIVE_INFINITY): number {
  if (degrees === Number.POSITIVE_INFINITY) return normalQuantile(1 - outside / 2);
  return degrees >= 1 ? studentFactor(outside, degrees) : Number.NaN;
}

/**
 * What a caption says of errors that are drawn; nothing where there are none.
 *
 * @param name what they are drawn as
 * @param words what they show, as {@link errorLength} says it
 */
export function errorNote(name: string, words: string, errors: ArrayLike<number> | undefined): string | false {
  if (!errors) return false;
  return Array.from(errors).every(Number.isNaN) ? "Standard errors are not known." : `${name}: ${words}.`;
}

/**
 * What a caption says of units whose standard error is 0, beside others whose is not; nothing where there are none, or
 * all are exact.
 *
 * @param shown the units that are shown
 */
export function sameInAllNote(shown: readonly { readonly error: number; readonly alike?: boolean }[]): string | false {
  const some = shown.some(({ alike }) => alike) && shown.some(({ error }) => error > 0);
  return some && "Units without one were the same in all samples, which is no certainty where samples are few.";
}
