import { type Layout, reshaped } from "../../channels.js";
import { integersOf } from "../stored.js";
import { axesOf } from "./elementwise.js";
import { listAttribute, type Rule, wholeAttribute, withInputs } from "./rule.js";
import { dimsOf, floatsOf, storedIntegers } from "./stored-tensors.js";

/** Axis of channels where nothing else is said. */
const usualAxis = 1;

/** Operators that keep the order of the numbers: Flatten, Reshape, Squeeze, Unsqueeze. */
export const reshape: Rule = (seen) => {
  const { node, channels } = seen;
  const [given] = node.output ?? [];
  const [from, to] = [seen.shape(seen.input[0]), seen.shape(given)];
  const input = seen.layout(0);
  if (!input || !from || !to || !seen.hasRows(seen.input[0]) || !seen.hasRows(given)) return undefined;
  const target = node.opType === "Reshape" ? seen.stored(1) : undefined;
  const sizes = target && integersOf(target);
  if (node.opType === "Reshape" && sizes?.length !== to.length) return undefined;
  if (node.opType === "Flatten" && wholeAttribute(node, "axis", 1) !== 1) return undefined;
  const output = reshaped(channels, input, from, to, usualAxis);
  if (!output) return undefined;
  return {
    outputs: [output],
    rebuild(tools) {
      if (!sizes || !tools.loses(output)) return node;
      // A 0 takes a size over from the input, which may be another one now.
      const now = sizes.map((size, axis) => {
        if (axis === output.axis && size !== -1) return tools.kept(output).length;
        return size === 0 && axis > 0 ? to[axis] : size;
      });
      return withInputs(node, new Map([[1, tools.stored(1, (name) => storedIntegers(name, now))]]));
    },
  };
};

/** Transpose, where the rows stay first. */
export const transposition: Rule = ({ node, layout }) => {
  const input = layout(0);
  const order = listAttribute(node, "perm");
  if (!input || !order || order[0] !== 0) return undefined;
  return { outputs: [{ ...input, axis: order.indexOf(input.axis) }] };
};

/** Concat, along the channels or along another axis. */
export const concatenation: Rule = (seen) => {
  const { node, channels, called } = seen;
  const [given] = node.output ?? [];
  const shape = seen.shape(given);
  if (!shape) return undefined;
  const asked = wholeAttribute(node, "axis", 0);
  const axis = asked < 0 ? asked + shape.length : asked;
  if (axis === 0) return undefined;
  const layouts = seen.input.map((_, i) => seen.layout(i));
  const known = layouts.filter((layout) => layout !== undefined);
  if (known.length === 0) return undefined;
  if (known.every((layout) => layout.axis === axis)) {
    const parts = layouts.map((layout, i): Layout => {
      if (layout) return layout;
      const tensor = seen.stored(i);
      const length = (tensor ? dimsOf(tensor) : seen.shape(seen.input[i]))?.[axis] ?? 0;
      const others = channels.fresh(axis, length);
      channels.pin(others, `${called} takes in ${seen.input[i]}, of which nothing can go`);
      return others;
    });
    const ids = Int32Array.from(parts.flatMap((part) => [...part.ids]));
    const constants = Float32Array.from(parts.flatMap((part) => [...part.constants]));
    return { outputs: [{ axis, ids, constants }] };
  }
  const [first] = known;
  if (known.length < layouts.length || known.some((layout) => layout.axis !== first.axis) || first.axis === axis) {
    return undefined;
  }
  for (const other of known.slice(1)) channels.uniteAll(first, other);
  const constants = first.constants.map((value, c) =>
    known.every((layout) => layout.constants[c] === value) ? value : Number.NaN,
  );
  return { outputs: [{ ...first, constants }] };
};

/** Pad with a constant, along other axes than the channels'. */
export const padding: Rule = (seen) => {
  const { node } = seen;
  const input = seen.layout(0);
  const pads = listAttribute(node, "pads") ?? (seen.stored(1) && integersOf(seen.stored(1)!));
  const rank = seen.shape(seen.input[0])?.length ?? 0;
  if (!input || pads?.length !== 2 * rank || pads[input.axis] !== 0 || pads[input.axis + rank] !== 0) return undefined;
  if (seen.input[3] || node.attribute?.some(({ name }) => name === "value" || name === "axes")) return undefined;
  const value = seen.input[2] ? floatsOf(seen.stored(2) ?? {})?.[0] : 0;
  const constants = input.constants.map((constant) => (constant === value ? constant : Number.NaN));
  return { outputs: [{ ...input, constants }] };
};

/** Resize and Upsample by stored factors or to stored sizes, along other axes than the channels'. */
export const resizing: Rule = (seen) => {
  const { node } = seen;
  const input = seen.layout(0);
  const [given] = node.output ?? [];
  const [from, to] = [seen.shape(seen.input[0]), seen.shape(given)];
  if (!input || !from || !to || from[input.axis] !== to[input.axis]) return undefined;
  if (node.attribute?.some(({ name }) => name === "axes" || name === "extrapolation_value")) return undefined;
  const sizes = seen.input[3] ? integersOf(seen.stored(3) ?? {}) : undefined;
  if (seen.input[3] && sizes?.length !== to.length) return undefined;
  return {
    outputs: [input],
    rebuild(tools) {
      if (!sizes || !tools.loses(input)) return node;
      const now = sizes.map((size, axis) => (axis === input.axis ? tools.kept(input).length : size));
      return withInputs(node, new Map([[3, tools.stored(3, (name) => storedIntegers(name, now))]]));
    },
  };
};

/** Squeeze and Unsqueeze are a change of shape where their axes are to be seen. */
export const squeezing: Rule = (seen) => {
  const [given] = seen.node.output ?? [];
  return axesOf(seen, seen.shape(given)?.length ?? 0) ? reshape(seen) : undefined;
};
