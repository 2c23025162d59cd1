import { allIntact, type Coalitions, noneIntact } from "../../coalitions/coalition.js";
import type { Ends, Estimate, Estimator, Plan, Request } from "../../estimators/estimator.js";
import { samplesIn } from "../../estimators/stopping/looks.js";
import { tryGates } from "../../estimators/tried-gates.js";
import { evaluateFinite } from "../../estimators/walk.js";
import type { Game } from "../../games/game.js";
import type { JsonObject } from "../../json.js";
import { nothingInPairs, sameInAll } from "../../modes/same-in-all.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { packageVersion } from "../../version.js";
import { BlockSums } from "./block-sums.js";
import { Tally } from "./tally.js";

/** One run of an estimator over a game, and what it has so far. */
export class Run {
  readonly tally: Tally;
  /** Undefined until {@link measureEnds} is done. */
  ends: Ends | undefined;
  #released: { readonly modes: ShapleyModes | undefined } | undefined;
  /** Rules that may end it before its plan does. */
  stopping: { provenance(): JsonObject } | undefined;

  constructor(
    readonly game: Game,
    readonly units: readonly string[],
    readonly estimator: Estimator,
    readonly request: Request,
    readonly plan: Plan,
    /** What the result is to say beside what is known here. */
    readonly said: JsonObject = {},
  ) {
    const { blocks, units: count, outputs } = request;
    this.tally = new Tally(plan, blocks === undefined ? undefined : new BlockSums(blocks, count * outputs));
  }

  /**
   * Evaluates v of nobody and of everybody: two evaluations. Gates are tried, too. @throws RangeError for a gate that
   * does not gate
   */
  async measureEnds(signal: AbortSignal | undefined): Promise<Ends> {
    const { length } = this.units;
    const none = await this.#answer(noneIntact(length), signal);
    const all = await this.#answer(allIntact(length), signal);
    this.ends = { none: none.numbers, all: all.numbers, single: none.single && all.single };
    await tryGates(this.game, this.ends, (coalition) => this.value(coalition, signal));
    return this.ends;
  }

  /** Makes the estimate of everything, where that is work of its own. */
  async settle(signal: AbortSignal | undefined): Promise<void> {
    await this.tally.sums?.settle?.(signal);
  }

  /**
   * The modes of everything, in the memory of the sums: the run is over.
   *
   * @param remark is told where there was too little for contributions that are not held back
   */
  modes(remark?: (text: string) => void): ShapleyModes {
    const modes = this.#modes({}, true);
    const { held_back: heldBack, fitted_exactly: exact } = modes.provenance;
    if (typeof heldBack === "string") remark?.(`${heldBack}; more evaluations let them go`);
    if (typeof exact === "string") remark?.(exact);
    this.release(false);
    return modes;
  }

  /**
   * The modes of the chunks that are done; undefined where there are none, and where only the whole means something.
   */
  partial(): ShapleyModes | undefined {
    if (this.#released) return this.#released.modes;
    if (!this.#samples || !this.tally.sums) return undefined;
    const whole = this.tally.complete && this.tally.sums.settled !== false;
    return this.#modes(whole ? {} : this.#planned(), false);
  }

  /**
   * Closes the files of a run that is over, failed or was stopped.
   *
   * @param keep whether {@link partial} is to give what it gives now from here on; else it has nothing. Default true
   */
  release(keep = true): void {
    const { sums } = this.tally;
    if (!sums?.onDisk || this.#released) return;
    let modes: ShapleyModes | undefined;
    try {
      if (keep) modes = this.partial();
    } catch {
      // What stopped the run may be that its file can not be read.
    }
    this.#released = { modes };
    sums.dispose?.();
  }

  /** How far the run has come: `after 240 of 1000 orderings`. */
  progress(): string {
    const { orderings } = this.plan.extent(this.tally.chunks);
    if (this.estimator.budget === "evaluations") {
      const { evaluations } = this.plan.extent(this.tally.chunks);
      return `after ${evaluations} of ${this.plan.evaluations} evaluations`;
    }
    if (orderings !== null) return `after ${orderings} of ${this.request.orderings} orderings`;
    return `after ${Math.floor((100 * this.tally.chunks) / this.plan.chunks)} % of the coalitions`;
  }

  /** What a part of a run says it is a part of. */
  #planned(): JsonObject {
    return this.estimator.budget === "orderings"
      ? { orderings_planned: this.request.orderings }
      : { evaluations_planned: this.plan.evaluations + 2 };
  }

  get #samples(): boolean {
    return this.estimator.unitOfIndependence !== "none";
  }

  #modes(more: JsonObject, last: boolean): ShapleyModes {
    const { game, estimator, tally, plan, request, ends } = this;
    if (!tally.sums || !ends) throw new Error("nothing was computed");
    const { orderings, evaluations } = plan.extent(tally.chunks);
    const { provenance, ...numbers } = tally.sums.estimate(last);
    return new ShapleyModes({
      ...numbers,
      units: this.units,
      outputShape: game.outputShape,
      vAll: ends.all,
      vNone: ends.none,
      blocks: tally.blocks?.means(),
      provenance: {
        estimator: estimator.name,
        evaluations: evaluations + 2,
        game: game.provenance ?? null,
        // What tells two closures apart, as far as their text does.
        ...(game.provenance === undefined && game.code !== undefined && { game_code: game.code }),
        orderings,
        seed: this.#samples ? request.seed : null,
        standard_error_over: estimator.unitOfIndependence,
        version: packageVersion,
        ...unknownErrors(orderings, estimator),
        ...this.#alike({ ...numbers, ...(provenance && { provenance }) }, ends),
        ...provenance,
        ...this.said,
        ...(this.stopping && { until: this.stopping.provenance() }),
        ...more,
      },
    });
  }

  /** What is said of errors of 0 of few samples; nothing of a single one, whose errors nobody knows. */
  #alike({ values, standardErrors, provenance = {} }: Estimate, ends: Ends): JsonObject {
    const { plan, tally, estimator } = this;
    const extent = plan.extent(tally.chunks);
    const over = estimator.unitOfIndependence;
    if (over === "none") return {};
    if (extent.orderings === null) {
      const { pairs, degrees_of_freedom: degrees } = provenance;
      return nothingInPairs(values, standardErrors, ends, Number(pairs), Number(degrees));
    }
    return sameInAll(values, standardErrors, ends, samplesIn(extent, estimator), over);
  }

  /** Evaluates v of a coalition. */
  async value(coalition: Coalitions, signal: AbortSignal | undefined): Promise<Float64Array> {
    return (await this.#answer(coalition, signal)).numbers;
  }

  /** The numbers are a copy: a game may fill the same array each time. */
  async #answer(coalition: Coalitions, signal: AbortSignal | undefined) {
    const values = await evaluateFinite(this.game, coalition, this.request.outputs, signal);
    return { numbers: Float64Array.from(values), single: values instanceof Float32Array };
  }
}

/** Why nobody knows the standard errors of a single sample. */
function unknownErrors(orderings: number | null, { unitOfIndependence }: Estimator): JsonObject {
  const one = { ordering: 1, pair: 2, none: 0 }[unitOfIndependence];
  if (orderings === null || orderings > one) return {};
  return { standard_errors_unknown: one === 1 ? "one ordering" : "one pair of orderings" };
}
