import { invalid } from "../../errors.js";
import { shapeSize } from "../../shape-size.js";
import { ancestors, cut, descendants, mostNumbers } from "../cut.js";
import { cacheMemory, defaultMemory, rowRanges, rowsWithin } from "../memory.js";
import {
  checkMasks,
  type InputRows,
  type LesionedModels,
  type LesionedPass,
  type MaskedTensor,
  type Network,
  type PreparedNetwork,
  type Site,
  type SiteLesion,
} from "../network.js";
import { hasRows, inputSite, type Probe, rowShape, siteFrom, type UnitAxis, unitAxis } from "../shapes.js";
import { assemble, nodesOf } from "./assemble.js";
import { attentionTensors } from "./attention.js";
import { unitAxes } from "./axes.js";
import { closedTensors } from "./branches.js";
import { inputInfos, type OnnxInput, rowFeeds } from "./inputs.js";
import { hasWhere, lesionedModel } from "./lesioned-model.js";
import { names, passFeeds } from "./lesioned-pass.js";
import { writeModel } from "./messages.js";
import { type OnnxGraph, operatorVersion } from "./onnx-graph.js";
import { ownPrefix } from "./open-rows.js";
import type { OnnxTensor, Runtime } from "./runtime.js";
import type { OnnxNumbers } from "./types.js";

/** What a network is made of. */
export interface OnnxParts extends Probe {
  readonly runtime: Runtime;
  readonly graph: OnnxGraph;
  readonly inputs: readonly OnnxInput[];
  readonly axes: Readonly<Record<string, UnitAxis>>;
  readonly backend: string;
  /** Whether the processor computes, not a graphics card. */
  readonly onProcessor: boolean;
  /** Tensors that are no sites, in branches that are not taken and elsewhere, with the reason. */
  readonly notTaken: ReadonlyMap<string, string>;
  /** Outputs that can not be played, with the reason. */
  readonly otherOutputs: ReadonlyMap<string, string>;
  readonly sha256: string;
  /** Sites whose units are experts, and the tensor whose rows have to come first that they are right. */
  readonly experts?: ReadonlyMap<string, string>;
  /**
   * Whether the file was written for one row: activations are then computed a row at a time, so that rows can not be
   * mixed.
   */
  readonly opened?: boolean;
}

/** A network from the tensors of an ONNX file. */
export function onnxNetwork(parts: OnnxParts): Network {
  const { runtime, graph, inputs, shapes, mostRows } = parts;
  const isInput = new Set(inputs.map(({ name }) => name));
  const fromInputs = descendants(graph, isInput);
  const sizeOf = (name: string) => shapeSize(shapes.get(name)?.one ?? []);
  const shapeOf = (name: string) => shapes.get(name)!.one.slice(1);
  // Numbers that are not single precision may count rows: they are computed in every pass.
  const withRows = (name: string) => {
    const shape = shapes.get(name);
    return isInput.has(name) || (shape?.float === true && hasRows(shape) && fromInputs.has(name));
  };
  const tensorOfSite = new Map(inputs.map(({ name }) => [inputSite(name, [...isInput], graph.order), name]));
  const tensorOf = ({ name }: Site) => tensorOfSite.get(name) ?? name;
  const codeOf = (name: string) => inputs.find((input) => input.name === name)?.type.code ?? 1;
  const typeOf = (name: string) => inputs.find((input) => input.name === name)?.type.name ?? "float32";

  /**
   * Some tensors of the intact network for all inputs, `[inputs, ...shape]`, a part of the inputs at a time, some
   * alone.
   */
  async function forInputs(
    rows: InputRows,
    wanted: readonly string[],
    alone?: readonly number[],
  ): Promise<Map<string, OnnxNumbers>> {
    const computed = wanted.filter((name) => !isInput.has(name));
    const whole = new Map<string, OnnxNumbers>();
    const everything = rowFeeds(runtime, inputs, new Set(wanted), rows, 0, rows.count);
    for (const [name, tensor] of Object.entries(everything)) whole.set(name, tensor.data);
    if (computed.length === 0) return whole;
    const needed = ancestors(graph, computed);
    const read = inputs.filter(({ name }) => needed.has(name));
    const nodes = nodesOf(graph, needed);
    const session = await runtime.session(assemble(graph, { inputs: inputInfos(read), nodes, outputs: computed }));
    try {
      for (const name of computed) whole.set(name, new Float32Array(rows.count * sizeOf(name)));
      const again = graph.order.filter((name) => needed.has(name));
      const perRow = 4 * mostNumbers(graph, { once: [], again }, [], new Set(computed), sizeOf);
      const step = rowsWithin(defaultMemory, (count) => count * perRow, parts.opened ? 1 : mostRows);
      for (const [from, to] of rowRanges(rows.count, step, alone)) {
        const results = await session.run(rowFeeds(runtime, inputs, needed, rows, from, to));
        for (const name of computed) {
          (whole.get(name) as Float32Array).set(results[name].data as Float32Array, from * sizeOf(name));
        }
      }
    } finally {
      session.dispose();
    }
    return whole;
  }

  /**
   * The network in two halves, from the lesioned tensors on with their masks. @throws RangeError for operators that are
   * too old
   */
  function cutAt(lesions: readonly SiteLesion[], output: string) {
    const version = operatorVersion(graph.model);
    if (version > 0 && version < 7) throw invalid("network", "operators of version 7 or later", version);
    for (const { site, replacement } of lesions) checkExpertLesion(parts, site, replacement);
    const lesioned = lesions.map(({ site }) => tensorOf(site));
    const halves = cut(graph, lesioned, output, withRows);
    const once = halves.once.map((name) => ({ name, code: codeOf(name), shape: shapeOf(name) }));
    const masked = lesions.map(({ site, replacement }, l): MaskedTensor => {
      const { shape, axis, units } = site;
      return { name: lesioned[l], shape, axis, units, paired: replacement.length > shapeSize(shape) };
    });
    const second = lesionedModel(graph, halves, once, masked, output);
    return { halves, lesioned, masked, once, second, where: hasWhere(graph) };
  }

  const attention = attentionTensors(graph, (name) => shapes.get(name)?.one);
  const joined = new Set(attention.found.map(({ site }) => site));
  return {
    kind: "ONNX",
    backend: parts.backend,
    sha256: parts.sha256,
    ...(parts.onProcessor && { usualMemory: cacheMemory }),
    inputs: inputs.map(({ name, shape, type }) => ({ name, shape, numbers: type.name })),
    outputs: (graph.model.graph.output ?? []).flatMap(({ name }) => {
      const shape = shapes.get(name ?? "");
      if (!shape?.float || parts.otherOutputs.has(name ?? "")) return [];
      return [{ name: name ?? "", shape: rowShape(shape) }];
    }),
    sites: sitesOf(parts, fromInputs, isInput, joined),
    attention,
    mostRows,
    otherOutputs: parts.otherOutputs,
    hidden: new Map([...parts.notTaken, ...closedTensors(graph), ...expertsWithoutRows(parts)]),
    rowByRow: () => onnxNetwork({ ...parts, mostRows: 1 }),

    async activations(rows: InputRows, sites: readonly Site[]): Promise<Float32Array[]> {
      const values = await forInputs(rows, [...new Set(sites.map(tensorOf))]);
      return sites.map((site) => values.get(tensorOf(site)) as Float32Array);
    },

    async prepare(rows: InputRows, lesions: readonly SiteLesion[], output: string): Promise<PreparedNetwork> {
      const { halves, lesioned, masked, once, second, where } = cutAt(lesions, output);
      const fixed: Record<string, OnnxTensor> = {};
      const computeOnce = async (alone?: readonly number[]) => {
        const values = await forInputs(rows, halves.once, alone);
        for (const { name, shape } of once) {
          fixed[names.once(name)] = runtime.tensor(typeOf(name), values.get(name)!, [rows.count, ...shape]);
        }
      };
      await computeOnce();
      lesions.forEach(({ site, replacement }, l) => {
        const dims = [replacement.length / shapeSize(site.shape), ...site.shape];
        fixed[names.replacement(lesioned[l])] = runtime.tensor("float32", replacement, dims);
      });
      const session = await runtime.session(second.model);
      const perRow = 4 * mostNumbers(graph, halves, lesioned, new Set([output]), sizeOf);
      return {
        bytes: (count) => count * perRow,
        anew: computeOnce,
        async run(pass: LesionedPass): Promise<Float32Array> {
          checkMasks(pass, lesions);
          const feeds = { ...fixed, ...passFeeds(masked, where, pass, runtime.tensor) };
          pass.replacements?.forEach((other, l) => {
            const { site } = lesions[l];
            checkExpertLesion(parts, site, other);
            feeds[names.replacement(lesioned[l])] = runtime.tensor("float32", other, [1, ...site.shape]);
          });
          const results = await session.run(feeds);
          return results[second.output].data as Float32Array;
        },
        dispose: () => session.dispose(),
      };
    },

    lesionedModels(lesions: readonly SiteLesion[], output: string): LesionedModels {
      const { halves, masked, once, second, where } = cutAt(lesions, output);
      const computed = halves.once.filter((name) => !isInput.has(name));
      const needed = computed.length > 0 ? ancestors(graph, computed) : new Set<string>();
      const read = inputs.filter(({ name }) => needed.has(name));
      const before = assemble(graph, { inputs: inputInfos(read), nodes: nodesOf(graph, needed), outputs: computed });
      return {
        inputs: inputs.map(({ name, shape, type }) => ({ name, shape, type: type.name })),
        ...(computed.length > 0 && { before: writeModel(before), read: read.map(({ name }) => name) }),
        once: once.map(({ name, shape }) => ({ name, shape, type: typeOf(name) })),
        masked,
        where,
        after: writeModel(second.model),
        output: second.output,
      };
    },
  };
}

/** Masks of experts that are no sites, since it is not known which row is which: with the reason. */
function expertsWithoutRows({ experts, shapes }: OnnxParts): Map<string, string> {
  const some = [...(experts ?? [])].filter(([, tensor]) => !shapes.has(tensor) || !hasRows(shapes.get(tensor)!));
  return new Map(
    some.map(([site, tensor]) => [site, `it masks experts by rows, and ${tensor} has not its rows first`]),
  );
}

/**
 * Experts are lesioned by nothing but 0: a site of masks holds ones, so their mean would be no lesion. @throws
 * RangeError
 */
function checkExpertLesion({ experts }: OnnxParts, { name }: Site, replacement: Float32Array): void {
  if (!experts?.has(name)) return;
  const other = replacement.find((value) => value !== 0);
  if (other !== undefined) throw invalid(`lesion of ${name}`, "zero, since its units are experts", other);
}

/** Every tensor of single-precision numbers that has a row for each input, and depends on it. */
function sitesOf(
  parts: OnnxParts,
  fromInputs: ReadonlySet<string>,
  isInput: ReadonlySet<string>,
  joined: ReadonlySet<string>,
): Site[] {
  const { graph, shapes, axes } = parts;
  const withoutRows = expertsWithoutRows(parts);
  const usual = unitAxes(graph, (name) => shapes.get(name)?.one ?? []);
  return graph.order
    .filter((tensor) => {
      if (tensor.startsWith(ownPrefix) || withoutRows.has(tensor)) return false;
      const shape = shapes.get(tensor);
      return shape?.float && hasRows(shape) && shape.one.length > 1 && (isInput.has(tensor) || fromInputs.has(tensor));
    })
    .map((tensor) => {
      const ofInput = isInput.has(tensor);
      const name = ofInput ? inputSite(tensor, [...isInput], graph.order) : tensor;
      const shape = shapes.get(tensor)!.one.slice(1);
      const axis = unitAxis(
        name,
        shape,
        (Object.hasOwn(axes, name) ? axes[name] : undefined) ?? (ofInput ? "all" : undefined),
        // Heads side by side are features, whatever length another axis happens to have.
        joined.has(tensor) ? shape.length - 1 : (usual.get(tensor) ?? 0),
      );
      const kind = parts.experts?.has(tensor) ? "Experts" : (graph.producerOf(tensor)?.opType ?? "");
      return siteFrom(name, ofInput ? "input" : kind, shape, axis);
    });
}
