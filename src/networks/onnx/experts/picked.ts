import type { GraphBuilder } from "../graph-builder.js";
import type { Node } from "../messages.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { isStandard } from "../schema.js";
import { expertMasks, type FoundExperts } from "./found-experts.js";
import { usedGates, usersIn } from "./gate-users.js";
import { maskNodes, renormalised } from "./masks.js";
import { joinedRows, sharesNode } from "./router-gates.js";
import {
  type KnownTensors,
  problemOfChoice,
  routersOf,
  sharesOf,
  shutRouters,
  throughCasts,
  unknownOf,
} from "./unrolled.js";

/**
 * Experts that are unrolled as exports of Hugging Face's networks are: a TopK of a router's numbers, whose places a
 * OneHot (or what exporters make of one: an Equal, ones that a ScatterElements spreads) turns into masks, by which
 * every expert finds its tokens (NonZero) and their gates (Gather). Its gates are those of the picked experts,
 * `[tokens, picked]`: the TopK's values, or what is made of them. They are masked by the experts that the places say.
 * What looks like it and is none is refused by name, with the reason.
 *
 * @param node the OneHot, or what stands for it
 */
export function pickedExperts(
  builder: GraphBuilder,
  graph: OnnxGraph,
  node: Node,
  rows: string,
  found: FoundExperts,
  known: KnownTensors,
): void {
  const choice = (node.input ?? []).map((name) => choiceOf(graph, name)).find((own) => own !== undefined);
  const places = choice?.output?.[1];
  if (!choice || places === undefined) return;
  const first = valuesOf(graph, choice);
  const used = usedGates(graph, choice, first);
  const { gates } = used;
  // Asked for again by a second OneHot of the same choice.
  if (found.refused.has(`${gates}/silence`) || found.masks.has(`${gates}/silence`)) return;
  const shares = sharesOf(graph, first.output?.[0] ?? "", choice, known);
  const routers = routersOf(graph, choice, shares);
  const bare = routers.includes(used.node) || (used.node !== first && !shares.shared && routers.includes(choice));
  const logits = routers[0].input?.[0] ?? "";
  const reason =
    shares.reason ??
    problemOfChoice(graph, gates, choice, routers, found, known) ??
    (bare ? "its values are logits, and no Softmax or Sigmoid of them" : used.reason);
  if (reason !== undefined) {
    for (const lesion of expertMasks)
      found.refused.set(`${gates}/${lesion}`, `${gates} is not taken for experts: ${reason}`);
    return;
  }

  const unknown = unknownOf(graph, routers, shares);
  if (unknown !== undefined) found.refused.set(`${gates}/reroute`, `${gates} has no reroute: ${unknown}`);
  const start = builder.nodes.length;
  const masks = maskNodes(builder, rows, logits);
  const names = expertMasks.filter((lesion) => lesion !== "reroute" || unknown === undefined);
  for (const lesion of names) found.masks.set(masks.open(`${gates}/${lesion}`), joinedRows(graph, logits));
  if (unknown === undefined) shutRouters(builder, masks, routers, `${gates}/reroute`, start, found);

  const behind = unknown === undefined ? builder.nodes.length : start;
  const raw = `${builder.prefix}${gates}`;
  const picks = maskNodes(builder, rows, places);
  const byRow = builder.node(
    "Concat",
    [builder.node("Gather", [builder.node("Shape", [rows]), builder.integers([0])]), builder.integers([-1])],
    {
      attributes: { axis: 0 },
    },
  );
  const flat = builder.node("Reshape", [places, byRow]);
  const ofPicks = (lesion: string) =>
    picks.byRow(builder.node("GatherElements", [`${gates}/${lesion}`, flat], { attributes: { axis: 1 } }));
  let own = picks.byRow(raw);
  if (unknown === undefined) {
    const zero = builder.numbers([], Float32Array.of(0));
    own = builder.node("Where", [builder.node("Greater", [ofPicks("reroute"), zero]), own, zero]);
  }
  const left = builder.node("Mul", [renormalised(builder, own, own, ofPicks("renormalise")), ofPicks("silence")]);
  picks.as(left, raw, gates);
  const output = (used.node.output ?? []).map((name) => (name === gates ? raw : name));
  found.changed.set(used.node, { before: [], node: { ...used.node, output }, after: builder.nodes.slice(behind) });
}

/** The TopK whose places a tensor holds, as they are or with an axis more. */
function choiceOf(graph: OnnxGraph, name: string): Node | undefined {
  const own = throughCasts(graph, name);
  const node = graph.producerOf(own);
  if (node && isStandard(node, "Unsqueeze")) return choiceOf(graph, node.input?.[0] ?? "");
  return node && isStandard(node, "TopK") && own === node.output?.[1] ? node : undefined;
}

/** The node that gives the numbers of picked experts: the choice, what gathers them, a Softmax or Sigmoid of them. */
function valuesOf(graph: OnnxGraph, choice: Node): Node {
  const users = usersIn(graph);
  const [values = "", places = ""] = choice.output ?? [];
  const gathering = users(places).find(
    (own) => isStandard(own, "GatherElements") && own.input?.[1] === places && sharesNode(graph, own.input?.[0] ?? ""),
  );
  let node = gathering ?? choice;
  for (let name = gathering ? (gathering.output?.[0] ?? "") : values; ; name = node.output?.[0] ?? "") {
    const own = users(name);
    const isOne = own.length === 1 && ["Softmax", "Sigmoid", "Cast", "Identity"].some((op) => isStandard(own[0], op));
    if (!isOne) return node;
    node = own[0];
  }
}
