import type { Json, JsonObject } from "../../json.js";
import type { Steps } from "../../pace.js";
import type { Estimate } from "../estimator.js";
import { type Candidate, candidatesOfSize, candidatesWithTriples } from "./candidates.js";
import type { Design } from "./design.js";
import { fewPairsPerUnit, regressionOfFew } from "./few-pairs.js";
import { outcomeOfEach } from "./few-pairs-each.js";
import { Regression } from "./fit.js";
import { folds } from "./folds.js";
import { type Outcome, outcomeOf, type Used } from "./outcome.js";
import { noticeableRidge } from "./rounding.js";
import { triplesLeftOut } from "./screen-limit.js";
import { type SizeTermKind, sizeTermKinds, sizeTerms } from "./size-terms.js";
import type { Targets } from "./targets.js";
import { tripleAmounts } from "./triple-amounts.js";

/**
 * Terms are taken where they lower the variances to this share: of gains that chance could make, the smaller set of
 * terms is as good.
 */
const gain = 0.9;
/** The same of triples, the best of several amounts of which is the one that chance favours most. */
const gainOfTriples = 0.85;

/** How terms are chosen: {@link estimateByRegression}. */
export type Choice = "errors" | Rule;

/** Why terms are taken by a rule. */
export type Rule = keyof typeof rules;

const rules = {
  large: "the outputs are so many that no triples are tried",
  part: "the outputs are a part of others, and all parts have the same terms",
  brief: "what is shown of a run that goes on, or was stopped before its last fit, has none",
} as const;

/** Shapley values from pairs of complements, and which terms were used. */
export interface RegressionEstimate extends Estimate {
  /** Which terms there are, and what was left out and why. */
  readonly provenance: JsonObject;
}

/**
 * Shapley values of v from the targets of some pairs. Which kinds of terms take part is decided by the standard errors
 * that each leaves: their squares, divided by those without extra terms, added up over all units and outputs. Outputs
 * are worked on in blocks that fit the memory of the targets, once for each decision, so the targets are read as often;
 * the numbers do not depend on the blocks.
 *
 * @param total v(all) - v(none), `[outputs]`: the values add up to it
 * @param choice "errors": as said above, triples among them; else why not: all terms of size with four pairs for each
 *   unknown, no triples. A rule gives a part of the outputs the same terms as the whole
 */
export function* estimateByRegression(
  design: Design,
  targets: Targets,
  total: Float64Array,
  choice: Choice,
): Steps<RegressionEstimate> {
  if (design.pairs < fewPairsPerUnit * design.units) {
    return yield* estimateOfFew(design, targets, total, choice === "part");
  }
  const regression = yield* Regression.of(design, sizeTerms(design));
  const leftOut: Record<string, string> = {};
  const tried = kindsTried(regression, choice, leftOut);
  const last = tried[tried.length - 1];
  let best: Candidate = { kind: last, spread: Number.NaN };
  let triples: Used["triples"];
  if (choice !== "errors") leftOut.triples = rules[choice];
  else {
    const ofSize = yield* candidatesOfSize(regression, targets, tried);
    best = ofSize.candidates.reduce(better);
    const noTriples = triplesLeftOut(design.units, design.pairs, targets.outputs);
    const enough = (kind: SizeTermKind) => fittedPairs * design.pairs >= pairsBesideTriples * regression.unknowns(kind);
    const beside = tried.findLast(enough) ?? "units";
    if (noTriples !== undefined) leftOut.triples = noTriples;
    else if (best.spread > 0 && ofSize.voters.get(beside)?.some(Boolean)) {
      const found = yield* candidatesWithTriples(regression, targets, beside, ofSize);
      const least = found.candidates.reduce((first, second) => (second.spread < first.spread ? second : first));
      best = better(best, least);
      const { amount } = best;
      if (amount) triples = { amount, fits: found.fits, known: found.known[tripleAmounts.indexOf(amount)] };
    }
  }
  for (const kind of tried) {
    if (sizeTermKinds.indexOf(kind) > sizeTermKinds.indexOf(best.kind)) leftOut[kind] = noGain;
  }
  if (!triples) leftOut.triples ??= noGain;
  const used: Used = { kind: best.kind, ...(triples && { triples }) };
  const { triples: ofFolds, degrees, rounding, ...numbers } = yield* outcomeOf(regression, used, targets, total);
  const terms: Json[] = [...sizeTermKinds.slice(0, sizeTermKinds.indexOf(best.kind) + 1)];
  return {
    ...numbers,
    provenance: {
      pairs: design.pairs,
      terms: triples ? [...terms, "triples"] : terms,
      ...(ofFolds && { triples: { folds: [...ofFolds], ...best.amount } }),
      terms_left_out: leftOut,
      ...errorsOf(regression, best.kind, { degrees, rounding }, choice === "part" ? undefined : targets.outputs),
    },
  };
}

const noGain = "standard errors with them are hardly smaller, or larger";

/**
 * Pairs for each unknown of the terms of size that triples are fitted with: of fewer these terms cost more than they
 * bring beside triples.
 */
const pairsBesideTriples = 3.5;
/** Share of the pairs that the triples of a fold are fitted to. */
const fittedPairs = 1 - 1 / folds;

/** The kinds of terms of size that there are pairs enough for. @param leftOut gets the reasons of the others */
function kindsTried(regression: Regression, choice: Choice, leftOut: Record<string, string>): SizeTermKind[] {
  const { pairs } = regression.design;
  const tried: SizeTermKind[] = [];
  for (const kind of sizeTermKinds) {
    const unknowns = regression.unknowns(kind);
    const needed = (kind === "units" ? 0 : choice !== "errors" ? 4 : kind === "size" ? 1.5 : 2) * unknowns;
    if (tried.length > 0 && unknowns === regression.unknowns(tried[tried.length - 1])) {
      leftOut[kind] = "nothing that other terms do not say";
    } else if (pairs < needed) {
      leftOut[kind] = `${pairs} pairs for ${unknowns} unknowns, of at least ${needed}`;
    } else tried.push(kind);
  }
  return tried;
}

/** The second where its variances are clearly smaller. */
function better(first: Candidate, second: Candidate): Candidate {
  return second.spread < (second.amount ? gainOfTriples : gain) * first.spread ? second : first;
}

/** What is to be said of the standard errors: how many pairs there are beyond the unknowns, or why there are none. */
function errorsOf(
  regression: Regression,
  kind: SizeTermKind,
  { degrees, rounding }: Pick<Outcome, "degrees" | "rounding">,
  outputs: number | undefined,
): JsonObject {
  const { pairs } = regression.design;
  if (regression.precision.knowsErrors(kind)) {
    return { degrees_of_freedom: degrees, ...rounding.said(pairs, degrees, outputs) };
  }
  const unknowns = regression.unknowns(kind);
  return {
    standard_errors_unknown: `${pairs} ${pairs === 1 ? "pair" : "pairs"} for ${unknowns} unknowns: no residuals to speak of`,
  };
}

/** @param part whether the outputs are a part of others: each is then held back by itself */
function* estimateOfFew(
  design: Design,
  targets: Targets,
  total: Float64Array,
  part: boolean,
): Steps<RegressionEstimate> {
  const { outcome, regression, heldBack, ridge } = yield* part
    ? ofEach(design, targets, total)
    : ofAll(design, targets, total);
  const { degrees, rounding, ...numbers } = outcome;
  const { pairs } = design;
  const why = `${pairs} pairs, of at least ${fewPairsPerUnit} for each unit`;
  const unknowns = regression.unknowns("size");
  const how = typeof ridge === "number" ? `ridge ${ridge}` : "each output by a ridge of its own";
  return {
    ...numbers,
    provenance: {
      ...((pairs < unknowns || heldBack) && {
        held_back: `${pairs} ${pairs === 1 ? "pair" : "pairs"} of coalitions for ${unknowns} unknowns: contributions are held back towards equal shares (${how})`,
      }),
      ...errorsOf(regression, "size", { degrees, rounding }, part ? undefined : targets.outputs),
      pairs,
      ridge,
      terms: ["units", "size"],
      terms_left_out: { "unit x size^2": why, triples: why },
    },
  };
}

/** An estimate of few pairs, and how far it is held back. */
interface FewPairs {
  readonly outcome: Outcome;
  readonly regression: Regression;
  readonly heldBack: boolean;
  readonly ridge: Json;
}

function* ofAll(design: Design, targets: Targets, total: Float64Array): Steps<FewPairs> {
  const { regression, ridge } = yield* regressionOfFew(design, targets, total);
  const outcome = yield* outcomeOf(regression, { kind: "size", heldBack: true }, targets, total);
  return { outcome, regression, heldBack: ridge >= noticeableRidge, ridge };
}

function* ofEach(design: Design, targets: Targets, total: Float64Array): Steps<FewPairs> {
  return { ...(yield* outcomeOfEach(design, targets, total)), ridge: "each output its own" };
}
