import { invalid } from "../../errors.js";
import { ancestors } from "../cut.js";
import { type OnnxGraph, operatorVersion } from "./onnx-graph.js";
import { type Graph, innerGraphs, type Model, type Node, type StoredTensor, whole } from "./schema.js";
import { isTrue } from "./stored.js";

/** Operators that draw in every run; `Sampling` is ONNX Runtime's own. A seed does not help: the next run draws on. */
const draws = /^(Random(Normal|Uniform)(Like)?|Bernoulli|Multinomial|Sampling)$/;
/** Operators that draw in training mode, and the places of the inputs that say so; the ratio stands before the mode. */
const dropouts: Readonly<Record<string, number>> = {
  Dropout: 2,
  TrainableDropout: 2,
  BitmaskDropout: 2,
  BiasDropout: 4,
  BitmaskBiasDropout: 4,
};

/** Domains of the operators that ONNX Runtime has. */
const domains = ["", "ai.onnx", "com.microsoft", "ai.onnx.training", "ai.onnx.preview.training"];

/** Where names mean what: a graph, a graph inside a node, or the body of a function for one call of it. */
interface Scope {
  /** Version of the standard operators. */
  readonly version: number;
  readonly stored: ReadonlyMap<string, StoredTensor>;
  readonly producers: ReadonlyMap<string, Node>;
  /** The scope around it. */
  readonly outer: Scope | undefined;
  /** What the names of a function's inputs stand for outside. */
  readonly bound: ReadonlyMap<string, string>;
  /** The node that calls the function, and the function. */
  readonly call: { readonly node: Node; readonly body: FunctionBody } | undefined;
}

type Attribute = NonNullable<Node["attribute"]>[number];
type FunctionBody = NonNullable<Model["functions"]>[number];

/**
 * The nodes of a model's graph that draw random numbers, with what draws: also inside branches and loops, and in
 * functions that the model brings along. A Dropout draws in training mode, which came with operator version 12; what is
 * not known to be false counts as true.
 */
export function drawingNodes(model: Model & { graph: Graph }): Map<Node, readonly string[]> {
  const scope = scopeOf(model.graph, operatorVersion(model), undefined);
  const found = (model.graph.node ?? []).map((node) => [node, drawnIn(model, node, scope)] as const);
  return new Map(found.filter(([, names]) => names.length > 0));
}

/**
 * The outputs that depend on operators that draw random numbers, with these as the reason why they can not be played:
 * one coalition would have many values. Operators on which no output depends do no harm.
 *
 * @throws RangeError where all outputs do, so that there is nothing to play
 */
export function randomOutputs(graph: OnnxGraph): Map<string, string> {
  const drawing = drawingNodes(graph.model);
  const random = new Map<string, string>();
  if (drawing.size === 0) return random;
  const outputs = (graph.model.graph.output ?? []).map(({ name }) => name ?? "");
  const remedy = "export it for inference (in PyTorch: model.eval())";
  for (const output of outputs) {
    const needed = ancestors(graph, [output]);
    const on = [...drawing].filter(([node]) => (node.output ?? []).some((name) => needed.has(name)));
    const operators = listed(on.flatMap(([, names]) => names));
    if (on.length > 0) random.set(output, `it depends on random numbers, drawn by ${operators}; ${remedy}`);
  }
  if (outputs.some((name) => !random.has(name))) return random;
  const all = listed([...drawing.values()].flat());
  throw invalid("network", `one whose output ${outputs.join(", ")} draws no random numbers; ${remedy}`, all);
}

/** What draws in a node and in all that is inside it. */
function drawnIn(model: Model, node: Node, scope: Scope): string[] {
  const body = functionOf(model, node);
  if (body) {
    if (isCalling(body, scope)) return []; // which is no valid model; ONNX Runtime says so
    const inputs = (body.input ?? []).map((name, i): [string, string] => [name, node.input?.[i] ?? ""]);
    const version = operatorVersion(body) || scope.version;
    const inside = { ...scopeOf(body, version, scope), bound: new Map(inputs), call: { node, body } };
    return (body.node ?? []).flatMap((inner) => drawnIn(model, inner, inside).map((name) => within(name, node)));
  }
  const own = drawsItself(node, scope) ? [`${node.opType} ${nameOf(node)}`.trim()] : [];
  const inside = innerGraphs(node).flatMap((graph) => {
    const inner = scopeOf(graph, scope.version, scope);
    return (graph.node ?? []).flatMap((each) => drawnIn(model, each, inner).map((name) => within(name, node)));
  });
  return [...own, ...inside];
}

function drawsItself(node: Node, scope: Scope): boolean {
  const operator = node.opType ?? "";
  if (!domains.includes(node.domain ?? "")) return false;
  if (draws.test(operator)) return true;
  const mode = dropouts[operator];
  if (mode === undefined) return false;
  if (operator === "Dropout" && domains.indexOf(node.domain ?? "") < 2) {
    // To version 6 an attribute says that nothing is dropped; versions 7 to 11 never drop.
    if (scope.version < 7) return whole(attributeOf(node, "is_test")?.i) === 0;
    if (scope.version < 12) return false;
  }
  const [ratio, training] = [node.input?.[mode - 1] ?? "", node.input?.[mode] ?? ""];
  if (training === "" || isNot(training, scope)) return false;
  return ratio === "" || !isNot(ratio, scope);
}

function isCalling(body: FunctionBody, scope: Scope | undefined): boolean {
  return scope !== undefined && (scope.call?.body === body || isCalling(body, scope.outer));
}

/** Whether a value is known to be false, or 0. */
function isNot(name: string, scope: Scope): boolean {
  return truth(name, scope) === false;
}

/** Whether a value is true or not 0; undefined where it is not known before the network runs. */
function truth(name: string, scope: Scope): boolean | undefined {
  const stored = scope.stored.get(name);
  if (stored) return isTrue(stored);
  const node = scope.producers.get(name);
  if (node) {
    const [source] = node.input ?? [];
    if (node.opType === "Constant") return truthOfConstant(node.attribute?.[0], scope);
    if (/^(Identity|Cast|Squeeze|Unsqueeze|Reshape|Flatten)$/.test(node.opType ?? "")) return truth(source, scope);
    if (node.opType !== "Not") return undefined;
    const other = truth(source, scope);
    return other === undefined ? undefined : !other;
  }
  if (!scope.outer) return undefined;
  if (!scope.call) return truth(name, scope.outer);
  const outside = scope.bound.get(name);
  return outside === undefined ? undefined : truth(outside, scope.outer);
}

function truthOfConstant(attribute: Attribute | undefined, scope: Scope): boolean | undefined {
  const reference = attribute?.refAttrName;
  const held = reference ? attributeInCall(reference, scope) : attribute;
  if (!held) return undefined;
  if (held.t) return isTrue(held.t);
  return [held.i, held.f, ...(held.ints ?? []), ...(held.floats ?? [])].some((value) => value && Number(value) !== 0);
}

/** An attribute that the body of a function takes over from its call, or its default. */
function attributeInCall(name: string, scope: Scope | undefined): Attribute | undefined {
  if (!scope?.call) return scope && attributeInCall(name, scope.outer);
  const { node, body } = scope.call;
  const given = attributeOf(node, name) ?? body.attributeProto?.find((attribute) => attribute.name === name);
  return given?.refAttrName ? attributeInCall(given.refAttrName, scope.outer) : given;
}

function scopeOf(
  graph: { readonly node?: readonly Node[]; readonly initializer?: readonly StoredTensor[] },
  version: number,
  outer: Scope | undefined,
): Scope {
  const producers = new Map<string, Node>();
  for (const node of graph.node ?? []) for (const name of node.output ?? []) producers.set(name, node);
  const stored = new Map((graph.initializer ?? []).map((tensor) => [tensor.name ?? "", tensor]));
  return { version, stored, producers, outer, bound: new Map(), call: undefined };
}

/** The function that a node calls, where the model brings it along. */
function functionOf(model: Model, node: Node): FunctionBody | undefined {
  const overload = (held: Node | FunctionBody) => held.overload ?? "";
  return (model.functions ?? []).find(
    (body) =>
      body.name === node.opType && (body.domain ?? "") === (node.domain ?? "") && overload(body) === overload(node),
  );
}

function attributeOf(node: Node, name: string): Attribute | undefined {
  return node.attribute?.find((attribute) => attribute.name === name);
}

function nameOf(node: Node): string {
  return node.name || (node.output?.find((name) => name !== "") ?? "");
}

function within(name: string, node: Node): string {
  return `${name} inside ${node.opType} ${nameOf(node)}`;
}

function listed(names: readonly string[]): string {
  return names.length <= 2 ? names.join(", ") : `${names[0]} and ${names.length - 1} more`;
}
