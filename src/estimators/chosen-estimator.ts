import { invalid, oneOf, positiveInteger, wrongKind } from "../errors.js";
import type { Game } from "../games/game.js";
import type { Accumulator, Estimator, Plan, Request } from "./estimator.js";
import { type EstimatorName, estimators } from "./registry.js";

const names = Object.keys(estimators) as EstimatorName[];

/** The name of an estimator of this package, which threads find by it; undefined for one of somebody else's. */
export function nameOf(estimator: Estimator): EstimatorName | undefined {
  return names.find((name) => estimators[name] === estimator);
}

/**
 * The estimator that is asked for: by name, or one of the user's own.
 *
 * @throws RangeError for a name that is none, and for an own estimator that bears the name of one of these: results and
 *   saved runs tell estimators apart by name
 * @throws TypeError for an object that is no estimator
 */
export function chosenEstimator(given: string | Estimator): Estimator {
  if (typeof given !== "object" || given === null) {
    const name = oneOf("estimator", [...names, "auto"] as const, given);
    if (name === "auto")
      throw invalid("estimator", `one of ${names.join(", ")} where parts are played one by one`, name);
    return estimators[name];
  }
  const { name, unitOfIndependence, budget, held, plan } = given;
  if (typeof name !== "string" || typeof held !== "function" || typeof plan !== "function") {
    throw wrongKind(
      "estimator",
      "one of its names, or an Estimator: name, unitOfIndependence, budget, held, plan",
      given,
    );
  }
  oneOf("unitOfIndependence of the estimator", ["ordering", "pair", "none"], unitOfIndependence);
  oneOf("budget of the estimator", ["orderings", "evaluations", "none"], budget);
  if (nameOf(given)) return given;
  if (name === "" || (names as string[]).includes(name)) {
    throw invalid("name of the estimator", `one that is not empty and none of ${names.join(", ")}`, name);
  }
  return given;
}

/**
 * The plan of an estimator; that of one of somebody else's is looked at. @throws RangeError, TypeError for a plan that
 * is none
 */
export function planOf(estimator: Estimator, request: Request, game: Game): Plan {
  const plan = estimator.plan(request, game);
  return nameOf(estimator) ? plan : checkedPlan(estimator, plan);
}

function checkedPlan({ name }: Estimator, plan: Plan): Plan {
  const whose = `of the plan of ${name}`;
  for (const part of ["extent", "runChunk", "unpack"] as const) {
    if (typeof plan?.[part] !== "function") throw wrongKind(`${part} ${whose}`, "a function", plan?.[part]);
  }
  positiveInteger(`chunks ${whose}`, plan.chunks);
  whole(`evaluations ${whose}`, plan.evaluations, Number.MAX_SAFE_INTEGER);
  whole(`reusable ${whose}`, plan.reusable, plan.chunks);
  return {
    ...plan,
    extent: (chunks) => plan.extent(chunks),
    unpack: (packed) => checkedSums(name, plan.unpack(packed)),
    async runChunk(...given) {
      return checkedSums(name, await plan.runChunk(...given));
    },
  };
}

/** @throws TypeError for sums that lack a part */
function checkedSums(name: string, sums: Accumulator): Accumulator {
  for (const part of ["merge", "estimate", "largestStandardError", "pack"] as const) {
    if (typeof sums?.[part] !== "function")
      throw wrongKind(`${part} of the sums of ${name}`, "a function", sums?.[part]);
  }
  return sums;
}

function whole(name: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > most) {
    throw invalid(
      name,
      most < Number.MAX_SAFE_INTEGER ? `an integer from 0 to ${most}` : "an integer of 0 or more",
      value,
    );
  }
}
