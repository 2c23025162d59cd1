import type { GraphBuilder } from "../graph-builder.js";
import type { Node } from "../messages.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { attributeOf } from "../row-places.js";
import { isStandard, whole } from "../schema.js";
import { expertMasks, type FoundExperts } from "./found-experts.js";
import { usedGates } from "./gate-users.js";
import { type MaskNodes, maskNodes, renormalised } from "./masks.js";
import { joinedRows, mixedBefore, sharesNode } from "./router-gates.js";

/** What is known of a graph's tensors. */
export interface KnownTensors {
  /** Whether a tensor holds single-precision numbers. */
  isFloat(tensor: string): boolean;
  /** Whether a node works along the last axis. @param otherwise its axis where it says none */
  isLast(node: Node, otherwise: number): boolean;
}

/**
 * Experts that are unrolled: a TopK of a router's logits, or of their softmax, whose places a ScatterElements spreads
 * over all experts, 0 elsewhere, with its values or those that a GatherElements takes from the softmax. Its output are
 * the gates, or what rescales these behind it, which `silence` and `renormalise` mask; `reroute` is in front of the
 * choice, and of the softmax. What looks like it and is none is refused by name, with the reason.
 *
 * @param node the ScatterElements
 * @returns whether it spreads what a TopK picks
 */
export function unrolledExperts(
  builder: GraphBuilder,
  graph: OnnxGraph,
  node: Node,
  rows: string,
  found: FoundExperts,
  known: KnownTensors,
): boolean {
  const [spread] = node.output ?? [];
  const places = throughCasts(graph, node.input?.[1] ?? "");
  const choice = graph.producerOf(places);
  if (!spread || !choice || !isStandard(choice, "TopK") || places !== choice.output?.[1]) return false;
  const shares = sharesOf(graph, node.input?.[2] ?? "", choice, known);
  const routers = routersOf(graph, choice, shares);
  const used = usedGates(graph, choice, node);
  const { gates } = used;
  const reason = shares.reason ?? problemOf(graph, node, gates, choice, routers, found, known) ?? used.reason;
  for (const lesion of expertMasks) {
    const refuse = (name: string, why: string) => found.refused.set(`${name}/${lesion}`, why);
    if (reason !== undefined) refuse(gates, `${gates} is not taken for experts: ${reason}`);
    if (gates !== spread)
      refuse(spread, `${spread} is rescaled behind it: its experts' gates are ${gates}; ask for ${gates}/${lesion}`);
  }
  if (reason !== undefined) return true;

  const logits = routers[0].input?.[0] ?? "";
  const unknown = unknownOf(graph, routers, shares);
  const start = builder.nodes.length;
  const masks = maskNodes(builder, rows, logits);
  const names = expertMasks.filter((lesion) => lesion !== "reroute" || unknown === undefined);
  const open = new Map(names.map((lesion) => [lesion, masks.open(`${gates}/${lesion}`)] as const));
  const reroute = open.get("reroute");
  if (unknown !== undefined) found.refused.set(`${gates}/reroute`, `${gates} has no reroute: ${unknown}`);
  if (reroute !== undefined) shutRouters(builder, masks, routers, reroute, start, found);

  const behind = reroute === undefined ? start : builder.nodes.length;
  const raw = `${builder.prefix}${gates}`;
  const apart = masks.byRow(reroute === undefined ? raw : masks.zeroed(raw, reroute));
  const left = builder.node("Mul", [
    renormalised(builder, apart, apart, masks.overTokens(`${gates}/renormalise`)),
    masks.overTokens(`${gates}/silence`),
  ]);
  masks.as(left, raw, gates);
  const after = builder.nodes.slice(behind);
  found.changed.set(used.node, { before: [], node: { ...used.node, output: [raw] }, after });
  for (const mask of open.values()) found.masks.set(mask, joinedRows(graph, logits));
  return true;
}

/** The nodes in front of which experts are shut that `reroute` leaves out, in their order. */
export function routersOf(graph: OnnxGraph, choice: Node, { by, shared }: Shares): Node[] {
  const chosen = sharesNode(graph, choice.input?.[0] ?? "") ?? choice;
  const at = ({ output }: Node) => graph.order.indexOf(output?.[0] ?? "");
  // A Softmax behind the choice would make something of an expert whose share is 0, where fewer than it picks are left.
  return [...new Set([by ?? chosen, chosen, ...(shared ? [choice] : [])])].sort((a, b) => at(a) - at(b));
}

/** Shuts experts in front of their routers where a mask says so. */
export function shutRouters(
  builder: GraphBuilder,
  masks: MaskNodes,
  routers: readonly Node[],
  mask: string,
  start: number,
  found: FoundExperts,
): void {
  let from = start;
  for (const router of routers) {
    const shut = masks.shut(router.input?.[0] ?? "", mask);
    const input = (router.input ?? []).map((name, i) => (i === 0 ? shut : name));
    found.changed.set(router, { before: builder.nodes.slice(from), node: { ...router, input }, after: [] });
    from = builder.nodes.length;
  }
}

/** Why it is not known what the numbers of a choice would be without some experts; undefined where it is. */
export function unknownOf(graph: OnnxGraph, routers: readonly Node[], { unknown }: Shares): string | undefined {
  return unknown ?? firstOf(routers, (router) => mixedBefore(graph, router.input?.[0] ?? "", routers));
}

function firstOf<T>(list: readonly T[], of: (item: T) => string | undefined): string | undefined {
  for (const item of list) {
    const found = of(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Why the gates of a choice can not be masked; undefined where they can. */
function problemOf(
  graph: OnnxGraph,
  node: Node,
  gates: string,
  choice: Node,
  routers: readonly Node[],
  found: FoundExperts,
  known: KnownTensors,
): string | undefined {
  const blank = graph.producerOf(node.input?.[0] ?? "");
  if (!blank || !isStandard(blank, "ConstantOfShape") || holdsNumbers(blank))
    return "its ScatterElements writes over something that is not known to be 0, as ConstantOfShape gives it";
  if (!known.isLast(node, 0)) return "its ScatterElements is not known to work along the last axis";
  return problemOfChoice(graph, gates, choice, routers, found, known);
}

/** Why a choice of experts can not be masked, whatever its gates are used for; undefined where it can. */
export function problemOfChoice(
  graph: OnnxGraph,
  gates: string,
  choice: Node,
  routers: readonly Node[],
  found: FoundExperts,
  { isFloat, isLast }: KnownTensors,
): string | undefined {
  if (!isLast(choice, -1)) return "its TopK is not known to work along the last axis";
  if (whole(attributeOf(choice, "largest")?.i ?? 1) === 0) return "its TopK takes the smallest";
  if (!isFloat(gates)) return "its gates are not float32";
  for (const router of routers) {
    const [logits = ""] = router.input ?? [];
    if (!isFloat(logits)) return "its router's numbers are not float32";
    if (found.changed.has(router)) return "its router is that of other experts too";
    if (!graph.order.includes(logits)) return "its router's numbers do not depend on the inputs";
  }
  return undefined;
}

/** What gates are made of. */
export interface Shares {
  /** The node that makes the shares of which they are taken, where it is not the choice's own. */
  readonly by?: Node;
  /** Whether a Softmax or Sigmoid makes them of what was chosen. */
  readonly shared?: boolean;
  /** Why that is not known. */
  readonly reason?: string;
  /** Why it is not known what they would be without some experts. */
  readonly unknown?: string;
}

/** The node that makes the shares that gates are made of, where it is not the choice's own; or why it is not known. */
export function sharesOf(graph: OnnxGraph, name: string, choice: Node, known: KnownTensors): Shares {
  const reason = "its values are not known to be made of those that its TopK picks";
  let [rescaled, shared] = [false, false];
  let unknown: string | undefined;
  for (let own = name, depth = 0; depth < 10; depth++) {
    if (own === choice.output?.[0]) {
      // Of experts that are shut a Softmax or Sigmoid makes 0; logits of theirs would spoil the sum that others are
      // divided by.
      if (rescaled && !shared && !sharesNode(graph, choice.input?.[0] ?? ""))
        return { reason: "its values are rescaled logits, and no Softmax or Sigmoid of them" };
      return { shared, ...(unknown !== undefined && { unknown }) };
    }
    const node = graph.producerOf(own);
    if (!node) return { reason };
    if (isStandard(node, "GatherElements")) {
      const by = sharesNode(graph, node.input?.[0] ?? "");
      const same = throughCasts(graph, node.input?.[1] ?? "") === choice.output?.[1];
      if (!same || !by) return { reason };
      if (!known.isLast(node, 0)) return { reason: "its GatherElements is not known to work along the last axis" };
      return { by, ...(shared && { unknown: "a Softmax or Sigmoid is behind its GatherElements" }) };
    }
    if (!/^(Softmax|Div|Cast|Identity|Mul|Sigmoid)$/.test(node.opType ?? "")) return { reason };
    shared ||= /^(Softmax|Sigmoid)$/.test(node.opType ?? "");
    const rescales = /^(Div|Mul)$/.test(node.opType ?? "");
    if (rescales && shared)
      unknown = `${node.opType} ${node.name || node.output?.[0]} is in front of its Softmax or Sigmoid`;
    rescaled ||= rescales;
    own = node.input?.[0] ?? "";
  }
  return { reason };
}

export function throughCasts(graph: OnnxGraph, name: string): string {
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
