import type { Layout } from "../../channels.js";
import type { KeptPlaces } from "../../kept-places.js";
import { integersOf } from "../stored.js";
import { type Rebuild, type Rule, type Seen, wholeAttribute, withInputs } from "./rule.js";
import { dimsOf } from "./stored-tensors.js";

/**
 * Operators that compute every place from those at the same place of their inputs, which may be spread (Add, Relu,
 * ...): all inputs lose the same channels.
 */
export const elementwise: Rule = async (seen) => {
  const { node, channels, called } = seen;
  const [given, ...others] = (node.output ?? []).filter((name) => name !== "");
  const shape = seen.shape(given);
  if (others.length > 0 || !shape) return undefined;
  const operands = seen.input.flatMap((name, i) => (name === "" ? [] : [{ name, i, layout: seen.layout(i) }]));
  const rank = shape.length;
  const fromEnd = ({ layout, name }: (typeof operands)[number]) => seen.shape(name)!.length - layout!.axis;
  const leading = operands.find(({ layout, i, name }) => {
    return layout && shape[rank - fromEnd({ layout, i, name })] === layout.ids.length;
  });
  if (!leading?.layout) return undefined;
  const end = fromEnd(leading);
  const first = leading.layout;
  const length = first.ids.length;
  const stored: [input: number, part: KeptPlaces][] = [];
  const layouts = new Map<number, Layout>();
  let uniform = true;
  for (const operand of operands) {
    const { i, name, layout } = operand;
    const tensor = seen.stored(i);
    const dims = tensor ? dimsOf(tensor) : seen.shape(name);
    if (!dims) return undefined;
    const axis = dims.length - end;
    const along = dims[axis] ?? 1;
    if (tensor) {
      if (along === length && length > 1) stored.push([i, { axis, kept: [] }]);
      else if (along !== 1) return undefined;
      if (dims.some((size, a) => a !== axis && size !== 1)) uniform = false;
      continue;
    }
    if (layout?.axis === axis && layout.ids.length === length) {
      layouts.set(i, layout);
      if (layout !== first) channels.uniteAll(first, layout);
    } else {
      // Spread over the channels it goes with all of them; otherwise its own are not known.
      if (along !== 1) return undefined;
      uniform = false;
      if (layout) channels.pin(layout, `${called} spreads them`);
    }
  }
  const constants =
    uniform && layouts.size > 0 ? await seen.evaluated(layouts, length) : new Float32Array(length).fill(Number.NaN);
  if (node.opType === "Mul") {
    for (const { constants: factor } of layouts.values())
      factor.forEach((value, c) => value === 0 && (constants[c] = 0));
  }
  return {
    outputs: [{ axis: rank - end, ids: first.ids, constants }],
    rebuild(tools) {
      if (!tools.loses(first) || stored.length === 0) return node;
      const kept = tools.kept(first);
      return withInputs(node, new Map(stored.map(([i, { axis }]) => [i, tools.narrowed(i, [{ axis, kept }])])));
    },
  };
};

/**
 * BatchNormalization as it is used, and InstanceNormalization: every channel by itself, with some stored numbers each.
 */
export const normalisation: Rule = async (seen) => {
  const { node } = seen;
  const input = seen.layout(0);
  const parameters = seen.input.map((_, i) => i).slice(1);
  const outputs = (node.output ?? []).filter((name) => name !== "");
  if (input?.axis !== 1 || outputs.length > 1 || wholeAttribute(node, "training_mode", 0) !== 0) return undefined;
  if (!parameters.every((i) => seen.stored(i))) return undefined;
  const constants = await seen.evaluated(new Map([[0, input]]), input.ids.length);
  return {
    outputs: [{ ...input, constants }],
    rebuild: (tools) => (tools.loses(input) ? withInputs(node, narrowedAll(tools, input, parameters)) : node),
  };
};

function narrowedAll(tools: Rebuild, layout: Layout, inputs: readonly number[]): Map<number, string> {
  return new Map(inputs.map((i) => [i, tools.narrowed(i, [{ axis: 0, kept: tools.kept(layout) }])]));
}

/** Pooling: every channel by itself. What is constant stays so, but where places around it are counted as 0. */
export const pooling: Rule = (seen) => {
  const { node } = seen;
  const input = seen.layout(0);
  const outputs = (node.output ?? []).filter((name) => name !== "");
  if (input?.axis !== 1 || outputs.length > 1) return undefined;
  const counts = wholeAttribute(node, "count_include_pad", 0) !== 0;
  const sums = /LpPool$/.test(node.opType ?? "");
  const constants = input.constants.map((value) => (value === 0 || !(counts || sums) ? value : Number.NaN));
  return { outputs: [{ ...input, constants }] };
};

/** Sums, means and the like over axes that are not the channels'. */
export const reduction: Rule = (seen) => {
  const { node } = seen;
  const [input, shape] = [seen.layout(0), seen.shape(seen.input[0])];
  const axes = axesOf(seen, shape?.length ?? 0);
  if (!input || !shape || !axes || axes.includes(0) || axes.includes(input.axis)) return undefined;
  const keeps = wholeAttribute(node, "keepdims", 1) !== 0;
  const axis = keeps ? input.axis : input.axis - axes.filter((one) => one < input.axis).length;
  const same = /^Reduce(Mean|Max|Min)$/.test(node.opType ?? "");
  const zero = /^Reduce(Sum|L1|L2|SumSquare)$/.test(node.opType ?? "");
  const constants = input.constants.map((value) => (same || (zero && value === 0) ? value : Number.NaN));
  return { outputs: [{ ...input, axis, constants }] };
};

/** Axes of a node, from 0: an attribute, or since some version an input; undefined where they are not to be seen. */
export function axesOf(seen: Seen, rank: number): number[] | undefined {
  const attribute = seen.node.attribute?.find(({ name }) => name === "axes")?.ints?.map(Number);
  const tensor = seen.stored(1);
  const listed = attribute ?? (tensor ? integersOf(tensor) : undefined);
  return listed?.map((axis) => (axis < 0 ? axis + rank : axis));
}
