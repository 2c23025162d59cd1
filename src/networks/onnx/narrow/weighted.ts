import type { Layout } from "../../channels.js";
import type { Node } from "../schema.js";
import {
  isPadded,
  numberAttribute,
  type Rebuild,
  type Rule,
  type Seen,
  wholeAttribute,
  withAttribute,
  withInputs,
} from "./rule.js";
import { dimsOf, floatsOf, storedFloats } from "./stored-tensors.js";

/**
 * Says that channels stay that the node sums up and that are not constant, or constant where it can not add that to its
 * biases.
 */
function readsSums(seen: Seen, input: Layout, foldable: boolean): void {
  const { channels, called } = seen;
  channels.pin(input, `${called} needs them`, (i) => Number.isNaN(input.constants[i]));
  if (foldable) return;
  const why = "their constant is not the same at its edges as elsewhere";
  channels.pin(input, `${called} can not take them as biases: ${why}`, (i) => input.constants[i] !== 0);
}

/** What the places that go add to each output, in double precision. @param weight of a place for an output */
function addition(
  { kept }: Rebuild,
  input: Layout | undefined,
  outputs: number,
  weight: (place: number, output: number) => number,
): Float64Array | undefined {
  if (!input) return undefined;
  const stays = new Set(kept(input));
  const sums = new Float64Array(outputs);
  let any = false;
  input.constants.forEach((constant, place) => {
    if (stays.has(place) || constant === 0) return;
    any = true;
    for (let o = 0; o < outputs; o++) sums[o] += constant * weight(place, o);
  });
  return any ? sums : undefined;
}

/** Conv and ConvTranspose, of all channels together or each by itself. */
export const convolution: Rule = (seen) => {
  const { node, channels } = seen;
  const transposed = node.opType === "ConvTranspose";
  const [input, weights] = [seen.layout(0), seen.stored(1)];
  const bias = seen.input[2] ? seen.stored(2) : undefined;
  if (!weights || (seen.input[2] && !bias) || (input && input.axis !== 1)) return undefined;
  const dims = dimsOf(weights);
  const groups = wholeAttribute(node, "group", 1);
  const values = floatsOf(weights);
  const taps = dims.slice(2).reduce((a, b) => a * b, 1);
  if (groups === 1) {
    const [inAxis, outAxis] = transposed ? [0, 1] : [1, 0];
    if (input) readsSums(seen, input, !transposed && values !== undefined && !isPadded(node));
    const output = channels.fresh(1, dims[outAxis]);
    return {
      outputs: [output],
      rebuild(tools) {
        const [inputs, outputs] = [input ? tools.kept(input) : undefined, tools.kept(output)];
        const parts = [{ axis: outAxis, kept: outputs }, ...(inputs ? [{ axis: inAxis, kept: inputs }] : [])];
        if (!tools.loses(input) && !tools.loses(output)) return node;
        const added = addition(tools, input, dims[0], (place, o) => {
          const from = (o * dims[1] + place) * taps;
          return values!.subarray(from, from + taps).reduce((sum, value) => sum + value, 0);
        });
        return withBias(seen, tools, output, added, tools.narrowed(1, parts));
      },
    };
  }
  if (!input || dims[1] !== 1 || groups !== input.ids.length) return undefined;
  const times = transposed ? 1 : dims[0] / groups;
  const biases = bias && floatsOf(bias);
  const padded = isPadded(node) || transposed;
  const output: Layout = {
    axis: 1,
    ids: Int32Array.from({ length: groups * times }, (_, o) => input.ids[Math.floor(o / times)]),
    constants: Float32Array.from({ length: groups * times }, (_, o) => {
      const constant = input.constants[Math.floor(o / times)];
      if (!(constant === 0 || (!padded && values)) || (bias && !biases)) return Number.NaN;
      const sum = constant === 0 ? 0 : values!.subarray(o * taps, (o + 1) * taps).reduce((all, w) => all + w, 0);
      return constant * sum + (biases?.[o] ?? 0);
    }),
  };
  return {
    outputs: [output],
    rebuild(tools) {
      if (!tools.loses(input)) return node;
      const changed = withBias(
        seen,
        tools,
        output,
        undefined,
        tools.narrowed(1, [{ axis: 0, kept: tools.kept(output) }]),
      );
      return withAttribute(changed, "group", tools.kept(input).length);
    },
  };
};

/** A node of other weights, whose biases have something added and lose what goes. */
function withBias(
  { node, input, stored }: Seen,
  tools: Rebuild,
  output: Layout,
  added: Float64Array | undefined,
  weights: string,
): Node {
  const changes = new Map([[1, weights]]);
  const kept = tools.kept(output);
  if (!added) {
    if (input[2]) changes.set(2, tools.narrowed(2, [{ axis: 0, kept }]));
    return withInputs(node, changes);
  }
  const before = input[2] ? floatsOf(stored(2)!) : undefined;
  const sums = Float32Array.from(kept, (o) => (before?.[o] ?? 0) + added[o]);
  const bias = tools.stored(2, (name) => storedFloats(name, [kept.length], sums));
  return { ...withInputs(node, changes), input: [(node.input ?? [])[0], weights, bias] };
}

/** Gemm with stored weights, and stored biases where it has any. */
export const gemm: Rule = (seen) => {
  const { node, channels } = seen;
  const [input, weights] = [seen.layout(0), seen.stored(1)];
  const bias = seen.input[2] ? seen.stored(2) : undefined;
  if (!weights || (seen.input[2] && !bias) || wholeAttribute(node, "transA", 0) !== 0 || (input && input.axis !== 1)) {
    return undefined;
  }
  const transposed = wholeAttribute(node, "transB", 0) !== 0;
  const dims = dimsOf(weights);
  const [inAxis, outAxis] = transposed ? [1, 0] : [0, 1];
  const values = floatsOf(weights);
  const [alpha, beta] = [numberAttribute(node, "alpha", 1), numberAttribute(node, "beta", 1)];
  const biases = bias && floatsOf(bias);
  const biasDims = bias ? dimsOf(bias) : [];
  const spread = (biasDims[biasDims.length - 1] ?? 1) === 1;
  const flat = biasDims.slice(0, -1).every((length) => length === 1);
  if (input) readsSums(seen, input, values !== undefined && beta !== 0 && flat && (!bias || biases !== undefined));
  const output = channels.fresh(1, dims[outAxis]);
  return {
    outputs: [output],
    rebuild(tools) {
      if (!tools.loses(input) && !tools.loses(output)) return node;
      const kept = tools.kept(output);
      const parts = [{ axis: outAxis, kept }, ...(input ? [{ axis: inAxis, kept: tools.kept(input) }] : [])];
      const changes = new Map([[1, tools.narrowed(1, parts)]]);
      const added = addition(
        tools,
        input,
        dims[outAxis],
        (place, o) => values![transposed ? o * dims[1] + place : place * dims[1] + o],
      );
      if (!added) {
        if (bias && !spread) changes.set(2, tools.narrowed(2, [{ axis: biasDims.length - 1, kept }]));
        return withInputs(node, changes);
      }
      const sums = Float32Array.from(kept, (o) => (biases?.[spread ? 0 : o] ?? 0) + (alpha * added[o]) / beta);
      const name = tools.stored(2, (wanted) => storedFloats(wanted, [kept.length], sums));
      return { ...node, input: [seen.input[0], changes.get(1)!, name] };
    },
  };
};

/** MatMul with a stored matrix behind; what constants add is added by a node of its own. */
export const matMul: Rule = (seen) => {
  const { node, channels } = seen;
  const [input, weights] = [seen.layout(0), seen.stored(1)];
  const rank = seen.shape(seen.input[0])?.length ?? 0;
  const dims = weights ? dimsOf(weights) : [];
  if (!weights || dims.length !== 2 || rank < 2 || (input && input.axis !== rank - 1)) return undefined;
  const values = floatsOf(weights);
  if (input) readsSums(seen, input, values !== undefined);
  const output = channels.fresh(rank - 1, dims[1]);
  return {
    outputs: [output],
    rebuild(tools) {
      if (!tools.loses(input) && !tools.loses(output)) return node;
      const kept = tools.kept(output);
      const parts = [{ axis: 1, kept }, ...(input ? [{ axis: 0, kept: tools.kept(input) }] : [])];
      const changed = withInputs(node, new Map([[1, tools.narrowed(1, parts)]]));
      const added = addition(tools, input, dims[1], (place, o) => values![place * dims[1] + o]);
      if (!added) return changed;
      const [given] = node.output ?? [];
      const product = `${given}/product`;
      const sums = Float32Array.from(kept, (o) => added[o]);
      const name = tools.stored(2, (wanted) => storedFloats(wanted, [kept.length], sums));
      return [
        { ...changed, output: [product] },
        { opType: "Add", name: `${given}/sum`, input: [product, name], output: [given] },
      ];
    },
  };
};
