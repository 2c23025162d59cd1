import { type ClassifierState, type Score, scoreOf } from "../../../lesion/scores.js";
import type { MlpFacts, MlpPageScore } from "../../mlp-facts.js";
import { intactLists, type MlpNumbers, type MlpPasses, mlpPasses, storedNumbers } from "../../mlp-passes.js";
import type { PageContent } from "../../page-content.js";
import { drawGrey } from "../kit/pixels.js";
import { type ClassifierPageState, FactsState, softmax } from "../network/network-state.js";

/** What a score is, in words, with a class as example. */
const meanings: Readonly<Record<MlpPageScore, (inputs: string, example: string) => string>> = {
  "class-precision": (inputs, example) =>
    `precision (of the ${inputs} that the network calls ${example}, the share that are)`,
  "class-accuracy": (inputs, example) =>
    `accuracy (of the ${inputs} that are ${example}, the share that the network calls so)`,
  accuracy: () => "accuracy (the share of right answers)",
};

/** What a network does now: of all inputs, with the units of the selection off. */
export class MlpState extends FactsState<MlpFacts> implements ClassifierPageState {
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
  /** Share of right answers of the whole network. */
  readonly intactAccuracy: number;
  readonly #passes: MlpPasses;
  readonly #score: Score;
  readonly #network: MlpNumbers;
  readonly #held: Float32Array | undefined;

  constructor({ facts, arrays }: PageContent) {
    super(facts as unknown as MlpFacts, arrays.modes as Float32Array);
    const { network, inputs, labels, held } = storedNumbers(this.facts, arrays);
    this.#network = network;
    this.#held = held;
    this.inputs = inputs;
    this.labels = labels;
    this.#passes = mlpPasses(network, inputs, labels, held);
    this.#score = scoreOf(this.facts.score);
    const { image, widths, outputs } = this.facts;
    if (image) {
      const [height, width] = image;
      this.drawInput = (canvas, input) =>
        drawGrey(canvas, width, height, inputs.subarray(input * widths[0], (input + 1) * widths[0]));
    }
    this.scoreNames = this.outputs === outputs.length ? outputs : ["all"];
    this.compute();
    this.intactAccuracy = this.accuracy;
    // Before all that shows what is computed.
    this.selection.onChange(() => this.compute());
  }
  readonly scoreNames: readonly string[];
  readonly drawInput: ((canvas: HTMLCanvasElement, input: number) => void) | undefined;

  get meaning(): string {
    const { score, image, outputs } = this.facts;
    return meanings[score](image ? "pictures" : "inputs", outputs[Math.min(3, outputs.length - 1)]);
  }

  onComputed(listener: () => void): void {
    this.selection.onChange(listener);
  }

  get classes(): number {
    return this.#passes.parts.classes;
  }

  /** Weights of what goes into a unit of the first hidden layer, where inputs are images. */
  weightsOf(unit: number) {
    const { inputs, outputs, weights } = this.#network.layers[0];
    const { image } = this.facts;
    if (unit >= outputs || !image) return undefined;
    return { weights: weights.subarray(unit * inputs, (unit + 1) * inputs), height: image[0], width: image[1] };
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
    const { walk } = mlpPasses(this.#network, input, undefined, this.#held);
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
