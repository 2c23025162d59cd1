import { invalid } from "../../errors.js";
import type { LayersModel, NamedTensorMap, Tensor } from "../../tensors/tensorflow.js";
import type { Layer } from "./inner-layers.js";

/** A weight of a model: the layer that has it, and the names on the way to it. */
interface Place {
  readonly layer: Layer;
  /** The models inside the model that the layer is in. */
  readonly models: readonly string[];
  /** The layer's names and the weight's own. */
  readonly path: readonly string[];
}

/**
 * Gives a model its weights, which Keras 3 calls after the way to them: `sequential/dense/kernel`,
 * `lstm/lstm_cell/bias`. Every weight of the model has to be exactly one of them, by the names on its own way (`dense`,
 * `kernel`) in their order.
 *
 * @throws RangeError where a weight is missing, left over, of another shape, or could be two
 */
export function setKeras3Weights(model: LayersModel, weights: NamedTensorMap): void {
  const layers = leaves(model.layers as Layer[], []);
  const places = layers.flatMap(({ layer, path }) =>
    layer.weights.map((weight) => ({ layer, models: path, path: pathOf(layer, weight.originalName) })),
  );
  const found = matched(places, Object.keys(weights));
  for (const { layer } of layers) {
    const values = places.flatMap((place, p) => (place.layer === layer ? [weights[found[p]]] : []));
    checkShapes(layer, values);
    if (values.length > 0) layer.setWeights(values);
  }
}

function leaves(layers: readonly Layer[], path: readonly string[]): { layer: Layer; path: readonly string[] }[] {
  return layers.flatMap((layer) => (layer.layers ? leaves(layer.layers, [...path, layer.name]) : [{ layer, path }]));
}

/** TensorFlow.js numbers the cells of a recurrent layer, Keras calls them by their names. */
function pathOf(layer: Layer, name: string): string[] {
  const cells = (layer as { cell?: { cells?: readonly { name: string }[] } }).cell?.cells ?? [];
  return name.split("/").map((part) => {
    const number = /^RNNCell_(\d+)$/.exec(part)?.[1];
    return number === undefined ? part : (cells[Number(number)]?.name ?? part);
  });
}

function checkShapes(layer: Layer, values: readonly Tensor[]): void {
  layer.weights.forEach(({ originalName, shape }, w) => {
    if (String(shape) === String(values[w].shape)) return;
    throw invalid(`weights ${originalName}`, `the shape [${shape.join(", ")}]`, values[w].shape);
  });
}

/**
 * For each place the name of its weight. A place with one candidate has it; what is taken is none for the others. First
 * only names count that hold those of the models around the layer as well: a Sequential writes its own, a Functional
 * does not.
 */
function matched(places: readonly Place[], names: readonly string[]): string[] {
  const whole = ({ models, path }: Place) => [...models, ...path];
  const found: (string | undefined)[] = places.map((place) => names.find((name) => name === whole(place).join("/")));
  const left = new Set(names.filter((name) => !found.includes(name)));
  const candidates = ({ layer }: Place, path: readonly string[]) =>
    [...left].filter((name) => leadsTo(layer, name.split("/"), path));
  for (const pathOf of [whole, ({ path }: Place) => path]) {
    for (let goesOn = true; goesOn; ) {
      goesOn = false;
      places.forEach((place, p) => {
        if (found[p] !== undefined) return;
        const fitting = candidates(place, pathOf(place));
        if (fitting.length !== 1) return;
        [found[p]] = fitting;
        left.delete(fitting[0]);
        goesOn = true;
      });
    }
  }
  places.forEach((place, p) => {
    if (found[p] !== undefined) return;
    const fitting = candidates(place, place.path);
    throw invalid(
      "weights of the Keras 3 model",
      `one for ${whole(place).join("/")}`,
      fitting.length > 0 ? fitting : `none among ${names.slice(0, 5).join(", ")}`,
    );
  });
  if (left.size > 0) throw invalid("weights of the Keras 3 model", "weights of its layers alone", [...left][0]);
  return found as string[];
}

/** Whether a stored weight's way has all names of a path in order, and its end. */
function leadsTo(layer: Layer, way: readonly string[], path: readonly string[]): boolean {
  const [last, end] = [way.at(-1), path.at(-1)];
  const isDepthwise = layer.getClassName() === "DepthwiseConv2D" && end === "depthwise_kernel" && last === "kernel";
  if (last !== end && !isDepthwise) return false;
  let at = 0;
  for (const name of way.slice(0, -1)) if (at < path.length - 1 && name === path[at]) at++;
  return at === path.length - 1;
}
