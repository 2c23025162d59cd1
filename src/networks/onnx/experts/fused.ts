import type { GraphBuilder } from "../graph-builder.js";
import type { Attribute, Node } from "../messages.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { attributeOf, storedTensor } from "../row-places.js";
import { isStandard, whole } from "../schema.js";
import { expertMasks, type FoundExperts } from "./found-experts.js";
import { maskNodes, renormalised } from "./masks.js";
import { mixedBefore, sharesNode, unchanged } from "./router-gates.js";

/** Places of inputs of both nodes. */
const [routerProbs, firstWeights, routerWeights] = [1, 2, 14];

const sparseMixer = "it picks experts by the sparse mixer, which is not implemented";
const picksSparsely = (node: Node) => whole(attributeOf(node, "use_sparse_mixer")?.i) !== 0;

/**
 * A float MoE takes its gates from the router's numbers alone, so only `reroute` can be a mask there: what is added to
 * these. All experts lesioned would all be alike again, so then the node's output is replaced by 0.
 */
export function floatExperts(
  builder: GraphBuilder,
  graph: OnnxGraph,
  node: Node,
  rows: string,
  found: FoundExperts,
): void {
  const base = nameOf(node);
  for (const lesion of ["silence", "renormalise"]) {
    found.refused.set(
      `${base}/${lesion}`,
      `MoE ${base} has no input for gates, and picks and weighs experts by one tensor; lesion ${base}/reroute, write the network with QMoE (its input router_weights) or with experts unrolled, or read its checkpoint with loadDecoder`,
    );
  }
  if (picksSparsely(node)) {
    found.refused.set(`${base}/reroute`, `MoE ${base}: ${sparseMixer}`);
    return;
  }
  const inputs = [...(node.input ?? [])];
  const logits = inputs[routerProbs];
  const mixed = mixedBefore(graph, logits);
  if (mixed !== undefined) {
    found.refused.set(`${base}/reroute`, `MoE ${base}: ${mixed}`);
    return;
  }
  const start = builder.nodes.length;
  const masks = maskNodes(builder, rows, logits);
  const reroute = masks.open(`${base}/reroute`);
  inputs[routerProbs] = masks.shut(logits, reroute);
  const before = builder.nodes.slice(start);
  const [output, ...rest] = node.output ?? [];
  const raw = `${builder.prefix}${output}`;
  const behind = builder.nodes.length;
  // In ONNX Runtime 1.30 a MoE without normalize_routing_weights gives zeros where its output takes the place of its
  // input in memory.
  masks.unlessAllShut(raw, reroute, inputs[0], output);
  found.changed.set(node, {
    before,
    node: { ...node, input: inputs, output: [raw, ...rest] },
    after: builder.nodes.slice(behind),
  });
  found.masks.set(reroute, inputs[0]);
}

/**
 * A QMoE takes gates from an input of their own: there the masks of `silence` and `renormalise` are, with what it would
 * have made itself; `reroute` is in front of its choice, and of the Softmax that makes the gates where the file gives
 * them. Where it is not known how gates follow from logits, there is no `reroute`: a router without an expert might
 * give the others other gates. Of equal numbers it picks the last expert.
 */
export function quantisedExperts(
  builder: GraphBuilder,
  graph: OnnxGraph,
  node: Node,
  rows: string,
  found: FoundExperts,
  isFloat: (tensor: string) => boolean,
): void {
  const base = nameOf(node);
  const weights = storedTensor(graph, node.input?.[firstWeights] ?? "");
  const count = whole(weights?.dims?.[0]);
  const k = whole(attributeOf(node, "k")?.i ?? 1);
  const refused =
    count === 0
      ? "its weights are not stored in the file"
      : k > count
        ? `it picks ${k} of ${count}`
        : picksSparsely(node)
          ? sparseMixer
          : undefined;
  if (refused !== undefined) {
    for (const lesion of expertMasks) found.refused.set(`${base}/${lesion}`, `QMoE ${base}: ${refused}`);
    return;
  }
  const inputs = Array.from({ length: routerWeights + 1 }, (_, i) => node.input?.[i] ?? "");
  const logits = inputs[routerProbs];
  const given = inputs[routerWeights];
  const shares = given === "" ? undefined : sharesNode(graph, given);
  const softmax = shares && isStandard(shares, "Softmax") ? shares : undefined;
  const unknown =
    mixedBefore(graph, logits) ??
    (given === "" ? undefined : unknownGates(graph, given, logits, shares, found, isFloat));
  const start = builder.nodes.length;
  const masks = maskNodes(builder, rows, count);
  const names = expertMasks.filter((lesion) => lesion !== "reroute" || unknown === undefined);
  const open = new Map(names.map((lesion) => [lesion, masks.open(`${base}/${lesion}`)] as const));
  const [silence, renormalise] = [`${base}/silence`, `${base}/renormalise`];
  const reroute = open.get("reroute");
  const shutFrom = (numbers: string) => (reroute === undefined ? numbers : masks.shut(numbers, reroute));
  if (unknown !== undefined) found.refused.set(`${base}/reroute`, `QMoE ${base}: ${unknown}`);
  let behind = start;
  if (unknown === undefined && softmax) {
    const input = [shutFrom(softmax.input?.[0] ?? "")];
    found.changed.set(softmax, { before: builder.nodes.slice(start), node: { ...softmax, input }, after: [] });
    behind = builder.nodes.length;
  }
  const shut = shutFrom(logits);
  const apart = masks.byRow(shut);
  const picked = picksOf(builder, apart, count, k);
  const left = (numbers: string) =>
    reroute === undefined ? numbers : builder.node("Mul", [numbers, masks.overTokens(reroute)]);
  const least = builder.numbers([], Float32Array.of(1e-37));
  const ones = builder.numbers([count, 1], new Float32Array(count).fill(1));
  const sum = (numbers: string) => builder.node("MatMul", [numbers, ones]);
  let gates: string;
  if (given === "") {
    const largest = builder.node("Gather", [topValues(builder, apart, 1), builder.integers([0])], {
      attributes: { axis: -1 },
    });
    const terms = left(builder.node("Exp", [builder.node("Sub", [apart, largest])]));
    gates = builder.node("Div", [terms, builder.node("Max", [sum(builder.node("Mul", [terms, picked])), least])]);
  } else {
    gates = left(masks.byRow(given));
    if (whole(attributeOf(node, "normalize_routing_weights")?.i) !== 0) {
      const together = sum(builder.node("Mul", [gates, picked]));
      gates = builder.node("Div", [gates, builder.node("Max", [together, least])]);
    }
  }
  gates = renormalised(builder, gates, picked, masks.overTokens(renormalise));
  gates = builder.node("Mul", [gates, masks.overTokens(silence)]);
  inputs[routerProbs] = shut;
  inputs[routerWeights] = masks.as(gates, logits);
  const attribute: Attribute[] = [
    ...(node.attribute ?? []).filter(({ name }) => name !== "normalize_routing_weights"),
    { name: "normalize_routing_weights", type: 2, i: 0 },
  ];
  found.changed.set(node, {
    before: builder.nodes.slice(behind),
    node: { ...node, input: inputs, attribute },
    after: [],
  });
  for (const lesion of names) found.masks.set(`${base}/${lesion}`, inputs[0]);
}

/** Why it is not known what gates that are given would be without some experts; undefined where it is. */
function unknownGates(
  graph: OnnxGraph,
  given: string,
  logits: string,
  shares: Node | undefined,
  found: FoundExperts,
  isFloat: (tensor: string) => boolean,
): string | undefined {
  const own = unchanged(graph, shares?.input?.[0] ?? "");
  const source = graph.producerOf(own);
  // Each share of a Sigmoid is of its own logit alone, if these are a product with weights.
  const alone = own === unchanged(graph, logits) || /^(MatMul|Gemm|Add)$/.test(source?.opType ?? "");
  if (!shares || !(isStandard(shares, "Softmax") || alone))
    return `its router_weights ${given} are not known to be a Softmax or Sigmoid of logits, so it is not known what they would be without some experts`;
  const mixed = mixedBefore(graph, shares.input?.[0] ?? "");
  if (mixed !== undefined) return mixed;
  if (found.changed.has(shares)) return `its router_weights ${given} are those of other experts too`;
  if (![given, shares.input?.[0] ?? ""].every(isFloat)) return `its router_weights ${given} are not made in float32`;
  return undefined;
}

/**
 * 1 where QMoE picks an expert, else 0: of equal numbers the last, so the order is turned round for TopK, which takes
 * the first.
 */
function picksOf(builder: GraphBuilder, numbers: string, count: number, k: number): string {
  const axis = { attributes: { axis: -1 } };
  const turned = builder.integers(Array.from({ length: count }, (_, e) => count - 1 - e));
  const places = `${builder.prefix}picks/${builder.nodes.length}`;
  const back = builder.node("Gather", [numbers, turned], axis);
  const values = builder.node("TopK", [back, builder.integers([k])], { ...axis, output: [`${places}/values`, places] });
  const zeros = builder.node("ConstantOfShape", [builder.node("Shape", [back])]);
  const ones = builder.node("Add", [
    builder.node("ConstantOfShape", [builder.node("Shape", [values])]),
    builder.numbers([], Float32Array.of(1)),
  ]);
  return builder.node("Gather", [builder.node("ScatterElements", [zeros, places, ones], axis), turned], axis);
}

function topValues(builder: GraphBuilder, numbers: string, k: number): string {
  const name = `${builder.prefix}top/${builder.nodes.length}`;
  return builder.node("TopK", [numbers, builder.integers([k])], {
    output: [name, `${name}/which`],
    attributes: { axis: -1 },
  });
}

function nameOf(node: Node): string {
  return node.name || (node.output?.[0] ?? "");
}
