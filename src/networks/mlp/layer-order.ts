import { FileError } from "../../errors.js";
import type { DenseTensor, NamedTensors } from "../../formats/tensor.js";

/** A dense layer as a file holds it. */
export interface FileLayer {
  /** Name of its tensors without `.weight` and `.bias`. */
  readonly name: string;
  /** `[out, in]` */
  readonly weight: DenseTensor;
  /** `[out]`; undefined where the file holds none, which is 0. */
  readonly bias: DenseTensor | undefined;
}

/**
 * The dense layers that the tensors of a file are, in its order. @throws FileError for a tensor that is no part of one
 */
export function fileLayers(tensors: NamedTensors, path: string): FileLayer[] {
  const layers: FileLayer[] = [];
  for (const [name, weight] of tensors) {
    const match = /^(?:(.*)\.)?weight$/.exec(name);
    if (match) layers.push({ name: match[1] ?? "", weight, bias: tensors.get(name.replace(/weight$/, "bias")) });
  }
  const parts = layers.reduce((sum, { bias }) => sum + (bias ? 2 : 1), 0);
  if (parts === tensors.size && layers.length >= 2 && layers.every(isDense)) return layers;
  const rule = "dense layers were expected, at least two, each a weight [out, in] and perhaps a bias [out]";
  throw new FileError(path, `holds ${shapesOf(tensors)}; ${rule}`);
}

/** Layers in an order that is known. @throws FileError where they are others, or do not fit together */
export function layersAs(layers: readonly FileLayer[], wanted: readonly string[], path: string): readonly FileLayer[] {
  const found = wanted.map((name) => layers.find((layer) => layer.name === name));
  if (found.includes(undefined) || found.length !== layers.length || new Set(found).size !== layers.length) {
    const held = layers.map(({ name }) => shortened(name)).join(", ");
    throw new FileError(path, `holds the layers ${held}; ${wanted.map(shortened).join(", ")} asked for`);
  }
  return fitting([found as FileLayer[]], layers, path);
}

/**
 * Layers in the order that a file tells by its own order and by their names, whichever fits together. A .pt file keeps
 * the order in which layers were defined, which need not be that in which they are used, and a safetensors file none:
 * so where other orders fit as well, the layers are to be numbered.
 *
 * @throws FileError where none fits, or where it is not told which one
 */
export function layersInOrder(layers: readonly FileLayer[], path: string): readonly FileLayer[] {
  const keepsOrder = !path.endsWith(".safetensors");
  const byName = [...layers].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const chosen = fitting(keepsOrder ? [layers, byName] : [byName, layers], layers, path);
  const names = layers.map(({ name }) => name);
  const named = keepsOrder ? differInNumbers(names) : numberLayers(names);
  const contradiction = keepsOrder && named && isChain(byName) && byName.some((layer, l) => layer !== chosen[l]);
  const ours = chosen.map(({ name }) => name).join() === "hidden,output"; // as saveMlp names them
  if (contradiction || !(named || ours || isOnlyChain(chosen))) {
    throw new FileError(
      path,
      `holds the layers ${names.map(shortened).join(", ")}, which fit together in several orders; say them in order as the option layers (--layers), or number their names`,
    );
  }
  return chosen;
}

function fitting(orders: readonly (readonly FileLayer[])[], layers: readonly FileLayer[], path: string) {
  const order = orders.find(isChain);
  if (order) return order;
  const held = shapesOf(new Map(layers.map(({ name, weight }) => [name === "" ? "weight" : `${name}.weight`, weight])));
  throw new FileError(path, `holds ${held}; each layer's outputs are to be the next one's inputs`);
}

/** Whether the outputs of each layer are the inputs of the next. */
function isChain(layers: readonly FileLayer[]): boolean {
  return layers.every(({ weight }, l) => l === 0 || weight.shape[1] === layers[l - 1].weight.shape[0]);
}

/**
 * Whether layers that fit together do so in no other order: no width stands three times, or first and last, or twice
 * with another one that stands twice across it. (Layers are edges between widths; it is whether there is one trail
 * through all of them.)
 */
function isOnlyChain(layers: readonly FileLayer[]): boolean {
  const widths = [layers[0].weight.shape[1], ...layers.map(({ weight }) => weight.shape[0])];
  if (widths[0] === widths[layers.length]) return false;
  const twice: [number, number][] = [];
  for (const [i, width] of widths.entries()) {
    const again = widths.indexOf(width, i + 1);
    if (again < 0) continue;
    if (widths.indexOf(width, again + 1) >= 0) return false;
    twice.push([i, again]);
  }
  return !twice.some(([i, j]) => twice.some(([k, l]) => i < k && k < j && j < l));
}

/** Whether names differ in their numbers alone, as `fc1`, `fc2`, or `net.0`, `net.2.1` do. */
function differInNumbers(names: readonly string[]): boolean {
  return [/\d+/g, /[\d.]+$/].some((number) => new Set(names.map((name) => name.replace(number, "#"))).size === 1);
}

/**
 * Whether such names number layers from the inputs on: the number stands for itself or behind a word for a layer
 * (`hidden_2`). Other things are numbered too, and not always upwards (`up3`, `up2`).
 */
function numberLayers(names: readonly string[]): boolean {
  const layer = /(^|[._])((fc|lin|linear|dense|layer|layers|hidden|block|h|l)_?)?\d[\d.]*$/i;
  return differInNumbers(names) && names.every((name) => layer.test(name));
}

function isDense({ weight, bias }: FileLayer): boolean {
  const { shape, data } = weight;
  return shape.length === 2 && data.length > 0 && (!bias || (bias.shape.length === 1 && bias.shape[0] === shape[0]));
}

function shapesOf(tensors: NamedTensors): string {
  const shapes = [...tensors].map(([name, { shape }]) => `${shortened(name)} [${shape.join(", ")}]`);
  return shapes.length === 0 ? "no tensors" : shapes.slice(0, 8).join(", ") + (shapes.length > 8 ? ", ..." : "");
}

function shortened(name: string): string {
  return name.length > 80 ? `${name.slice(0, 77)}...` : name;
}
