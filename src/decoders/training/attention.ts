import type { TrainingMemory } from "./kernels.js";
import { linearBackward, linearForward, type TrainedMatrix } from "./products.js";
import type { TrainableShape } from "./shape.js";

/** How many sequences go through a training at once, and how long each is. */
export interface BatchShape {
  readonly sequences: number;
  readonly length: number;
}

/** Weights of a layer's attention. */
export interface TrainedAttention {
  readonly queries: TrainedMatrix;
  readonly keys: TrainedMatrix;
  readonly values: TrainedMatrix;
  readonly output: TrainedMatrix;
}

/** Queries that are looked at together: those before the last sees all of its keys are spared what it can not see. */
const queriesAtOnce = 64;

/** Attention of one layer: it keeps what its gradients need. */
export class AttentionPass {
  readonly #queries: number;
  readonly #keys: number;
  readonly #values: number;
  readonly #shares: number;
  readonly #mixed: number;

  /** @param turns where cosines and sines of all positions are */
  constructor(
    private readonly memory: TrainingMemory,
    private readonly shape: TrainableShape,
    private readonly batch: BatchShape,
    private readonly weights: TrainedAttention,
    private readonly turns: { readonly cosines: number; readonly sines: number },
    private readonly scratch: AttentionScratch,
  ) {
    const { rows, keyWidth } = this.#sizes();
    this.#queries = memory.take(rows * shape.width);
    this.#keys = memory.take(rows * keyWidth);
    this.#values = memory.take(rows * keyWidth);
    this.#shares = memory.take(batch.sequences * shape.heads * batch.length ** 2);
    this.#mixed = memory.take(rows * shape.width);
  }

  #sizes() {
    const { width, heads, keyHeads } = this.shape;
    const { sequences, length } = this.batch;
    return { rows: sequences * length, headWidth: width / heads, keyWidth: (width / heads) * keyHeads };
  }

  /** What attention adds, from normalised vectors. */
  forward(x: number, y: number): void {
    const { memory, weights } = this;
    const { rows, headWidth } = this.#sizes();
    linearForward(memory, rows, x, weights.queries, this.#queries);
    linearForward(memory, rows, x, weights.keys, this.#keys);
    linearForward(memory, rows, x, weights.values, this.#values);
    this.#turn(this.#queries, this.#keys, 1);
    const { kernels, room } = memory;
    const scale = 1 / Math.sqrt(headWidth);
    this.#eachBlock(({ query, key, share, count, seen, first, queryRow, keyRow, shareRow }) => {
      const shares = this.#shares + share;
      const [q, k, v, mixed] = [this.#queries + query, this.#keys + key, this.#values + key, this.#mixed + query];
      kernels.multiply(count, seen, headWidth, q, queryRow, 4, k, 4, keyRow, shares, shareRow, 0, room);
      kernels.softmaxForward(count, first, seen, shares, shareRow, scale);
      kernels.multiply(count, headWidth, seen, shares, shareRow, 4, v, keyRow, 4, mixed, queryRow, 0, room);
    });
    linearForward(memory, rows, this.#mixed, weights.output, y);
  }

  /** Sets the gradient of the normalised vectors, from that of what was added. */
  backward(x: number, dy: number, dx: number): void {
    const { memory, weights, scratch } = this;
    const { rows, headWidth, keyWidth } = this.#sizes();
    const { kernels, room } = memory;
    linearBackward(memory, rows, this.#mixed, weights.output, dy, scratch.mixed, false);
    memory.numbers(scratch.keys, rows * keyWidth).fill(0);
    memory.numbers(scratch.values, rows * keyWidth).fill(0);
    const scale = 1 / Math.sqrt(headWidth);
    this.#eachBlock(({ query, key, share, count, seen, queryRow, keyRow, shareRow }) => {
      const shares = this.#shares + share;
      const [q, k, v] = [this.#queries + query, this.#keys + key, this.#values + key];
      const [dMixed, dQ] = [scratch.mixed + query, scratch.queries + query];
      const [dK, dV, dShares] = [scratch.keys + key, scratch.values + key, scratch.shares];
      kernels.multiply(count, seen, headWidth, dMixed, queryRow, 4, v, 4, keyRow, dShares, shareRow, 0, room);
      kernels.multiply(seen, headWidth, count, shares, 4, shareRow, dMixed, queryRow, 4, dV, keyRow, 1, room);
      kernels.softmaxBackward(count, seen, shares, dShares, shareRow, scale);
      kernels.multiply(count, headWidth, seen, dShares, shareRow, 4, k, keyRow, 4, dQ, queryRow, 0, room);
      kernels.multiply(seen, headWidth, count, dShares, 4, shareRow, q, queryRow, 4, dK, keyRow, 1, room);
    });
    this.#turn(scratch.queries, scratch.keys, -1);
    linearBackward(memory, rows, x, weights.queries, scratch.queries, dx, false);
    linearBackward(memory, rows, x, weights.keys, scratch.keys, dx, true);
    linearBackward(memory, rows, x, weights.values, scratch.values, dx, true);
  }

  #turn(queries: number, keys: number, sign: number): void {
    const { heads, keyHeads } = this.shape;
    const { rows, headWidth } = this.#sizes();
    const { cosines, sines } = this.turns;
    const { kernels } = this.memory;
    kernels.rotate(rows, heads, headWidth / 2, this.batch.length, queries, cosines, sines, sign);
    kernels.rotate(rows, keyHeads, headWidth / 2, this.batch.length, keys, cosines, sines, sign);
  }

  /**
   * Calls with the offsets, in bytes, of some queries of a head in a sequence, and of all keys that the last of them
   * sees.
   */
  #eachBlock(call: (block: AttentionBlock) => void): void {
    const { width, heads, keyHeads } = this.shape;
    const { sequences, length } = this.batch;
    const { headWidth, keyWidth } = this.#sizes();
    const [queryRow, keyRow, shareRow] = [4 * width, 4 * keyWidth, 4 * length];
    for (let s = 0; s < sequences; s++) {
      for (let head = 0; head < heads; head++) {
        const key = s * length * keyRow + 4 * headWidth * Math.floor(head / (heads / keyHeads));
        for (let first = 0; first < length; first += queriesAtOnce) {
          const count = Math.min(queriesAtOnce, length - first);
          const query = (s * length + first) * queryRow + 4 * headWidth * head;
          const share = ((s * heads + head) * length + first) * shareRow;
          call({ query, key, share, count, first, seen: first + count, queryRow, keyRow, shareRow });
        }
      }
    }
  }
}

interface AttentionBlock {
  readonly query: number;
  readonly key: number;
  readonly share: number;
  readonly count: number;
  readonly first: number;
  readonly seen: number;
  readonly queryRow: number;
  readonly keyRow: number;
  readonly shareRow: number;
}

/** Room for gradients that the layers take in turn. */
export interface AttentionScratch {
  readonly queries: number;
  readonly keys: number;
  readonly values: number;
  readonly mixed: number;
  readonly shares: number;
}

/** Takes the room. */
export function attentionScratch(
  memory: TrainingMemory,
  { width, heads, keyHeads }: TrainableShape,
  { sequences, length }: BatchShape,
): AttentionScratch {
  const rows = sequences * length;
  return {
    queries: memory.take(rows * width),
    keys: memory.take((rows * width * keyHeads) / heads),
    values: memory.take((rows * width * keyHeads) / heads),
    mixed: memory.take(rows * width),
    shares: memory.take(queriesAtOnce * length),
  };
}
