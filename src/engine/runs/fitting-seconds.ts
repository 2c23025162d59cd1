import { choiceOf } from "../../estimators/leverage.js";
import { screeningSeconds, triplesLeftOut } from "../../estimators/regression/screen-limit.js";
import { mostTriples } from "../../estimators/regression/triple-amounts.js";

/**
 * Processor seconds that the fit of `leverage` takes, roughly. Calibrated on one core of a Xeon at 24 sizes, of 15 to
 * 400 units, 400 to 20,000 pairs and 1 to 2136 outputs: none took 1.5 times as long, or as short.
 */
export function fittingSeconds(units: number, pairs: number, outputs: number): number {
  const terms = 2 * units + 5;
  const ofSize = 3.5e-10 * pairs * terms ** 2;
  const eachFit = 2.2e-10 * pairs * terms * outputs;
  const alone = 0.05 + ofSize + 3 * eachFit;
  if (choiceOf({ outputs }, pairs) !== "errors" || triplesLeftOut(units, pairs, outputs) !== undefined) return alone;
  const triples = Math.min(mostTriples, 0.22 * pairs);
  const screening = screeningSeconds(units, pairs, outputs);
  return alone + 17 * eachFit + screening + 7e-10 * triples ** 3 + 3.2e-9 * pairs * triples * outputs;
}
