import { invalid } from "../../../errors.js";
import { Channels, type Layout } from "../../channels.js";
import { goneChannels, stays as staysIn, withLesion } from "../../narrow-sites.js";
import type { NarrowSite } from "../../network.js";
import { hasRows, type TensorShape } from "../../shapes.js";
import { nameOf } from "../inline.js";
import type { OnnxGraph } from "../onnx-graph.js";
import type { Runtime } from "../runtime.js";
import { isStandard, type Model, type Node, type StoredTensor, usedNames, whole } from "../schema.js";
import { evaluatedOn } from "./evaluated.js";
import type { Rebuild, Ruled, Seen } from "./rule.js";
import { ruleOf } from "./rules.js";
import { constantsOf, settled, withoutUnused } from "./settled.js";
import { narrowStored } from "./stored-tensors.js";

/**
 * A model without channels. What every operator does with channels is known for some (`narrowOperators`); from the
 * lesioned tensors on it is followed what is constant, and backwards what then nobody needs. Sums and the like lose
 * channels in all of their addends together.
 *
 * @param shapes of the graph's tensors
 * @throws RangeError naming the operator that needs channels which should go, or one that would be left without any
 */
export async function narrowGraph(
  runtime: Runtime,
  given: OnnxGraph,
  shapes: ReadonlyMap<string, TensorShape>,
  sites: readonly NarrowSite[],
): Promise<Model> {
  const graph = settled(given, shapes);
  const constants = constantsOf(graph);
  const channels = new Channels();
  const layouts = new Map<string, Layout>();
  const ruled = new Map<Node, { readonly seen: Seen; readonly rule: Ruled }>();
  const outputs = new Set((graph.model.graph.output ?? []).map(({ name }) => name ?? ""));
  const lesioned = new Map(sites.map((site) => [site.site.name, site]));

  for (const node of graph.model.graph.node ?? []) {
    if (isStandard(node, "Constant")) continue;
    const called = `${node.opType} ${nameOf(node)}`;
    const input = node.input ?? [];
    const seen: Seen = {
      node,
      called,
      channels,
      input,
      layout: (i) => layouts.get(input[i] ?? ""),
      stored: (i) => constants.get(input[i] ?? ""),
      shape: (name) => shapes.get(name)?.one,
      hasRows: (name) => shapes.has(name) && hasRows(shapes.get(name)!),
      evaluated: (of, length) => evaluatedOn(runtime, graph, node, constants, shapes, of, length),
    };
    const rule = await ruleOf(node)?.(seen);
    if (rule) ruled.set(node, { seen, rule });
    else {
      for (const name of usedNames(node)) {
        const layout = layouts.get(name);
        if (layout) channels.pin(layout, `${called} takes them, and ${whyNot(seen)}`);
      }
    }
    (node.output ?? []).forEach((name, o) => {
      const layout = rule?.outputs[o];
      if (!layout) return;
      const lesion = lesioned.get(name);
      layouts.set(name, lesion ? withLesion(layout, lesion) : layout);
      if (outputs.has(name)) channels.pin(layout, "they are an output of the network");
    });
  }

  const gone = goneChannels(channels, layouts, sites);
  const stays = (layout: Layout) => staysIn(channels, layout, gone);
  for (const [name, layout] of layouts) {
    if (stays(layout).length === 0) throw invalid("keep", `at least one channel of ${name}, which would have none`, 0);
  }

  const stored: StoredTensor[] = [];
  /** Names of narrowed tensors, by the tensor and what is left of it: several nodes may read one. */
  const narrowed = new Map<string, string>();
  const taken = new Set([...constants.keys(), ...shapes.keys()]);
  const nodes = (graph.model.graph.node ?? []).flatMap((node) => {
    const found = ruled.get(node);
    if (!found?.rule.rebuild) return [node];
    return found.rule.rebuild(toolsFor(found.seen));
  });
  return {
    ...graph.model,
    // Before version 4 stored tensors had to be listed among the inputs.
    irVersion: Math.max(4, whole(graph.model.irVersion)),
    graph: withoutUnused({
      ...graph.model.graph,
      valueInfo: [],
      node: nodes,
      initializer: [...(graph.model.graph.initializer ?? []), ...stored],
      input: graph.inputs,
    }),
  };

  function toolsFor({ node, input, stored: storedOf }: Seen): Rebuild {
    const add = (i: number, make: (name: string) => StoredTensor): string => {
      let name = `${input[i] || `${(node.output ?? [])[0]}/${i}`}/kept`;
      while (taken.has(name)) name += "'";
      taken.add(name);
      stored.push(make(name));
      return name;
    };
    return {
      kept: stays,
      loses: (layout): layout is Layout => layout !== undefined && stays(layout).length < layout.ids.length,
      stored: add,
      narrowed(i, parts) {
        const key = JSON.stringify([input[i], parts]);
        const name = narrowed.get(key) ?? add(i, (wanted) => narrowStored(storedOf(i)!, wanted, parts));
        narrowed.set(key, name);
        return name;
      },
    };
  }
}

/** Operators that lose channels by losing a part of their weights. */
const withWeights = /^(Conv|ConvTranspose|Gemm|MatMul)$/;

function whyNot({ node, stored }: Seen): string {
  const computed = withWeights.test(node.opType ?? "") && stored(1) === undefined;
  return computed ? "its weights are computed in the graph, or not stored as they are" : "nothing can go through it";
}
