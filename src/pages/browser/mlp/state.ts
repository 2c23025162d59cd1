import { type ClassifierState, type Score, scoreOf } from "../../../lesion/scores.js";
import type { MlpFacts } from "../../mlp-facts.js";
import { intactLists, type MlpNumbers, type MlpPasses, mlpPasses, storedNumbers } from "../../mlp-passes.js";
import type { PageContent } from "../../page-content.js";
import { Selection } from "../kit/selection.js";

/** What a network does now: of all inputs, with the units of the selection off. */
export class MlpState {
  readonly selection: Selection;
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
  /** `[units, outputs of the score]` */
  readonly modes: Float32Array;
  /** Units by their mean contribution, largest first. */
  readonly ranked: readonly number[];
  /** Share of right answers of the whole network. */
  readonly intactAccuracy: number;
  /** The score of the whole network. */
  readonly intactScore: Float64Array;
  readonly #passes: MlpPasses;
  readonly #score: Score;
  readonly #network: MlpNumbers;

  constructor({ facts, arrays }: PageContent) {
    this.facts = facts as unknown as MlpFacts;
    const { network, inputs, labels } = storedNumbers(this.facts, arrays);
    this.#network = network;
    this.inputs = inputs;
    this.labels = labels;
    this.modes = arrays.modes as Float32Array;
    this.#passes = mlpPasses(network, inputs, labels);
    this.#score = scoreOf(this.facts.score);
    this.selection = new Selection(this.facts.units.length);
    this.ranked = rankedUnits(this.modes, this.facts.units.length);
    this.compute();
    this.intactAccuracy = this.accuracy;
    this.intactScore = this.score();
  }
  readonly facts: MlpFacts;

  get outputs(): number {
    return this.modes.length / this.facts.units.length;
  }

  get classes(): number {
    return this.#passes.parts.classes;
  }

  /** Weights of what goes into a unit of the first hidden layer; undefined for units of others. */
  weightsOf(unit: number): Float32Array | undefined {
    const { inputs, outputs, weights } = this.#network.layers[0];
    return unit < outputs ? weights.subarray(unit * inputs, (unit + 1) * inputs) : undefined;
  }

  /** Computes all inputs with the units of the selection off. */
  compute(): void {
    this.#passes.walk.set(this.#lists());
  }

  /** Share of right answers. */
  get accuracy(): number {
    const { correct } = this.#passes.walk;
    return correct.subarray(0, this.classes).reduce((sum, count) => sum + count, 0) / this.labels.length;
  }

  /** v of the units that are on. */
  score(): Float64Array {
    const value = new Float64Array(this.outputs);
    this.#score.write(this.#passes.walk as ClassifierState, this.#passes.parts, value);
    return value;
  }

  /** What a unit changes of the score now: with it, less without it, the others as they are. */
  marginal(unit: number): Float64Array {
    const [withIt, without] = [true, false].map((isOn) => {
      this.#passes.walk.set(this.#lists(unit, isOn));
      return this.score();
    });
    this.compute();
    return withIt.map((value, output) => value - without[output]);
  }

  /** Probabilities of the classes for one of the inputs. */
  probabilities(input: number): Float64Array {
    const { logits, stride } = this.#passes.walk;
    return softmax(Float64Array.from({ length: this.classes }, (_, k) => logits[k * stride + input]));
  }

  /** The same for any input, such as one that was drawn. */
  probabilitiesOf(input: Float32Array): Float64Array {
    const { walk } = mlpPasses(this.#network, input, undefined);
    walk.set(this.#lists());
    return softmax(Float64Array.from({ length: this.classes }, (_, k) => walk.logits[k * walk.stride]));
  }

  /** Logits of an input, as they are. */
  logits(input: number): number[] {
    const { logits, stride } = this.#passes.walk;
    return Array.from({ length: this.classes }, (_, k) => logits[k * stride + input]);
  }

  #lists(unit = -1, isOn = false): number[][] {
    return intactLists(this.facts.widths, (other) => (other === unit ? isOn : !this.selection.isOff(other)));
  }
}

function rankedUnits(modes: Float32Array, units: number): number[] {
  const outputs = modes.length / units;
  const mean = (unit: number) =>
    modes.subarray(unit * outputs, (unit + 1) * outputs).reduce((sum, value) => sum + value, 0);
  const means = Array.from({ length: units }, (_, unit) => mean(unit));
  return Array.from(means.keys()).sort((a, b) => means[b] - means[a] || a - b);
}

function softmax(logits: Float64Array): Float64Array {
  const largest = Math.max(...logits);
  const terms = logits.map((logit) => Math.exp(logit - largest));
  const sum = terms.reduce((total, term) => total + term, 0);
  return terms.map((term) => term / sum);
}
