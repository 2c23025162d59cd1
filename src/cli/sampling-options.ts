import type { Command } from "commander";
import type { ShapleyOptions } from "../engine/shapley.js";
import { oneOf } from "../errors.js";
import { type EstimatorName, estimators } from "../estimators/registry.js";
import { collected, positiveIntegerOption, seedOption, untilOption } from "./options.js";

/** Options that say how modes are estimated, as the command line gives them. */
export interface SamplingArguments {
  estimator?: string;
  orderings?: string;
  evaluations?: string;
  until: string[];
  seed: string;
}

const estimatorNames = ["auto", ...(Object.keys(estimators) as EstimatorName[])] as const;

/** Adds the options that say how modes are estimated. */
export function addSamplingOptions(command: Command): Command {
  return command
    .option("--estimator <name>", `${estimatorNames.join(", ")}; default auto, or with --orderings permutation`)
    .option("--orderings <number>", "orderings of the units to play; default 1000; with --until at most, default 10000")
    .option("--evaluations <number>", "evaluations of the network's score at most, instead of orderings")
    .option(
      "--until <rule=value>",
      "stop once this holds: standard-error=0.002, mean-standard-error, relative-error, rank-stability, top=30 (with confidence, indifference), or at seconds, evaluations; may be repeated",
      collected,
      [],
    )
    .option("--seed <number>", "0 to 4294967295", "1");
}

/** What the options say. @throws RangeError for options that say nothing */
export function samplingOptions({
  estimator,
  orderings,
  evaluations,
  until,
  seed,
}: SamplingArguments): Pick<ShapleyOptions, "estimator" | "orderings" | "evaluations" | "until" | "seed"> {
  return {
    ...(estimator !== undefined && { estimator: oneOf("estimator", estimatorNames, estimator) }),
    ...(orderings !== undefined && { orderings: positiveIntegerOption("orderings", orderings) }),
    ...(evaluations !== undefined && { evaluations: positiveIntegerOption("evaluations", evaluations) }),
    ...(until.length > 0 && { until: untilOption(until) }),
    seed: seedOption(seed),
  };
}
