import type { GraphBuilder } from "../graph-builder.js";
import type { Attribute, Node } from "../messages.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { attributeOf, storedTensor } from "../row-places.js";
import { whole } from "../schema.js";
import { expertMasks, type FoundExperts } from "./found-experts.js";
import { maskNodes, renormalised } from "./masks.js";

/** Places of inputs of both nodes. */
const [routerProbs, firstWeights, routerWeights] = [1, 2, 14];

/**
 * A float MoE takes its gates from the router's numbers alone, so only `reroute` can be a mask there: what is added to these. All experts lesioned would all be
 * alike again, so then the node's output is replaced by 0.
 */
export function floatExperts(builder: GraphBuilder, _: OnnxGraph, node: Node, rows: string, found: FoundExperts): void {
  const base = nameOf(node);
  for (const lesion of ["silence", "renormalise"]) {
    found.refused.set(
      `${base}/${lesion}`,
      `MoE ${base} has no input for gates, and picks and weighs experts by one tensor; lesion ${base}/reroute, write the network with QMoE (its input router_weights) or with experts unrolled, or read its checkpoint with loadDecoder`,
    );
  }
  if (whole(attributeOf(node, "use_sparse_mixer")?.i) !== 0) {
    found.refused.set(`${base}/reroute`, `MoE ${base} picks experts by the sparse mixer, which is not implemented`);
    return;
  }
  const inputs = [...(node.input ?? [])];
  const logits = inputs[routerProbs];
  const start = builder.nodes.length;
  const masks = maskNodes(builder, rows, logits);
  const reroute = masks.open(`${base}/reroute`);
  inputs[routerProbs] = masks.shut(logits, reroute);
  const before = builder.nodes.slice(start);
  const [output, ...rest] = node.output ?? [];
  const raw = `${builder.prefix}${output}`;
  const behind = builder.nodes.length;
  // In ONNX Runtime 1.30 a MoE without normalize_routing_weights gives zeros where its output takes the place of its input in memory.
  masks.unlessAllShut(raw, reroute, inputs[0], output);
  found.changed.set(node, {
    before,
    node: { ...node, input: inputs, output: [raw, ...rest] },
    after: builder.nodes.slice(behind),
  });
  found.masks.set(reroute, inputs[0]);
}

/**
 * A QMoE takes gates from an input of their own: there the masks of `silence` and `renormalise` are, with what it would have made itself; `reroute` is in front of its choice.
 * Of equal numbers it picks the last expert.
 */
export function quantisedExperts(
  builder: GraphBuilder,
  graph: OnnxGraph,
  node: Node,
  rows: string,
  found: FoundExperts,
): void {
  const base = nameOf(node);
  const weights = storedTensor(graph, node.input?.[firstWeights] ?? "");
  const count = whole(weights?.dims?.[0]);
  const k = whole(attributeOf(node, "k")?.i ?? 1);
  const refused =
    count === 0 ? "its weights are not stored in the file" : k > count ? `it picks ${k} of ${count}` : undefined;
  if (refused !== undefined) {
    for (const lesion of expertMasks) found.refused.set(`${base}/${lesion}`, `QMoE ${base}: ${refused}`);
    return;
  }
  const inputs = Array.from({ length: routerWeights + 1 }, (_, i) => node.input?.[i] ?? "");
  const logits = inputs[routerProbs];
  const given = inputs[routerWeights];
  const start = builder.nodes.length;
  const masks = maskNodes(builder, rows, logits);
  const [silence, reroute, renormalise] = expertMasks.map((lesion) => masks.open(`${base}/${lesion}`));
  const shut = masks.shut(logits, reroute);
  const apart = masks.byRow(shut);
  const picked = picksOf(builder, apart, count, k);
  const own = masks.overTokens(reroute);
  const least = builder.numbers([], Float32Array.of(1e-37));
  const ones = builder.numbers([count, 1], new Float32Array(count).fill(1));
  const sum = (numbers: string) => builder.node("MatMul", [numbers, ones]);
  let gates: string;
  if (given === "") {
    const largest = builder.node("Gather", [topValues(builder, apart, 1), builder.integers([0])], {
      attributes: { axis: -1 },
    });
    const terms = builder.node("Mul", [builder.node("Exp", [builder.node("Sub", [apart, largest])]), own]);
    gates = builder.node("Div", [terms, builder.node("Max", [sum(builder.node("Mul", [terms, picked])), least])]);
  } else {
    gates = builder.node("Mul", [masks.byRow(given), own]);
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
    before: builder.nodes.slice(start),
    node: { ...node, input: inputs, attribute },
    after: [],
  });
  for (const mask of [silence, reroute, renormalise]) found.masks.set(mask, inputs[0]);
}

/** 1 where QMoE picks an expert, else 0: of equal numbers the last, so the order is turned round for TopK, which takes the first. */
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
