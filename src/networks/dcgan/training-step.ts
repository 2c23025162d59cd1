import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor, Tensor2D, Tensor4D } from "../../tensors/tensorflow.js";
import type { DiscriminatorOptions } from "./parameters.js";
import type { DcganSize } from "./size.js";
import { crossEntropy } from "./training-layers.js";
import { type Directions, generated, judged, powerIteration } from "./training-networks.js";
import type { StateTensors } from "./training-state.js";

/** What a step is to do besides going downhill. */
export interface StepOptions {
  readonly size: DcganSize;
  readonly discriminator: DiscriminatorOptions;
  /** Learning rates of the two. */
  readonly rates: { readonly generator: number; readonly discriminator: number };
  /** What the discriminator is to say of real images: 1, or a little less. */
  readonly realTarget: number;
  /** Share of the old value in the moving average of the generator, per step. */
  readonly decay: number;
}

/** How a step went. */
export interface StepLosses {
  /** Cross-entropy on real images plus that on generated ones, nats. */
  readonly discriminator: number;
  /** Cross-entropy of what the discriminator says of generated images against "real", nats. */
  readonly generator: number;
  /** Mean probability that the discriminator gave real images of being real. */
  readonly real: number;
  /** The same for generated images. */
  readonly fake: number;
}

const decay1 = 0.5;
const decay2 = 0.999;
const epsilon = 1e-8;

/**
 * One step of both networks on a batch, as PyTorch's DCGANs take it: the discriminator on real and on generated images,
 * each a batch of its own, then the generator against the discriminator that this left, from the same latents. Adam,
 * betas 0.5 and 0.999. The tensors of `state` are replaced.
 *
 * @param real `[batch, height, width, 3]`, in [0, 1]
 * @param latents `[batch, latents]`
 * @param step number of the step, from 1
 */
export async function trainStep(
  tf: Tensorflow,
  state: StateTensors,
  real: Tensor4D,
  latents: Tensor2D,
  step: number,
  options: StepOptions,
): Promise<StepLosses> {
  const { size, discriminator, realTarget, decay } = options;
  const { layers } = size;
  const scalars: Tensor[] = [];
  const said = (logits: Tensor2D) => {
    scalars.push(tf.keep(tf.mean(tf.sigmoid(logits))));
    return logits;
  };
  const statistics: Tensor[] = [];
  const told: number[] = [];

  replace(
    tf,
    state,
    ["directions", "discriminator", "discriminatorMeans", "discriminatorSquares", "statistics"],
    () => {
      const directions = turned(tf, state.discriminator, state.directions);
      const fake = generated(tf, size, state.generator, latents, (mean, variance, count) => {
        statistics.push(mean, variance);
        told.push(1, count / (count - 1));
      });
      const judge = (parameters: Tensor[], images: Tensor4D) =>
        said(judged(tf, layers, discriminator, parameters, directions, images));
      const { value, grads } = tf.valueAndGrads((...parameters: Tensor[]) =>
        tf.add(crossEntropy(tf, judge(parameters, real), realTarget), crossEntropy(tf, judge(parameters, fake), 0)),
      )(state.discriminator);
      scalars.push(tf.keep(value));
      const next = adam(tf, step, options.rates.discriminator, grads, {
        parameters: state.discriminator,
        means: state.discriminatorMeans,
        squares: state.discriminatorSquares,
      });
      return {
        directions: directions.map(({ right }) => right),
        discriminator: next.parameters,
        discriminatorMeans: next.means,
        discriminatorSquares: next.squares,
        // PyTorch's momentum of 0.1, its running variance without bias
        statistics: state.statistics.map((running, s) =>
          tf.add(tf.mul(running, 0.9), tf.mul(tf.reshape(statistics[s], running.shape), 0.1 * told[s])),
        ),
      };
    },
  );
  tf.dispose(statistics);

  replace(
    tf,
    state,
    ["directions", "generator", "generatorMeans", "generatorSquares", "average", "averageStatistics"],
    () => {
      const directions = turned(tf, state.discriminator, state.directions);
      const { value, grads } = tf.valueAndGrads((...parameters: Tensor[]) => {
        const images = generated(tf, size, parameters, latents);
        const logits = judged(tf, layers, discriminator, state.discriminator, directions, images);
        return crossEntropy(tf, logits, 1);
      })(state.generator);
      scalars.push(tf.keep(value));
      const next = adam(tf, step, options.rates.generator, grads, {
        parameters: state.generator,
        means: state.generatorMeans,
        squares: state.generatorSquares,
      });
      const averaged = (old: Tensor[], now: Tensor[]) =>
        old.map((average, p) => tf.add(tf.mul(average, decay), tf.mul(now[p], 1 - decay)));
      return {
        directions: directions.map(({ right }) => right),
        generator: next.parameters,
        generatorMeans: next.means,
        generatorSquares: next.squares,
        average: averaged(state.average, next.parameters),
        averageStatistics: averaged(state.averageStatistics, state.statistics),
      };
    },
  );

  const [realSaid, fakeSaid, ofDiscriminator, ofGenerator] = await Promise.all(
    scalars.map(async (scalar) => (await scalar.data())[0]),
  );
  tf.dispose(scalars);
  return { discriminator: ofDiscriminator, generator: ofGenerator, real: realSaid, fake: fakeSaid };
}

/** Puts what `make` returns in the place of some groups of tensors, and disposes of the old ones. */
function replace(
  tf: Tensorflow,
  state: StateTensors,
  groups: readonly (keyof StateTensors)[],
  make: () => Partial<StateTensors>,
): void {
  const made = tf.tidy(() => make() as Record<string, Tensor[]>) as Partial<StateTensors>;
  for (const group of groups) {
    tf.dispose(state[group]);
    state[group] = made[group] as Tensor[];
  }
}

/** Singular vectors of all filters of a discriminator, one step of power iteration on. */
function turned(tf: Tensorflow, parameters: readonly Tensor[], right: readonly Tensor[]): Directions[] {
  const filters = parameters.filter((parameter) => parameter.rank === 4);
  return filters.map((filter, f) => powerIteration(tf, filter, right[f]));
}

interface Moments {
  readonly parameters: readonly Tensor[];
  readonly means: readonly Tensor[];
  readonly squares: readonly Tensor[];
}

/** Adam as PyTorch computes it. */
function adam(tf: Tensorflow, step: number, rate: number, gradients: readonly Tensor[], old: Moments) {
  const root = Math.sqrt(1 - decay2 ** step);
  const scaled = rate / (1 - decay1 ** step);
  const means = old.means.map((mean, p) => tf.add(tf.mul(mean, decay1), tf.mul(gradients[p], 1 - decay1)));
  const squares = old.squares.map((square, p) =>
    tf.add(tf.mul(square, decay2), tf.mul(tf.square(gradients[p]), 1 - decay2)),
  );
  const parameters = old.parameters.map((parameter, p) => {
    const spread = tf.add(tf.div(tf.sqrt(squares[p]), root), epsilon);
    return tf.sub(parameter, tf.mul(tf.div(means[p], spread), scaled));
  });
  return { parameters, means, squares };
}
