import type { GraphBuilder } from "../graph-builder.js";
import type { Node } from "../messages.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { attributeOf } from "../row-places.js";
import { isStandard, whole } from "../schema.js";
import { expertMasks, type FoundExperts } from "./found-experts.js";
import { maskNodes, renormalised } from "./masks.js";

/**
 * Experts that are unrolled: a TopK of a router's logits, or of their softmax, whose places and values a ScatterElements spreads over all experts, 0 elsewhere. Its
 * output are the gates, which `silence` and `renormalise` mask; `reroute` is in front of the choice.
 */
export function unrolledExperts(
  builder: GraphBuilder,
  graph: OnnxGraph,
  node: Node,
  rows: string,
  isFloat: (tensor: string) => boolean,
  found: FoundExperts,
): void {
  const [zeros, places, shares] = node.input ?? [];
  const [gates] = node.output ?? [];
  const producer = (name: string) => graph.producerOf(name);
  const blank = producer(zeros);
  const choice = producer(throughCasts(graph, places));
  if (!gates || !blank || !isStandard(blank, "ConstantOfShape") || holdsNumbers(blank)) return;
  if (!choice || !isStandard(choice, "TopK") || throughCasts(graph, places) !== choice.output?.[1]) return;
  if (!isLast(node, 0) || !isLast(choice, -1) || whole(attributeOf(choice, "largest")?.i ?? 1) === 0) return;
  if (!descends(graph, shares, choice.output?.[0] ?? "")) return;
  const chosen = choice.input?.[0] ?? "";
  const softmax = producer(chosen);
  const router = softmax && isStandard(softmax, "Softmax") ? softmax : choice;
  const logits = router.input?.[0] ?? "";
  if (!isFloat(logits) || !isFloat(gates) || found.changed.has(router) || !graph.order.includes(logits)) return;

  const start = builder.nodes.length;
  const masks = maskNodes(builder, rows, logits);
  const [silence, reroute, renormalise] = expertMasks.map((lesion) => masks.open(`${gates}/${lesion}`));
  const shut = masks.shut(logits, reroute);
  const input = (router.input ?? []).map((name, i) => (i === 0 ? shut : name));
  found.changed.set(router, { before: builder.nodes.slice(start), node: { ...router, input }, after: [] });

  const behind = builder.nodes.length;
  const raw = `${builder.prefix}${gates}`;
  const apart = masks.byRow(masks.times(raw, reroute));
  const left = builder.node("Mul", [
    renormalised(builder, apart, apart, masks.overTokens(renormalise)),
    masks.overTokens(silence),
  ]);
  masks.as(left, raw, gates);
  found.changed.set(node, { before: [], node: { ...node, output: [raw] }, after: builder.nodes.slice(behind) });
  for (const mask of [silence, reroute, renormalise]) found.masks.set(mask, logits);
}

function throughCasts(graph: OnnxGraph, name: string): string {
  const node = graph.producerOf(name);
  return node && (isStandard(node, "Cast") || isStandard(node, "Identity"))
    ? throughCasts(graph, node.input?.[0] ?? "")
    : name;
}

/** Whether a ConstantOfShape holds something other than 0. */
function holdsNumbers(node: Node): boolean {
  const { t } = attributeOf(node, "value") ?? {};
  if (!t) return false;
  return !t.rawData || t.rawData.some((byte) => byte !== 0);
}

/** Whether a node works along the last axis, as far as it says so by a negative number. */
function isLast(node: Node, otherwise: number): boolean {
  return whole(attributeOf(node, "axis")?.i ?? otherwise) === -1;
}

/** Whether a tensor is made of another one, by what rescales numbers. */
function descends(graph: OnnxGraph, name: string, from: string, depth = 8): boolean {
  if (name === from) return true;
  const node = graph.producerOf(name);
  if (!node || depth === 0 || !/^(Softmax|Div|Cast|Identity|Mul|Sigmoid)$/.test(node.opType ?? "")) return false;
  return descends(graph, node.input?.[0] ?? "", from, depth - 1);
}
