import type { NamedScore } from "../../../lesion/output-score.js";
import { type PreparedScore, prepareScore } from "../../../lesion/output-score.js";
import type { OnnxNumbers } from "../../../networks/onnx/types.js";
import type { ImageForm, OnnxFacts } from "../../onnx-facts.js";
import type { PageContent } from "../../page-content.js";
import { drawPixels } from "../kit/pixels.js";
import { type ClassifierPageState, FactsState, softmax } from "../network/network-state.js";
import { OnnxPasses, storedInputs } from "./passes.js";

/** How far the shares of an output that is made of probabilities may be from 1. */
const rounding = 1e-3;

/**
 * What an ONNX network does now, on all inputs of the page, with the units of the selection off. It computes while the
 * page goes on.
 */
export class OnnxState extends FactsState<OnnxFacts> implements ClassifierPageState {
  readonly labels: Uint16Array;
  readonly drawInput: ((canvas: HTMLCanvasElement, input: number) => void) | undefined;
  /** What the network puts out, `[count, size]`: with all units, and now. */
  readonly intact: Float32Array;
  output: Float32Array;
  /** Numbers of the output for one input. */
  readonly size: number;
  accuracy: number;
  readonly intactAccuracy: number;
  readonly #passes: OnnxPasses;
  readonly #score: PreparedScore;
  readonly #shares: boolean;
  readonly #listeners: (() => void)[] = [];
  #marginal: Float64Array;
  #computing: Promise<void> | undefined;
  #again = false;
  /** The units that are off in `output`. */
  #off = "";

  private constructor(
    facts: OnnxFacts,
    { arrays }: PageContent,
    data: readonly OnnxNumbers[],
    passes: OnnxPasses,
    intact: Float32Array,
  ) {
    super(facts, arrays.modes as Float32Array);
    const { count, image, score, outputShape } = facts;
    this.#passes = passes;
    this.labels = (arrays.labels as Uint16Array | undefined) ?? new Uint16Array();
    this.intact = intact;
    this.output = intact;
    this.size = intact.length / count;
    const labels = arrays.labels ? this.labels : undefined;
    this.#score = prepareScore(score as NamedScore, { shape: outputShape }, count, labels, intact);
    this.#shares = facts.classes && areShares(intact, count);
    this.#marginal = new Float64Array(this.outputs);
    this.accuracy = this.#rightShare();
    this.intactAccuracy = this.accuracy;
    if (image) this.drawInput = (canvas, input) => drawImage(canvas, image, data[0] as Float32Array, input);
    this.selection.onChange(() => void this.compute());
  }

  /** The state with all units on. */
  static async of(content: PageContent): Promise<OnnxState> {
    const facts = content.facts as unknown as OnnxFacts;
    const data = storedInputs(facts, content.arrays);
    const passes = await OnnxPasses.of(facts, content.arrays, data);
    const state = new OnnxState(facts, content, data, passes, await passes.output(() => false));
    state.selection.looked = state.ranked[0];
    await state.compute();
    return state;
  }

  get scoreNames(): readonly string[] {
    return this.facts.scoreOutputs;
  }

  get meaning(): string {
    const { score, meaning } = this.facts;
    return `${score}: ${meaning}`;
  }

  onComputed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Computes what the selection says, and again as long as it changes meanwhile. */
  compute(): Promise<void> {
    this.#again = true;
    this.#computing ??= this.#all().finally(() => {
      this.#computing = undefined;
    });
    return this.#computing;
  }

  /** Waits until what has changed is computed. */
  async settled(): Promise<void> {
    await Promise.resolve(); // a change is told when the press is over
    await this.#computing;
  }

  async #all(): Promise<void> {
    const { selection } = this;
    while (this.#again) {
      this.#again = false;
      const isOff = Uint8Array.from({ length: selection.units }, (_, unit) => (selection.isOff(unit) ? 1 : 0));
      const off = isOff.join("");
      if (off !== this.#off) {
        this.output = await this.#passes.output((unit) => isOff[unit] === 1);
        this.accuracy = this.#rightShare();
        this.#off = off;
      }
      const { looked } = selection;
      const other = await this.#passes.output((unit) => (unit === looked ? isOff[unit] === 0 : isOff[unit] === 1));
      const [now, changed] = [this.output, other].map((output) => this.scoreOf(output));
      const sign = isOff[looked] === 1 ? -1 : 1;
      this.#marginal = now.map((value, o) => sign * (value - changed[o]));
      for (const listener of this.#listeners) listener();
    }
  }

  /** v of the units that are on. */
  scoreOf(output: Float32Array): Float64Array {
    const value = new Float64Array(this.outputs);
    this.#score.write(output, value, 0);
    return value;
  }

  /** What the unit that is looked at changes now. */
  marginal(): Float64Array {
    return this.#marginal;
  }

  probabilities(input: number): ArrayLike<number> {
    const row = this.output.subarray(input * this.size, (input + 1) * this.size);
    return this.#shares ? row : softmax(row);
  }

  #rightShare(): number {
    let right = 0;
    this.labels.forEach((label, input) => {
      const row = this.output.subarray(input * this.size, (input + 1) * this.size);
      let best = 0;
      for (let k = 1; k < row.length; k++) if (row[k] > row[best]) best = k;
      if (best === label) right++;
    });
    return right / this.labels.length;
  }
}

/** Whether an output is made of probabilities: none is below 0, and those of each input add up to 1. */
function areShares(output: Float32Array, count: number): boolean {
  const size = output.length / count;
  return Array.from({ length: count }, (_, input) => output.subarray(input * size, (input + 1) * size)).every(
    (row) => row.every((value) => value >= 0) && Math.abs(row.reduce((sum, value) => sum + value, 0) - 1) <= rounding,
  );
}

function drawImage(
  canvas: HTMLCanvasElement,
  { height, width, channels, first, low, high }: ImageForm,
  numbers: Float32Array,
  input: number,
): void {
  const pixels = height * width;
  const from = input * pixels * channels;
  drawPixels(canvas, width, height, (pixel) => {
    const level = (channel: number) => {
      const value = numbers[from + (first ? channel * pixels + pixel : pixel * channels + channel)];
      return Math.round((255 * (value - low)) / (high - low));
    };
    return channels === 1 ? [level(0), level(0), level(0)] : [level(0), level(1), level(2)];
  });
}
