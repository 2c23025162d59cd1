import { Selection } from "../kit/selection.js";

/** A network on a page: its inputs, units and modes, and what it does now, with the units of the selection off. */
export interface NetworkState {
  readonly selection: Selection;
  /** Names of the units, and of what a unit is, in the singular. */
  readonly units: readonly string[];
  readonly unit: string;
  /** What each class, or number of the output, is called, and what they are over. */
  readonly names: readonly string[];
  readonly outputTitle: string;
  /** How many inputs. */
  readonly count: number;
  /** Draws one of the inputs; undefined where they are no images. */
  readonly drawInput: ((canvas: HTMLCanvasElement, input: number) => void) | undefined;
  /** `[units, outputs]`, and what each output of the score is called. */
  readonly modes: Float32Array;
  readonly outputs: number;
  readonly scoreNames: readonly string[];
  /** Units by their mean contribution, largest first. */
  readonly ranked: readonly number[];
  /** What the score is, in words, and whether the modes are of the page's inputs. */
  readonly meaning: string;
  readonly sameInputs: boolean;
  /** Calls a listener whenever something else is computed, or another unit is looked at. */
  onComputed(listener: () => void): void;
  /** What a unit changes of the score now: with it, less without it, the others as they are. */
  marginal(unit: number): ArrayLike<number>;
  /** Weights of what goes into a unit, as an image of that height and width; undefined where there is none. */
  weightsOf?(
    unit: number,
  ): { readonly weights: Float32Array; readonly height: number; readonly width: number } | undefined;
}

/** Facts of a page that every state of a network hands on. */
interface NetworkFacts {
  readonly units: readonly string[];
  readonly unit: string;
  readonly outputs: readonly string[];
  readonly outputTitle: string;
  readonly count: number;
  readonly sameInputs: boolean;
}

/** What a {@link NetworkState} has from its page's facts and modes, whatever computes the network. */
export abstract class FactsState<Facts extends NetworkFacts> {
  /** Units by their mean contribution, largest first. */
  readonly ranked: readonly number[];
  readonly selection: Selection;

  constructor(
    readonly facts: Facts,
    /** `[units, outputs of the score]` */
    readonly modes: Float32Array,
  ) {
    this.selection = new Selection(facts.units.length);
    this.ranked = rankedUnits(modes, facts.units.length);
  }

  get units(): readonly string[] {
    return this.facts.units;
  }

  get unit(): string {
    return this.facts.unit;
  }

  get names(): readonly string[] {
    return this.facts.outputs;
  }

  get outputTitle(): string {
    return this.facts.outputTitle;
  }

  get count(): number {
    return this.facts.count;
  }

  get sameInputs(): boolean {
    return this.facts.sameInputs;
  }

  get outputs(): number {
    return this.modes.length / this.facts.units.length;
  }
}

/** A network that says which class an input is of. */
export interface ClassifierPageState extends NetworkState {
  readonly labels: ArrayLike<number>;
  /** Share of right answers, now and with all units on. */
  readonly accuracy: number;
  readonly intactAccuracy: number;
  /** Probabilities of the classes for one of the inputs. */
  probabilities(input: number): ArrayLike<number>;
}

/** Units by the sum of their modes' numbers, largest first. */
export function rankedUnits(modes: Float32Array, units: number): number[] {
  const outputs = modes.length / units;
  const sums = Array.from({ length: units }, (_, unit) =>
    modes.subarray(unit * outputs, (unit + 1) * outputs).reduce((sum, value) => sum + value, 0),
  );
  return Array.from(sums.keys()).sort((a, b) => sums[b] - sums[a] || a - b);
}

export function softmax(logits: ArrayLike<number>): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logits.length; k++) largest = Math.max(largest, logits[k]);
  const terms = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = terms.reduce((total, term) => total + term, 0);
  return terms.map((term) => term / sum);
}
