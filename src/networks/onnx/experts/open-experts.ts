import { GraphBuilder } from "../graph-builder.js";
import type { Node } from "../messages.js";
import { onnxGraph, operatorVersion } from "../onnx-graph.js";
import { ownPrefix } from "../open-rows.js";
import { attributeOf } from "../row-places.js";
import { type Graph, isStandard, type Model, whole } from "../schema.js";
import { expertMasks, type FoundExperts } from "./found-experts.js";
import { floatExperts, quantisedExperts } from "./fused.js";
import { pickedExperts } from "./picked.js";
import { unrolledExperts } from "./unrolled.js";

/** Masks of experts that were put into a graph. */
export interface OpenedExperts {
  readonly model: Model & { graph: Graph };
  /** Sites whose units are experts, and the tensor whose rows have to come first that they are right. */
  readonly masks: ReadonlyMap<string, string>;
  /** What can not be lesioned, and why, by the name that the site would have. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Least version of the standard operators that masks are made of. */
const leastVersion = 11;

/**
 * Puts masks of experts into a graph: into MoE and QMoE nodes (`com.microsoft`), and where experts are unrolled behind
 * a TopK and a ScatterElements, or a OneHot. Intact, the network computes what it did, within rounding.
 *
 * @param rows the network's first input
 * @param isFloat whether a tensor holds single-precision numbers
 * @param ranks how many axes a tensor has, of those that {@link countedAxes} names
 */
export function openExperts(
  model: Model & { graph: Graph },
  rows: string,
  isFloat: (tensor: string) => boolean,
  ranks: ReadonlyMap<string, number>,
): OpenedExperts | undefined {
  const nodes = model.graph.node ?? [];
  const graph = onnxGraph(model);
  const found: FoundExperts = { changed: new Map(), masks: new Map(), refused: new Map() };
  const builder = new GraphBuilder(`${ownPrefix}experts/`);
  const isLast = (node: Node, otherwise: number) => {
    const axis = axisOf(node, otherwise);
    return axis === -1 || axis === (ranks.get(node.output?.[0] ?? "") ?? 0) - 1;
  };
  const known = { isFloat, isLast };
  const isOld = operatorVersion(model) < leastVersion;
  for (const node of nodes) {
    const fused = isFused(node);
    const isUnrolled = spreads(node);
    if (!fused && !isUnrolled) continue;
    const refuse = (reason: string) => {
      const base = node.name || node.output?.[0];
      if (fused) for (const lesion of expertMasks) found.refused.set(`${base}/${lesion}`, reason);
    };
    if (isOld) refuse(`masks of experts need operators of version ${leastVersion} or later`);
    else if (fused && !isFloat(node.input?.[1] ?? "")) refuse("its router's numbers are not float32");
    else if (fused)
      (node.opType === "MoE" ? floatExperts : quantisedExperts)(builder, graph, node, rows, found, isFloat);
    else if (!isStandard(node, "ScatterElements") || !unrolledExperts(builder, graph, node, rows, found, known))
      pickedExperts(builder, graph, node, rows, found, known);
  }
  if (found.changed.size === 0 && found.refused.size === 0) return undefined;
  return {
    model: {
      ...model,
      graph: {
        ...model.graph,
        node: nodes.flatMap((own) => {
          const changed = found.changed.get(own);
          return changed ? [...changed.before, changed.node, ...changed.after] : [own];
        }),
        initializer: [...(model.graph.initializer ?? []), ...builder.stored],
      },
    },
    masks: found.masks,
    refused: found.refused,
  };
}

/** Whether a network may have experts: then it is asked what its tensors hold. */
export function mayHaveExperts({ node = [] }: Graph): boolean {
  return node.some((own) => isFused(own)) || (node.some(spreads) && node.some((own) => isStandard(own, "TopK")));
}

/**
 * Nodes of unrolled experts that say an axis by its number from the front: to know whether it is the last, one has to
 * know how many there are.
 */
export function countedAxes(nodes: readonly Node[]): string[] {
  if (!nodes.some(spreads)) return [];
  const usual = { ScatterElements: 0, GatherElements: 0, TopK: -1 };
  return nodes.flatMap((node) =>
    Object.entries(usual).some(([operator, axis]) => isStandard(node, operator) && axisOf(node, axis) >= 0)
      ? (node.output ?? []).slice(0, 1)
      : [],
  );
}

function axisOf(node: Node, otherwise: number): number {
  return whole(attributeOf(node, "axis")?.i ?? otherwise);
}

/** Whether a node may spread what a choice picks over all experts. */
function spreads(node: Node): boolean {
  return ["ScatterElements", "OneHot", "Equal"].some((operator) => isStandard(node, operator));
}

function isFused({ opType, domain }: Node): boolean {
  return domain === "com.microsoft" && (opType === "MoE" || opType === "QMoE");
}
