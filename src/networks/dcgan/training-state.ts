import { trainingStreams } from "../../coalitions/random-streams.js";
import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor } from "../../tensors/tensorflow.js";
import { type Generator, type GeneratorLayer, generatorOf } from "./generator.js";
import {
  type DiscriminatorOptions,
  initialDirections,
  initialDiscriminator,
  initialGenerator,
  initialStatistics,
  type Parameter,
} from "./parameters.js";
import { channels, type DcganSize } from "./size.js";

/** Groups of numbers that change while a DCGAN is trained; everything that has to be kept to go on later. */
export const stateGroups = [
  "generator",
  "statistics",
  "discriminator",
  "directions",
  "average",
  "averageStatistics",
  "generatorMeans",
  "generatorSquares",
  "discriminatorMeans",
  "discriminatorSquares",
] as const;
/** One of `stateGroups`. */
export type StateGroup = (typeof stateGroups)[number];

/** The state of a training, apart from how far it is. */
export type TrainingState = Readonly<Record<StateGroup, readonly Parameter[]>>;

/** Streams of a seed: the generator's first weights, the discriminator's, then one for each pass through the images. */
export const passStream = 2;

/** The state before the first step. */
export function initialState(size: DcganSize, discriminator: DiscriminatorOptions, seed: number): TrainingState {
  const streams = trainingStreams(seed);
  const generator = initialGenerator(size, streams(0));
  const random = streams(1);
  const against = initialDiscriminator(size.layers, discriminator, random);
  const statistics = initialStatistics(size);
  const zeros = (parameters: readonly Parameter[]) =>
    parameters.map((parameter) => ({ ...parameter, data: new Float32Array(parameter.data.length) }));
  return {
    generator,
    statistics,
    discriminator: against,
    directions: initialDirections(size.layers, discriminator, random),
    average: generator,
    averageStatistics: statistics,
    generatorMeans: zeros(generator),
    generatorSquares: zeros(generator),
    discriminatorMeans: zeros(against),
    discriminatorSquares: zeros(against),
  };
}

/** The state as tensors, by group. */
export type StateTensors = Record<StateGroup, Tensor[]>;

/** Tensors of a state; the caller disposes of them. */
export function stateTensors(tf: Tensorflow, state: TrainingState): StateTensors {
  const tensors = (group: StateGroup) => state[group].map(({ data, shape }) => tf.tensor(data.slice(), [...shape]));
  return Object.fromEntries(stateGroups.map((group) => [group, tensors(group)])) as StateTensors;
}

/** The state that tensors hold, named and shaped as `like` is. */
export async function readState(tensors: StateTensors, like: TrainingState): Promise<TrainingState> {
  const read = async (group: StateGroup) => {
    const parts = await Promise.all(tensors[group].map((tensor) => tensor.data<"float32">()));
    return like[group].map((parameter, p) => ({ ...parameter, data: Float32Array.from(parts[p]) }));
  };
  const groups = await Promise.all(stateGroups.map(read));
  return Object.fromEntries(stateGroups.map((group, g) => [group, groups[g]])) as unknown as TrainingState;
}

/** The generator whose weights are the moving averages of a state. */
export function averagedGenerator(size: DcganSize, state: TrainingState): Generator {
  const named = new Map([...state.average, ...state.averageStatistics].map(({ name, data }) => [name, data]));
  const widths = channels(size);
  const array = (l: number, part: string) => named.get(`generator.${l}.${part}`) as Float32Array;
  const parts = widths.map((outputs, l): GeneratorLayer => {
    const inputs = l === 0 ? size.latents : widths[l - 1];
    const norm = () => ({
      scale: array(l, "scale"),
      shift: array(l, "shift"),
      mean: array(l, "mean"),
      variance: array(l, "variance"),
    });
    const weights = torchLayout(array(l, "filter"), l === 0, inputs, outputs);
    return { inputs, outputs, weights, norm: l === widths.length - 1 ? undefined : norm() };
  });
  return generatorOf(size, parts);
}

/**
 * A filter as it is trained, `[4, 4, outputs, inputs]` or the first's `[inputs, 4, 4, outputs]`, as PyTorch's
 * `[inputs, outputs, 4, 4]`.
 */
function torchLayout(filter: Float32Array, first: boolean, inputs: number, outputs: number): Float32Array {
  const weights = new Float32Array(filter.length);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) {
      for (let tap = 0; tap < 16; tap++) {
        const from = first ? (i * 16 + tap) * outputs + o : (tap * outputs + o) * inputs + i;
        weights[(i * outputs + o) * 16 + tap] = filter[from];
      }
    }
  }
  return weights;
}
