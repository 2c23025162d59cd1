import { invalid } from "../../errors.js";
import type { LayersModel, SymbolicTensor } from "../../tensors/tensorflow.js";
import type { Layer } from "./inner-layers.js";

/** The names of the tensors of a model, or of a model inside it. */
export interface TensorNames {
  /**
   * The name of a tensor: its layer's; `layer@0`, `layer@1` of one used several times; `layer:0`, `layer:1` of one with
   * several outputs.
   */
  of(symbol: SymbolicTensor): string;
  /** Names of layers with several tensors, and the names of these. */
  readonly ambiguous: ReadonlyMap<string, readonly string[]>;
}

/** Names the tensors of a model that its outputs are computed from. @param prefix what stands in front of each name */
export function tensorNames({ inputs, outputs }: Pick<LayersModel, "inputs" | "outputs">, prefix: string): TensorNames {
  const uses = new Map<Layer, Set<number>>();
  const seen = new Set<number>();
  const ends = new Set(inputs.map(({ id }) => id));
  const waiting = [...outputs, ...inputs];
  for (let symbol = waiting.pop(); symbol !== undefined; symbol = waiting.pop()) {
    if (seen.has(symbol.id)) continue;
    seen.add(symbol.id);
    const layer = symbol.sourceLayer as Layer;
    uses.set(layer, (uses.get(layer) ?? new Set()).add(symbol.nodeIndex));
    if (!ends.has(symbol.id)) waiting.push(...symbol.inputs);
  }
  const ambiguous = new Map<string, string[]>();
  const taken = new Set<string>();
  const nodesOf = new Map([...uses].map(([layer, nodes]) => [layer, [...nodes].sort((a, b) => a - b)]));
  const name = (layer: Layer, node: number, output: number) => {
    const nodes = nodesOf.get(layer) as number[];
    const several = outputsOf(layer, node).length > 1;
    return `${prefix}${layer.name}${nodes.length > 1 ? `@${nodes.indexOf(node)}` : ""}${several ? `:${output}` : ""}`;
  };
  for (const [layer, nodes] of nodesOf) {
    const names = nodes.flatMap((node) => outputsOf(layer, node).map((_, output) => name(layer, node, output)));
    if (names.length > 1) ambiguous.set(`${prefix}${layer.name}`, names);
    for (const each of names) {
      if (taken.has(each)) throw invalid("network", "one in which no two tensors have the same name", each);
      taken.add(each);
    }
  }
  return {
    ambiguous,
    of: ({ sourceLayer, nodeIndex, outputTensorIndex }) =>
      name(sourceLayer as Layer, nodeIndex, outputTensorIndex ?? 0),
  };
}

/** What a layer puts out in one of its uses. */
export function outputsOf(layer: Layer, node: number): readonly SymbolicTensor[] {
  return (layer.inboundNodes as unknown as { outputTensors: SymbolicTensor[] }[])[node].outputTensors;
}
