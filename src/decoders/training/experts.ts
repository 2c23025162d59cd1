import {
  type FeedForwardRoom,
  feedForwardBackward,
  feedForwardForward,
  feedForwardRoom,
  roomFrom,
  type TrainedFeedForward,
} from "./feed-forward.js";
import type { TrainingMemory } from "./kernels.js";
import { linearBackward, linearForward, type TrainedMatrix } from "./products.js";

/** Weights of a layer's experts. */
export interface TrainedExperts {
  readonly router: TrainedMatrix;
  readonly experts: readonly TrainedFeedForward[];
}

/** Room for gradients that the layers take in turn. */
export interface ExpertsScratch {
  readonly rows: number;
  readonly hidden: number;
}

/** Takes the room. */
export function expertsScratch(memory: TrainingMemory, picks: number, width: number, hidden: number): ExpertsScratch {
  return { rows: memory.take(picks * width), hidden: memory.take(picks * hidden) };
}

/**
 * The experts of one layer: a token goes to the `perToken` whose logits are largest (of equal ones the first), with the
 * softmax of these logits as gates. It keeps what its gradients need.
 */
export class ExpertsPass {
  readonly #logits: number;
  readonly #dLogits: number;
  /** Of every pick, in the order of the experts: its token, and its gate. */
  readonly #tokens: number;
  readonly #gates: number;
  readonly #dGates: number;
  /** The picked rows, and what the experts make of them. */
  readonly #rows: number;
  readonly #made: number;
  readonly #kept: FeedForwardRoom;
  /** Of every token and pick its place in the order of the experts; and where each expert's begin. */
  readonly #places: Int32Array;
  readonly #begins: Int32Array;
  readonly #probabilities: Float32Array;

  constructor(
    private readonly memory: TrainingMemory,
    private readonly rows: number,
    private readonly perToken: number,
    private readonly weights: TrainedExperts,
    private readonly scratch: ExpertsScratch,
    /** Weight of the loss that balances the experts. */
    private readonly balance: number,
  ) {
    const count = weights.experts.length;
    const { inputs: width } = weights.router;
    const picks = rows * perToken;
    this.#logits = memory.take(rows * count);
    this.#dLogits = memory.take(rows * count);
    this.#tokens = memory.take(picks);
    this.#gates = memory.take(picks);
    this.#dGates = memory.take(picks);
    this.#rows = memory.take(picks * width);
    this.#made = memory.take(picks * width);
    this.#kept = feedForwardRoom(memory, picks, weights.experts[0].gate.outputs);
    this.#places = new Int32Array(picks);
    this.#begins = new Int32Array(count + 1);
    this.#probabilities = new Float32Array(rows * count);
  }

  /**
   * What the experts add, from normalised vectors.
   *
   * @returns the loss of their balance, times its weight: experts x sum over them of the share of picks times the mean
   *   probability, which is 1 where both are balanced (Fedus et al. 2022)
   */
  forward(x: number, y: number): number {
    const { memory, rows, weights } = this;
    const { inputs: width } = weights.router;
    linearForward(memory, rows, x, weights.router, this.#logits);
    const loss = this.#route();
    const { kernels } = memory;
    const picks = rows * this.perToken;
    kernels.gatherRows(picks, width, x, this.#tokens, this.#rows);
    memory.numbers(y, rows * width).fill(0);
    this.#eachExpert((expert, first, count, kept) => {
      const at = 4 * width * first;
      feedForwardForward(memory, count, this.#rows + at, expert, kept, this.#made + at);
    });
    kernels.scatterRows(picks, width, this.#made, this.#tokens, this.#gates, y);
    return loss;
  }

  /** Sets the gradient of the normalised vectors, from that of what was added; what was kept is overwritten. */
  backward(x: number, dy: number, dx: number): void {
    const { memory, rows, weights, scratch } = this;
    const { inputs: width } = weights.router;
    const { kernels } = memory;
    const picks = rows * this.perToken;
    kernels.scatterBackward(picks, width, this.#made, this.#tokens, this.#gates, dy, this.#dGates);
    this.#eachExpert((expert, first, count, kept) => {
      const at = 4 * width * first;
      feedForwardBackward(
        ...([memory, count, this.#rows + at, expert, kept, this.#made + at, scratch.rows + at] as const),
        scratch.hidden,
      );
    });
    this.#routeBackward();
    linearBackward(memory, rows, x, weights.router, this.#dLogits, dx, false);
    kernels.scatterRows(picks, width, scratch.rows, this.#tokens, 0, dx);
  }

  #eachExpert(call: (expert: TrainedFeedForward, first: number, count: number, kept: FeedForwardRoom) => void): void {
    this.weights.experts.forEach((expert, e) => {
      const first = this.#begins[e];
      const count = this.#begins[e + 1] - first;
      if (count > 0) call(expert, first, count, roomFrom(this.#kept, first, expert.gate.outputs));
    });
  }

  #route(): number {
    const { rows, perToken } = this;
    const count = this.weights.experts.length;
    const picks = rows * perToken;
    const logits = this.memory.numbers(this.#logits, rows * count);
    const [picked, own] = [new Int32Array(picks), new Float32Array(picks)];
    const begins = this.#begins.fill(0);
    const means = new Float64Array(count);
    for (let row = 0; row < rows; row++) {
      const at = row * count;
      const first = row * perToken;
      pickLargest(logits, at, count, picked, first, perToken);
      const largest = logits[at + picked[first]];
      let some = 0;
      for (let j = first; j < first + perToken; j++) {
        own[j] = Math.exp(logits[at + picked[j]] - largest);
        some += own[j];
        begins[picked[j] + 1]++;
      }
      for (let j = first; j < first + perToken; j++) own[j] /= some;
      let all = 0;
      for (let e = 0; e < count; e++) all += this.#probabilities[at + e] = Math.exp(logits[at + e] - largest);
      for (let e = 0; e < count; e++) means[e] += (this.#probabilities[at + e] /= all) / rows;
    }
    let loss = 0;
    for (let e = 0; e < count; e++) loss += (begins[e + 1] / picks) * means[e];
    for (let e = 0; e < count; e++) begins[e + 1] += begins[e];
    const next = begins.slice();
    const tokens = this.memory.integers(this.#tokens, picks);
    const gates = this.memory.numbers(this.#gates, picks);
    for (let j = 0; j < picks; j++) {
      const place = next[picked[j]]++;
      this.#places[j] = place;
      tokens[place] = Math.floor(j / perToken);
      gates[place] = own[j];
    }
    return this.balance * count * loss;
  }

  /** Gradients of the router's logits from those of the gates, and of the loss that balances. */
  #routeBackward(): void {
    const { rows, perToken, balance } = this;
    const count = this.weights.experts.length;
    const picks = rows * perToken;
    const [gates, dGates] = [this.#gates, this.#dGates].map((at) => this.memory.numbers(at, picks));
    const dLogits = this.memory.numbers(this.#dLogits, rows * count).fill(0);
    const begins = this.#begins;
    const expertOf = new Int32Array(picks);
    for (let e = 0; e < count; e++) expertOf.fill(e, begins[e], begins[e + 1]);
    const pull = Float64Array.from({ length: count }, (_, e) => {
      return (balance * count * (begins[e + 1] - begins[e])) / (picks * rows);
    });
    for (let row = 0; row < rows; row++) {
      const at = row * count;
      let mean = 0;
      for (let j = row * perToken; j < (row + 1) * perToken; j++) {
        mean += gates[this.#places[j]] * dGates[this.#places[j]];
      }
      for (let j = row * perToken; j < (row + 1) * perToken; j++) {
        const place = this.#places[j];
        dLogits[at + expertOf[place]] = gates[place] * (dGates[place] - mean);
      }
      if (balance === 0) continue;
      let drift = 0;
      for (let e = 0; e < count; e++) drift += this.#probabilities[at + e] * pull[e];
      for (let e = 0; e < count; e++) dLogits[at + e] += this.#probabilities[at + e] * (pull[e] - drift);
    }
  }
}

/** The places of the largest of some numbers, descending, of equal ones the first. */
function pickLargest(
  numbers: Float32Array,
  at: number,
  count: number,
  picked: Int32Array,
  first: number,
  wanted: number,
): void {
  let known = 0;
  for (let e = 0; e < count; e++) {
    let place = known;
    while (place > 0 && numbers[at + picked[first + place - 1]] < numbers[at + e]) place--;
    if (place === wanted) continue;
    for (let j = Math.min(known, wanted - 1); j > place; j--) picked[first + j] = picked[first + j - 1];
    picked[first + place] = e;
    if (known < wanted) known++;
  }
}
