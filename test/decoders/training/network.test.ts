import { describe, expect, it } from "vitest";
import { randomStream } from "../../../src/coalitions/random-streams.js";
import { TrainingNetwork } from "../../../src/decoders/training/network.js";
import { configJson, type TrainableShape } from "../../../src/decoders/training/shape.js";
import { initialWeights } from "../../../src/decoders/training/state.js";
import { oracle } from "../oracle.js";
import type { Config, Tensors } from "../tiny-checkpoint.js";

const shape: TrainableShape = {
  vocabulary: 12,
  width: 32,
  layers: 2,
  heads: 4,
  keyHeads: 2,
  hidden: 12,
  experts: { count: 5, perToken: 2 },
  base: 100,
  epsilon: 1e-5,
};
const batchShape = { sequences: 3, length: 68 }; // more than the queries that are looked at together
const short = { sequences: 2, length: 8 };

/** A batch by lot; of some targets the weight is 0. */
function batchOf({ sequences, length }: typeof short) {
  const random = randomStream(5);
  const numbers = (from: (bits: number) => number) =>
    Array.from({ length: sequences * length }, () => from(random.next() >>> 0));
  return {
    tokens: Int32Array.from(numbers((bits) => bits % shape.vocabulary)),
    targets: Int32Array.from(numbers((bits) => bits % shape.vocabulary)),
    weights: Float32Array.from(numbers((bits) => bits % 3)),
  };
}

/** Weights by lot that are not small: gradients of all kinds matter. */
function networkOf(own: TrainableShape, batch: typeof short, balance = 0) {
  const network = new TrainingNetwork(own, batch, balance);
  network.weights.set(initialWeights(own, 3).map((weight) => (weight === 1 ? 1 : 3 * weight)));
  return network;
}

function tensorsOf(network: TrainingNetwork): Tensors {
  const weights = network.weights.slice();
  return new Map(
    network.places.map(({ name, shape: own, from, count }) => [
      name,
      { shape: own, data: weights.subarray(from, from + count) },
    ]),
  );
}

/** The loss in double precision, by the plain decoder of the tests. */
function oracleLoss(own: TrainableShape, tensors: Tensors, { tokens, targets, weights }: ReturnType<typeof batchOf>) {
  const config = configJson(own, { positions: 128, begin: undefined }) as unknown as Config;
  const length = tokens.length / (tokens.length > 100 ? batchShape.sequences : short.sequences);
  let [sum, whole, margin] = [0, 0, Number.POSITIVE_INFINITY];
  for (let from = 0; from < tokens.length; from += length) {
    const made = oracle(config, tensors, [...tokens.subarray(from, from + length)]);
    margin = Math.min(margin, made.margin);
    made.logits.forEach((logits, i) => {
      const largest = Math.max(...logits);
      const total = logits.reduce((all, logit) => all + Math.exp(logit - largest), 0);
      sum += weights[from + i] * (Math.log(total) + largest - logits[targets[from + i]]);
      whole += weights[from + i];
    });
  }
  return { loss: sum / whole, margin };
}

describe.each([
  ["with experts", shape],
  ["without", { ...shape, experts: undefined }],
])("a network %s", (_, own) => {
  it("has the loss of the plain decoder", () => {
    const network = networkOf(own, batchShape);
    const batch = batchOf(batchShape);
    const { surprise, balance } = network.lossOf(batch);
    expect(balance).toBe(0);
    expect(surprise).toBeCloseTo(oracleLoss(own, tensorsOf(network), batch).loss, 5);
  });

  it("has the gradients that differences of the plain decoder's loss give", () => {
    const network = networkOf(own, short);
    const batch = batchOf(short);
    network.learn(batch);
    const gradients = network.gradients.slice();
    const tensors = tensorsOf(network);
    const random = randomStream(9);
    const step = 2 ** -9;
    expect(oracleLoss(own, tensors, batch).margin).toBeGreaterThan(0.01);
    for (const { name, from, count } of network.places) {
      const { data } = tensors.get(name)!;
      const largest = gradients.subarray(from, from + count).reduce((most, g) => Math.max(most, Math.abs(g)), 0);
      for (let time = 0; time < 6; time++) {
        const i = (random.next() >>> 0) % count;
        const own_ = data[i];
        const at = (value: number) => {
          data[i] = value;
          return [data[i], oracleLoss(own, tensors, batch).loss];
        };
        const [[high, above], [low, below]] = [at(own_ + step), at(own_ - step)];
        data[i] = own_;
        const wanted = (above - below) / (high - low);
        expect(Math.abs(gradients[from + i] - wanted), `${name}[${i}]`).toBeLessThan(1e-4 + 1e-3 * largest);
      }
    }
  });
});

it("has the gradients of a batch that is as long as several blocks of queries", () => {
  const dense = { ...shape, experts: undefined }; // no router, whose choices of 204 tokens would jump
  const network = networkOf(dense, batchShape);
  const batch = batchOf(batchShape);
  network.learn(batch);
  const gradients = network.gradients.slice();
  const tensors = tensorsOf(network);
  for (const part of ["q", "k", "v"]) {
    const name = `model.layers.0.self_attn.${part}_proj.weight`;
    const { from, count } = network.places.find((place) => place.name === name)!;
    const { data } = tensors.get(name)!;
    const before = data.slice();
    const own = gradients.subarray(from, from + count);
    const norm = Math.sqrt(own.reduce((sum, g) => sum + g * g, 0));
    const at = (step: number) => {
      data.set(before.map((weight, i) => weight + (step * own[i]) / norm));
      return oracleLoss(dense, tensors, batch).loss;
    };
    expect((at(0.002) - at(-0.002)) / 0.004 / norm).toBeCloseTo(1, 2);
    data.set(before);
  }
});

it("experts that are equally asked have a balance of 1 a layer; its gradient pulls the router", () => {
  const balance = 0.5;
  const even = { ...shape, experts: { count: 4, perToken: 4 } };
  const network = networkOf(even, short, balance);
  // All experts are picked by all tokens, so the shares of picks are equal and the probabilities add up to 1.
  expect(network.lossOf(batchOf(short)).balance).toBeCloseTo(balance * even.layers, 6);

  const uneven = networkOf(shape, short, balance);
  const plain = networkOf(shape, short);
  const batch = batchOf(short);
  uneven.learn(batch);
  plain.learn(batch);
  const { from, count } = uneven.places.find(({ name }) => name.includes("layers.1.block_sparse_moe.gate"))!;
  const pull = uneven.gradients.slice(from, from + count).map((g, i) => g - plain.gradients[from + i]);
  const norm = Math.sqrt(pull.reduce((sum, g) => sum + g * g, 0));
  const before = uneven.weights.slice(from, from + count);
  const at = (step: number) => {
    uneven.weights.set(
      before.map((weight, i) => weight + (step * pull[i]) / norm),
      from,
    );
    return uneven.lossOf(batch).balance;
  };
  expect((at(0.002) - at(-0.002)) / 0.004 / norm).toBeCloseTo(1, 2);
});
