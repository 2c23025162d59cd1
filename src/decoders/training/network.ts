import { shapeSize } from "../../shape-size.js";
import { turns, turnTable } from "../rotation.js";
import { AttentionPass, attentionScratch, type BatchShape } from "./attention.js";
import { ExpertsPass, expertsScratch } from "./experts.js";
import { feedForwardBackward, feedForwardForward, feedForwardRoom, type TrainedFeedForward } from "./feed-forward.js";
import { TrainingMemory } from "./kernels.js";
import { linearBackward, linearForward, type TrainedMatrix, type TrainedScales } from "./products.js";
import { type TrainableShape, weightShapes } from "./shape.js";

/** Sequences to learn from, all of the same length. */
export interface TrainingBatch {
  /** `[sequences, length]` */
  readonly tokens: Int32Array;
  /** The token that should follow each. */
  readonly targets: Int32Array;
  /** How much each target counts; 0 for not at all. */
  readonly weights: Float32Array;
}

/** What a batch says of a network. */
export interface BatchLoss {
  /** The mean surprise of the targets, in natural units, by their weights. */
  readonly surprise: number;
  /** The loss of the experts' balance over all layers, times its weight. */
  readonly balance: number;
}

/** A place in the block of all weights, and of all gradients. */
interface Place {
  readonly name: string;
  readonly shape: readonly number[];
  /** In numbers from the beginning of the block. */
  readonly from: number;
  readonly count: number;
}

/** A pass of one layer's part: `forward` sets what is added, `backward` the gradient of what came in. */
interface Part {
  forward(x: number, y: number): number | undefined;
  backward(x: number, dy: number, dx: number): void;
}

interface TrainedLayer {
  readonly attention: Part;
  readonly feedForward: Part;
  readonly attentionNorm: TrainedScales;
  readonly feedForwardNorm: TrainedScales;
  /** What comes in; behind attention; both normalised; and the norms' factors. */
  readonly before: number;
  readonly between: number;
  readonly attentionInput: number;
  readonly feedForwardInput: number;
  readonly attentionFactors: number;
  readonly feedForwardFactors: number;
}

/** A decoder that learns: weights, gradients and all that passes of batches of one size need, in one memory. */
export class TrainingNetwork {
  readonly memory = new TrainingMemory();
  /** All weights, one after the other, `[size]`; gradients likewise. */
  readonly places: readonly Place[];
  readonly size: number;
  readonly weightsAt: number;
  readonly gradientsAt: number;
  readonly #layers: readonly TrainedLayer[];
  readonly #embeddings: TrainedMatrix;
  readonly #norm: TrainedScales;
  readonly #tokens: number;
  readonly #targets: number;
  readonly #targetWeights: number;
  readonly #surprises: number;
  /** Vectors behind the last layer, normalised, their norms' factors, and the logits. */
  readonly #last: number;
  readonly #normed: number;
  readonly #factors: number;
  readonly #logits: number;
  /** What a part adds, or its gradient; and the gradient of the vectors. */
  readonly #added: number;
  readonly #gradient: number;

  /** @param balance weight of the loss that balances experts */
  constructor(
    readonly shape: TrainableShape,
    readonly batch: BatchShape,
    balance: number,
  ) {
    const { memory } = this;
    const { width, vocabulary, layers, heads } = shape;
    const rows = batch.sequences * batch.length;
    let from = 0;
    this.places = weightShapes(shape).map(({ name, shape: own }) => {
      const place = { name, shape: own, from, count: shapeSize(own) };
      from += place.count;
      return place;
    });
    this.size = from;
    this.weightsAt = memory.take(from);
    this.gradientsAt = memory.take(from);
    const byName = new Map(this.places.map((place) => [place.name, place]));
    const scales = (name: string): TrainedScales => {
      const place = byName.get(`${name}.weight`) as Place;
      return { at: this.weightsAt + 4 * place.from, gradient: this.gradientsAt + 4 * place.from };
    };
    const matrix = (name: string): TrainedMatrix => {
      const [outputs, inputs] = (byName.get(`${name}.weight`) as Place).shape;
      return { ...scales(name), outputs, inputs };
    };
    const vectors = () => memory.take(rows * width);
    const pairs = width / heads / 2;
    const table = turnTable(turns({ kind: "default", base: shape.base }, 2 * pairs, "float32"), batch.length);
    const placed = [table.cosines, table.sines].map((numbers) => {
      const at = memory.take(numbers.length);
      memory.numbers(at, numbers.length).set(numbers);
      return at;
    });
    const scratch = attentionScratch(memory, shape, batch);
    const feedForward = feedForwardParts(this.memory, shape, rows, matrix, balance);
    this.#layers = Array.from({ length: layers }, (_, l) => {
      const name = `model.layers.${l}`;
      const [queries, keys, values, output] = ["q", "k", "v", "o"].map((p) => matrix(`${name}.self_attn.${p}_proj`));
      return {
        attention: asPart(
          new AttentionPass(
            ...([memory, shape, batch, { queries, keys, values, output }] as const),
            { cosines: placed[0], sines: placed[1] },
            scratch,
          ),
        ),
        feedForward: feedForward(l),
        attentionNorm: scales(`${name}.input_layernorm`),
        feedForwardNorm: scales(`${name}.post_attention_layernorm`),
        before: vectors(),
        between: vectors(),
        attentionInput: vectors(),
        feedForwardInput: vectors(),
        attentionFactors: memory.take(rows),
        feedForwardFactors: memory.take(rows),
      };
    });
    this.#embeddings = matrix("model.embed_tokens");
    this.#norm = scales("model.norm");
    [this.#tokens, this.#targets, this.#targetWeights, this.#surprises, this.#factors] = Array.from({ length: 5 }, () =>
      memory.take(rows),
    );
    [this.#last, this.#normed, this.#added, this.#gradient] = Array.from({ length: 4 }, vectors);
    this.#logits = memory.take(rows * vocabulary);
  }

  /** The weights, in the order of `places`: a view. */
  get weights(): Float32Array {
    return this.memory.numbers(this.weightsAt, this.size);
  }

  /** Gradients of the last batch, in the order of `places`: a view. */
  get gradients(): Float32Array {
    return this.memory.numbers(this.gradientsAt, this.size);
  }

  /** The surprise of each target of the last batch, in natural units: a view. */
  get surprises(): Float32Array {
    return this.memory.numbers(this.#surprises, this.#rows);
  }

  get #rows(): number {
    return this.batch.sequences * this.batch.length;
  }

  /** The loss of a batch, and the gradients of all weights. */
  learn(batch: TrainingBatch): BatchLoss {
    const loss = this.lossOf(batch);
    const { kernels } = this.memory;
    const { width } = this.shape;
    const rows = this.#rows;
    const gradient = this.#gradient;
    this.gradients.fill(0);
    this.memory.numbers(gradient, rows * width).fill(0);
    linearBackward(this.memory, rows, this.#normed, this.#embeddings, this.#logits, this.#added, false);
    this.#normBackward(this.#last, this.#norm, this.#factors);
    for (const layer of this.#layers.toReversed()) {
      layer.feedForward.backward(layer.feedForwardInput, gradient, this.#added);
      this.#normBackward(layer.between, layer.feedForwardNorm, layer.feedForwardFactors);
      layer.attention.backward(layer.attentionInput, gradient, this.#added);
      this.#normBackward(layer.before, layer.attentionNorm, layer.attentionFactors);
    }
    kernels.scatterRows(rows, width, gradient, this.#tokens, 0, this.#embeddings.gradient);
    return loss;
  }

  /** The loss of a batch. */
  lossOf({ tokens, targets, weights }: TrainingBatch): BatchLoss {
    const { memory, shape } = this;
    const { kernels } = memory;
    const { width } = shape;
    const rows = this.#rows;
    memory.integers(this.#tokens, rows).set(tokens);
    memory.integers(this.#targets, rows).set(targets);
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    memory.numbers(this.#targetWeights, rows).set(weights.map((weight) => weight / whole));
    let balance = 0;
    kernels.gatherRows(rows, width, this.#embeddings.at, this.#tokens, this.#layers[0].before);
    this.#layers.forEach((layer, l) => {
      this.#normForward(layer.before, layer.attentionNorm, layer.attentionInput, layer.attentionFactors);
      layer.attention.forward(layer.attentionInput, this.#added);
      this.#add(layer.before, layer.between);
      this.#normForward(layer.between, layer.feedForwardNorm, layer.feedForwardInput, layer.feedForwardFactors);
      balance += layer.feedForward.forward(layer.feedForwardInput, this.#added) ?? 0;
      this.#add(layer.between, this.#layers[l + 1]?.before ?? this.#last);
    });
    this.#normForward(this.#last, this.#norm, this.#normed, this.#factors);
    linearForward(memory, rows, this.#normed, this.#embeddings, this.#logits);
    const surprise = kernels.crossEntropy(
      ...([rows, shape.vocabulary, this.#logits, this.#targets, this.#targetWeights] as const),
      this.#surprises,
    );
    return { surprise, balance };
  }

  #normForward(x: number, { at }: TrainedScales, y: number, factors: number): void {
    this.memory.kernels.normForward(this.#rows, this.shape.width, x, at, this.shape.epsilon, y, factors);
  }

  /** Adds to the gradient of the vectors what follows from that of their normalised ones. */
  #normBackward(x: number, { at, gradient }: TrainedScales, factors: number): void {
    this.memory.kernels.normBackward(
      ...([this.#rows, this.shape.width, x, at, factors, this.#added, this.#gradient] as const),
      gradient,
    );
  }

  /** to = from + what was added */
  #add(from: number, to: number): void {
    const count = this.#rows * this.shape.width;
    this.memory.numbers(to, count).set(this.memory.numbers(from, count));
    this.memory.kernels.addTo(count, this.#added, to);
  }
}

function asPart(pass: AttentionPass): Part {
  return {
    forward: (x, y) => {
      pass.forward(x, y);
      return undefined;
    },
    backward: (x, dy, dx) => pass.backward(x, dy, dx),
  };
}

/** What makes the feed-forward part of each layer: experts, or one network for all tokens. */
function feedForwardParts(
  memory: TrainingMemory,
  { width, hidden, experts }: TrainableShape,
  rows: number,
  matrix: (name: string) => TrainedMatrix,
  balance: number,
): (layer: number) => Part {
  const network = (name: string, [gate, up, down]: readonly string[]): TrainedFeedForward => ({
    gate: matrix(`${name}.${gate}`),
    up: matrix(`${name}.${up}`),
    down: matrix(`${name}.${down}`),
  });
  if (experts) {
    const scratch = expertsScratch(memory, rows * experts.perToken, width, hidden);
    return (l) => {
      const name = `model.layers.${l}.block_sparse_moe`;
      const own = Array.from({ length: experts.count }, (_, e) => network(`${name}.experts.${e}`, ["w1", "w3", "w2"]));
      const weights = { router: matrix(`${name}.gate`), experts: own };
      return new ExpertsPass(memory, rows, experts.perToken, weights, scratch, balance);
    };
  }
  const scratch = memory.take(rows * hidden);
  return (l) => {
    const weights = network(`model.layers.${l}.mlp`, ["gate_proj", "up_proj", "down_proj"]);
    const kept = feedForwardRoom(memory, rows, hidden);
    return {
      forward: (x, y) => {
        feedForwardForward(memory, rows, x, weights, kept, y);
        return undefined;
      },
      backward: (x, dy, dx) => feedForwardBackward(memory, rows, x, weights, kept, dy, dx, scratch),
    };
  };
}
