import type { Accumulator, Ends, Estimate } from "../../estimators/estimator.js";
import { mostExactUnits } from "../../estimators/exact.js";
import { type Alike, alikeIn, allAlike, noneAlike } from "../../estimators/stopping/alike.js";
import {
  closestText,
  type Goal,
  goalsOf,
  goalText,
  measuresFromJson,
  measuresJson,
  unitsOfTop,
} from "../../estimators/stopping/goals.js";
import { firstSamples, lookChunks, samplesIn } from "../../estimators/stopping/looks.js";
import {
  holds,
  type Measures,
  measuresOf,
  type ToldApart,
  timesAsMany,
  unknownMeasures,
} from "../../estimators/stopping/measures.js";
import { RankGroups, stabilityOfHalves } from "../../estimators/stopping/rank-groups.js";
import type { AccuracyRule, Until } from "../../estimators/stopping/until.js";
import { canonicalJson, type JsonObject } from "../../json.js";
import { nothingChanged, tellingSamples } from "../../modes/same-in-all.js";
import { duration, thousands } from "../../words.js";
import type { Run } from "./run.js";

/** Why a run with stopping rules came to its end; "coalitions": all of them were played. */
export type StopReason = "met" | "orderings" | "evaluations" | "seconds" | "coalitions";

/** One look at what there was after some chunks. */
interface Look {
  readonly chunks: number;
  readonly measures: Measures;
  readonly alike: Alike;
}

/** What {@link Stopping} needs beside the run. */
export interface StoppingOptions {
  readonly until: Until;
  readonly remark: (text: string) => void;
  /** Evaluations a second in this call, as far as is known. */
  readonly rate: () => number;
}

/** Samples from which on what a goal would take is told: the error of a standard error is then an eighth of it. */
const soundSamples = 32;
/**
 * Of pairs of coalitions so many for each unit. Terms are taken as there are pairs enough for them, so errors fall
 * faster than with the square root: from here on, on networks of 50 and 100 units, a goal took a third of what is told
 * by it.
 */
const soundPairsPerUnit = 10;
const fallsFaster = 4;

/**
 * The stopping rules of one run: looks at its sums after numbers of chunks that the request alone decides, keeps what
 * it saw, and says when it is enough. What it keeps goes into checkpoints, so that a run that goes on has seen what an
 * undisturbed one has.
 */
export class Stopping {
  readonly #schedule: ReadonlySet<number>;
  readonly #groups: RankGroups | undefined;
  readonly #start = performance.now();
  readonly #warned = new Set<AccuracyRule>();
  #looks: Look[] = [];
  #taken = 0;
  /** Whether it has taken up sums that no look of these rules has seen. */
  #unseen = false;
  #reason: StopReason | undefined;

  constructor(
    readonly run: Run,
    readonly options: StoppingOptions,
  ) {
    this.#schedule = new Set(lookChunks(run.plan, run.estimator));
    if (options.until.rankStability !== undefined) this.#groups = new RankGroups(run.units.length);
  }

  /** Whether the run is to stop. */
  get enough(): boolean {
    return this.#reason !== undefined;
  }

  /** How far the run is from each goal, as of the last look. */
  goals(): Goal[] {
    const last = this.#looks.at(-1);
    return goalsOf(this.options.until, last?.measures, last?.alike, this.run.units);
  }

  /** Takes in the sums of the next chunk, before they are merged with those of others. */
  take(sums: Accumulator): void {
    const means = this.#groups && sums.unitMeans?.();
    if (means) this.#groups?.add(this.#taken, means);
    this.#taken++;
  }

  /** Looks where it is time to, once the chunk is in the tally. */
  async look(signal?: AbortSignal): Promise<void> {
    const { chunks, complete } = this.run.tally;
    if (chunks === 0 || this.enough) return;
    const late = this.#secondsLeft() <= 0;
    const first = this.#unseen && !this.#schedule.has(chunks);
    this.#unseen = false;
    const due = late || first || this.#schedule.has(chunks) || this.#looks.some((look) => this.#allHold(look));
    if (due && this.#looks.at(-1)?.chunks !== chunks) await this.#see(signal);
    const last = this.#looks.at(-1);
    if (last?.chunks === chunks && this.#allHold(last)) this.#reason = "met";
    else if (complete) this.#reason = this.#budget();
    else if (late) this.#reason = "seconds";
    // A run that had these rules from the start has no such look.
    else if (first) this.#looks.pop();
    if (this.#reason !== undefined && this.#reason !== "met" && last) this.#sayMissed(last);
  }

  /** What a checkpoint keeps. */
  toJson(): JsonObject {
    return {
      asked: this.#asked(),
      groups: this.#groups?.toJson() ?? null,
      looks: this.#looks.map(({ chunks, measures, alike }) => ({
        alike: { ...alike },
        chunks,
        ...measuresJson(measures),
        ...(measures.told && { told: measures.told as unknown as JsonObject }),
      })),
    };
  }

  /**
   * Takes what {@link toJson} gave, of the first `chunks` chunks; nothing where it was kept for other rules, or there
   * were none: the next look is then made at once.
   */
  restore(chunks: number, saved: JsonObject | undefined): void {
    this.#taken = chunks;
    this.#unseen = !saved || canonicalJson(saved.asked) !== canonicalJson(this.#asked());
    if (!saved || this.#unseen) return;
    if (saved.groups) this.#groups?.restore(saved.groups);
    const looks = (saved.looks as readonly JsonObject[]).map((look) => ({
      chunks: look.chunks as number,
      measures: { ...measuresFromJson(look), ...(look.told && { told: look.told as unknown as ToldApart }) },
      alike: (look.alike as unknown as Alike | undefined) ?? noneAlike,
    }));
    // A run with another budget, or one that time ended, looked at its end: an undisturbed run has no such look, nor
    // those at coalitions it does not play.
    this.#looks = looks.filter((look) => look.chunks <= chunks && this.#schedule.has(look.chunks));
  }

  /**
   * What a result says of its rules: what was asked for, what every look saw, which goals were missed, and why it
   * stopped.
   */
  provenance(): JsonObject {
    const told = this.#looks.at(-1)?.measures.told;
    return {
      asked: { ...this.options.until },
      looks: this.#looks.map(({ chunks, measures }) => ({ ...this.#extent(chunks), ...measuresJson(measures) })),
      missed: this.goals().flatMap(({ rule, met }) => (met ? [] : [rule])),
      stopped: this.#reason ?? "interrupted",
      ...(told && (unitsOfTop(this.run.units, told) as unknown as JsonObject)),
    };
  }

  async #see(signal: AbortSignal | undefined): Promise<void> {
    const { run, options } = this;
    const { sums, chunks } = run.tally;
    if (!sums || !run.ends) throw new Error("nothing was computed");
    await sums.settle?.(signal);
    const extent = run.plan.extent(chunks);
    const samples = samplesIn(extent, run.estimator);
    const sample = {
      ends: run.ends,
      // Without orderings two coefficients for each unit are fitted.
      degrees: extent.orderings === null ? samples - 2 * run.units.length : samples - 1,
      orderings: extent.orderings !== null,
      look: 1 + this.#looks.length,
      stability: async () =>
        sums.halves ? stabilityOfHalves(await sums.halves(signal)) : (this.#groups?.stability() ?? Number.NaN),
    };
    // A budget, or the clock, may end a run before there are enough orderings that their errors could be decided on.
    const few = extent.orderings !== null && samples < firstSamples;
    const estimate = few ? undefined : sums.estimate();
    const measures = estimate ? await measuresOf(estimate, options.until, sample) : unknownMeasures(options.until);
    const alike = estimate
      ? this.#alikeIn(estimate, extent.orderings === null ? undefined : samples, run.ends)
      : noneAlike;
    const look = { chunks, measures, alike };
    this.#looks.push(look);
    const sound =
      extent.orderings === null ? Math.max(soundSamples, soundPairsPerUnit * run.units.length) : soundSamples;
    if (samples >= sound && !run.tally.complete) this.#warn(look, samples);
  }

  /**
   * What the errors of an estimate know nothing of. @param samples orderings, or pairs of them; undefined where there
   * are none
   */
  #alikeIn(estimate: Estimate, samples: number | undefined, ends: Ends): Alike {
    if (samples !== undefined) return samples >= tellingSamples ? noneAlike : alikeIn(estimate, ends);
    const { fitted_exactly: exact, degrees_of_freedom: beyond } = estimate.provenance ?? {};
    if ((beyond as number) >= tellingSamples) return noneAlike;
    return exact !== undefined || nothingChanged(estimate.values, estimate.standardErrors, ends) ? allAlike : noneAlike;
  }

  /** Says which goals will be missed, once that is all but certain: the sooner, the farther away they are. */
  #warn(look: Look, samples: number): void {
    const { until, remark, rate } = this.options;
    const { plan, units } = this.run;
    // With all coalitions the error is 0, whatever it was before.
    if (plan.evaluations + 2 >= 2 ** units.length && this.run.estimator.budget === "evaluations") return;
    const { evaluations, orderings } = plan.extent(look.chunks);
    const most = Math.min(plan.evaluations, evaluations + this.#secondsLeft() * rate());
    // What a goal would take is known to within this factor: it goes with the square of an error, whose own error is 1
    // / sqrt(2 (samples - 1)).
    const factor = (1 + 4 / Math.sqrt(2 * (samples - 1))) * (orderings === null ? fallsFaster : 1);
    for (const goal of goalsOf(until, look.measures, noneAlike, this.run.units)) {
      const times = timesAsMany(goal.rule, look.measures, until);
      if (this.#warned.has(goal.rule) || !(evaluations * times > factor * most)) continue;
      this.#warned.add(goal.rule);
      remark(`${this.#farText(goal, look)}; the run goes on to its budget`);
    }
  }

  #sayMissed(last: Look): void {
    const missed = goalsOf(this.options.until, last.measures, last.alike, this.run.units).filter(({ met }) => !met);
    for (const goal of missed) this.options.remark(`a goal was missed: ${this.#farText(goal, last)}`);
  }

  /** `largest standard error 0.0043, goal 0.002 after 9,000 orderings; it would take about 41,000 (12 min 0 s)` */
  #farText(goal: Goal, look: Look): string {
    return `${this.#costText(goal, look)}${closestText(goal)}`;
  }

  #costText(goal: Goal, { chunks, measures, alike }: Look): string {
    const { orderings, evaluations } = this.run.plan.extent(chunks);
    const here = `${goalText(goal)} after ${orderings === null ? `${thousands(evaluations + 2)} evaluations` : `${thousands(orderings)} orderings`}`;
    if (holds(goal.rule, measures, this.options.until) || (orderings === null && alike === allAlike))
      return `${here}; ${orderings === null ? fittedExactly : sameInAll}`;
    const times = timesAsMany(goal.rule, measures, this.options.until);
    if (Number.isNaN(times)) return `${here}; there are too few samples to tell how many it would take`;
    const all = 2 ** this.run.units.length;
    const whole = this.run.units.length <= mostExactUnits && evaluations * times >= all;
    if (whole && orderings === null) return `${here}; it would take at most all ${thousands(all)} coalitions`;
    const exact = whole ? `; exact takes ${thousands(all)} evaluations` : "";
    const rest = `${goal.rule === "top" && !(times < 100) ? `; ${ties}` : ""}${exact}`;
    if (times === Number.POSITIVE_INFINITY)
      return `${here}${goal.rule === "rankStability" ? `; ${chance}${exact}` : rest}`;
    if (times > 1e5) return `${here}; it would take more than 100,000 times as many${rest}`;
    const many = thousands(Math.ceil(Number(((orderings ?? evaluations) * times).toPrecision(2))));
    const time = duration((evaluations * times) / this.options.rate());
    const cost = `about ${many} ${orderings === null ? "evaluations" : "orderings"}${time === "-" ? "" : ` (${time})`}`;
    return `${here}; it would take ${orderings === null ? "at most " : ""}${cost}${rest}`;
  }

  #allHold({ measures, alike }: Look): boolean {
    const goals = goalsOf(this.options.until, measures, alike);
    return goals.length > 0 && goals.every(({ met }) => met);
  }

  #secondsLeft(): number {
    return (this.options.until.seconds ?? Number.POSITIVE_INFINITY) - (performance.now() - this.#start) / 1000;
  }

  /** Which budget it is that all chunks use up. */
  #budget(): StopReason {
    const { estimator, request } = this.run;
    if (estimator.unitOfIndependence === "none") return "coalitions";
    return estimator.budget === "evaluations" || request.evaluations !== undefined ? "evaluations" : "orderings";
  }

  /** What the measures depend on, beside the estimate. */
  #asked(): JsonObject {
    const { top = null, confidence = 0.95, indifference = 0 } = this.options.until;
    return { confidence, indifference, stability: this.#groups !== undefined, top };
  }

  #extent(chunks: number): JsonObject {
    const { orderings, evaluations } = this.run.plan.extent(chunks);
    return { evaluations: evaluations + 2, orderings };
  }
}

const ties =
  "two units on either side of the line may be equal (indifference says how small a difference does not matter), or average to 0 over the outputs";
const sameInAll = `some contribution was the same in all samples, and of fewer than ${tellingSamples} that says little`;
const fittedExactly = `the fit says all pairs of an output exactly, and of fewer than ${tellingSamples} beyond its unknowns that says little`;
const chance = "rankings of two halves agree no better than by chance";
