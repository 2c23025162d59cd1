import type { GraphBuilder } from "../graph-builder.js";

/**
 * Nodes that apply masks of experts, `[rows, experts]`, to tensors of a graph whose experts are on the last axis and
 * whose rows come first.
 */
export interface MaskNodes {
  /** A tensor of ones: 0 where a lesion is. Its name is that of a site. */
  open(name: string): string;
  /** Numbers where experts are open, and the least there are elsewhere. */
  shut(numbers: string, mask: string): string;
  /** Numbers where experts are open, and 0 elsewhere, whatever was there. */
  zeroed(numbers: string, mask: string): string;
  /**
   * Where a mask is all 0 zeros in place of a tensor, whatever its other axes are. `beside`, a tensor of the same
   * shape, is used behind it and decides nothing: so it is still there while the tensor is computed.
   */
  unlessAllShut(tensor: string, mask: string, beside: string, output: string): void;
  /** Numbers as `[rows, tokens, experts]`. */
  byRow(numbers: string): string;
  /** A mask as `[rows, 1, experts]`. */
  overTokens(mask: string): string;
  /** Numbers that `byRow` made, in the shape of others. */
  as(numbers: string, like: string, output?: string): string;
}

/** What a router's logits are where an expert is lesioned: its exponential is 0 beside any other. */
const least = -3e38;

/**
 * @param rows an input of the network: so many rows there are
 * @param experts how many there are, or a tensor that has them on its last axis
 */
export function maskNodes(graph: GraphBuilder, rows: string, experts: string | number): MaskNodes {
  const first = graph.node("Gather", [graph.node("Shape", [rows]), graph.integers([0])]);
  const count =
    typeof experts === "number"
      ? graph.integers([experts])
      : graph.node("Gather", [graph.node("Shape", [experts]), graph.integers([-1])]);
  const last = { attributes: { axis: 0 } };
  const minus = graph.integers([-1]);
  const one = graph.integers([1]);
  const flat = graph.node("Concat", [first, count], last);
  const tokens = graph.node("Concat", [first, minus, count], last);
  const each = graph.node("Concat", [first, one, count], last);
  const zero = graph.numbers([], Float32Array.of(0));

  const whereOpen = (numbers: string, mask: string, otherwise: string) => {
    const isOpen = graph.node("Greater", [nodes.overTokens(mask), zero]);
    return nodes.as(graph.node("Where", [isOpen, nodes.byRow(numbers), otherwise]), numbers);
  };

  const nodes: MaskNodes = {
    open(name) {
      const value = { name: "value", dims: [1], dataType: 1, rawData: new Uint8Array(Float32Array.of(1).buffer) };
      return graph.node("ConstantOfShape", [flat], { output: name, attributes: { value } });
    },
    byRow: (numbers) => graph.node("Reshape", [numbers, tokens]),
    overTokens: (mask) => graph.node("Reshape", [mask, each]),
    as: (numbers, like, output) =>
      graph.node("Reshape", [numbers, graph.node("Shape", [like])], output === undefined ? {} : { output }),
    shut: (numbers, mask) => whereOpen(numbers, mask, graph.numbers([], Float32Array.of(least))),
    zeroed: (numbers, mask) => whereOpen(numbers, mask, zero),
    unlessAllShut(tensor, mask, beside, output) {
      const largest = `${graph.prefix}${output}/open`;
      graph.node("TopK", [mask, one], { output: [largest, `${largest}/which`] });
      const isOpen = graph.node("Greater", [largest, zero]);
      const each = graph.node("Reshape", [tensor, graph.node("Concat", [first, minus], last)]);
      const left = nodes.as(graph.node("Where", [isOpen, each, zero]), beside);
      const always = graph.node("Greater", [
        graph.node("Gather", [largest, graph.integers([0])]),
        graph.numbers([], Float32Array.of(-1)),
      ]);
      graph.node("Where", [always, left, beside], { output });
    },
  };
  return nodes;
}

/**
 * Gates of picked experts, 0 for the others, under `renormalise`: where a picked one is lesioned those that are left
 * are rescaled to add up to 1, elsewhere they are as they were.
 *
 * @param gates `[rows, tokens, experts]`
 * @param picked 1 where an expert is picked, or the gates themselves where these are 0 elsewhere
 * @param mask `[rows, 1, experts]`
 */
export function renormalised(graph: GraphBuilder, gates: string, picked: string, mask: string): string {
  const one = graph.numbers([], Float32Array.of(1));
  const tiny = graph.numbers([], Float32Array.of(1e-37));
  const zero = graph.numbers([], Float32Array.of(0));
  const shape = graph.node(
    "Concat",
    [graph.node("Gather", [graph.node("Shape", [gates]), graph.integers([-1])]), graph.integers([1])],
    { attributes: { axis: 0 } },
  );
  const value = { name: "value", dims: [1], dataType: 1, rawData: new Uint8Array(Float32Array.of(1).buffer) };
  const ones = graph.node("ConstantOfShape", [shape], { attributes: { value } });
  const sum = (numbers: string) => graph.node("MatMul", [numbers, ones]);
  const left = graph.node("Mul", [gates, mask]);
  const lost = graph.node("Greater", [sum(graph.node("Mul", [picked, graph.node("Sub", [one, mask])])), zero]);
  const together = sum(picked === gates ? left : graph.node("Mul", [left, picked]));
  const rescaled = graph.node("Div", [left, graph.node("Max", [together, tiny])]);
  return graph.node("Where", [lost, rescaled, gates]);
}
