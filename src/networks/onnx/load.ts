import { resolve } from "node:path";
import { FileError, invalid, positiveInteger, wrongKind } from "../../errors.js";
import { readBytes } from "../../files.js";
import { checkNames } from "../../nearest-names.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { remarkOnce } from "../../remark.js";
import type { Network } from "../network.js";
import type { GivenShape, UnitAxis } from "../shapes.js";
import { openBranches } from "./branches.js";
import { expertsIn } from "./experts/experts-in.js";
import { allDefined } from "./inline.js";
import { fixInputs, rowInputs } from "./inputs.js";
import { narrowOnnx } from "./narrow/narrow-onnx.js";
import { type OnnxGraph, onnxGraph } from "./onnx-graph.js";
import { onnxNetwork } from "./onnx-network.js";
import { ownPrefix } from "./open-rows.js";
import { networkOfRows } from "./opened-network.js";
import { parseModel } from "./parse.js";
import { mostProbed, probe } from "./probe.js";
import { randomOutputs } from "./random.js";
import { creationError, loadRuntime } from "./runtime.js";
import type { FixedValue } from "./types.js";
import { unlikeOutputs, unlikeSites } from "./unlike.js";

/** Options of {@link loadOnnx}. */
export interface OnnxOptions {
  /**
   * Sizes of one row of the input, where the file leaves them open, e.g. `[3, 224, 224]`; by the inputs' names where
   * there are several. Default: what the file says.
   */
  readonly shape?: GivenShape;
  /** Sizes to take where the file leaves some open and `shape` says none, such as those of the inputs at hand. */
  readonly usualShape?: GivenShape;
  /**
   * Inputs that have the same value in every run, by name, such as a sampling rate or a first state: a number, or the
   * numbers in the input's own shape. All other inputs have a row for each input of the game.
   */
  readonly fixed?: Readonly<Record<string, FixedValue>>;
  /**
   * For sites whose units are not the channels or features (or, of an input, not the single numbers): index of the
   * axis, rows not counted, or "all".
   */
  readonly axes?: Readonly<Record<string, UnitAxis>>;
  /** ONNX Runtime's execution providers, best first, such as `["cuda", "cpu"]`; default `["cpu"]`. */
  readonly providers?: readonly string[];
  /** Threads of one operator; default ONNX Runtime's own choice. */
  readonly threads?: number;
  /**
   * Gets what you should know but need not act on, such as what is done with a large file; default: stderr, once in a
   * process.
   */
  readonly onRemark?: (remark: string) => void;
}

/** Weights of so many bytes take seconds to read: what is done is said. */
const large = 2 ** 25;

/** The names of `OnnxOptions`. */
export const onnxOptionNames: OptionNames<OnnxOptions> = {
  shape: true,
  usualShape: true,
  fixed: true,
  axes: true,
  providers: true,
  threads: true,
  onRemark: true,
};

/**
 * Reads an ONNX file as a network whose sites are its tensors, by their names; ONNX Runtime computes. Units are
 * channels (the first axis after a convolution) or features (the last axis after a matrix product). The network is run
 * as the file says, with a mask after each lesioned tensor; where an If does not depend on the inputs, what is in its
 * branch is a site as well. A file that fixes the batch at one row is opened to many where it can be; what it gives for
 * many rows at once is checked against one row at a time before a game is played.
 *
 * @param source path of the file, or its bytes
 * @throws FileError for a file that is absent, truncated, no ONNX model, or has an operator that ONNX Runtime lacks
 * @throws RangeError where a size is left open and not given, or an input without an axis for rows has no fixed value;
 *   where all outputs depend on operators that draw random numbers, such as Dropout in training mode; where a recurrent
 *   layer takes the axis of the rows as time
 * @throws MissingPartError where onnxruntime-node, or a provider asked for, is absent
 */
export async function loadOnnx(source: string | Uint8Array, options: OnnxOptions = {}): Promise<Network> {
  knownOptions("loadOnnx", options, onnxOptionNames);
  if (typeof source !== "string" && !(source instanceof Uint8Array)) {
    throw wrongKind("source", "the path of an ONNX file, or its bytes", source);
  }
  if (options.threads !== undefined) positiveInteger("threads", options.threads);
  const path = typeof source === "string" ? source : "ONNX model";
  const bytes = typeof source === "string" ? readBytes(source) : source;
  const { model, sha256, leftOut } = await parseModel(bytes, path, typeof source === "string" ? source : undefined);
  const own = allDefined(model.graph).find((name) => name.startsWith(ownPrefix));
  if (own !== undefined) {
    const rule = `tensors whose names do not begin with ${ownPrefix}, as those of lesioned networks do`;
    throw new FileError(path, `has a tensor ${own}; ${rule} were expected`);
  }
  const { onRemark: remark = remarkOnce, ...kept } = options;
  const weights = (model.graph.initializer ?? []).reduce((sum, { rawData }) => sum + (rawData?.byteLength ?? 0), 0);
  if (weights >= large) remark(largeRemark(path, weights, model.graph.node?.length ?? 0));
  fixInputs(onnxGraph(model), options.fixed ?? {});
  const inputs = rowInputs(onnxGraph(model), options);
  const runtime = await loadRuntime(path, options);
  try {
    const notTaken = await openBranches(runtime, model, inputs);
    const plain = onnxGraph(model);
    const experts = await expertsIn(runtime, plain, inputs);
    const graph = experts ? onnxGraph(experts.model) : plain;
    const random = randomOutputs(plain);
    const providers = options.providers ?? ["cpu"];
    const backend = `onnxruntime-node (${providers.join(", ")})`;
    const axes = options.axes ?? {};
    const parts = {
      runtime,
      inputs,
      backend,
      onProcessor: providers[0] === "cpu",
      axes,
      sha256,
    };
    const networkOf = (
      graph: OnnxGraph,
      more: { experts?: ReadonlyMap<string, string> },
      hidden: Iterable<[string, string]>,
    ) =>
      networkOfRows({
        graph,
        probe: (form) => probe(runtime, form, inputs),
        network: (form, found, opened) =>
          onnxNetwork({
            ...parts,
            ...more,
            ...found,
            graph: form,
            notTaken: new Map([...notTaken, ...unlikeSites(form, found), ...hidden]),
            otherOutputs: new Map([...leftOut, ...unlikeOutputs(form, found), ...random]),
            opened,
          }),
      });
    const network = experts
      ? await networkOf(graph, { experts: experts.masks }, experts.refused).catch((error: Error) => {
          const reason = `masks of experts do not fit into this network (${error.message.split("\n")[0]})`;
          return networkOf(
            plain,
            {},
            [...experts.masks.keys()].map((site): [string, string] => [site, reason]),
          );
        })
      : await networkOf(plain, {}, []);
    checkNames(
      "axes",
      options.axes,
      network.sites.map(({ name }) => name),
      "sites",
    );
    // Inputs of one value are stored tensors by now.
    const { fixed: _fixed, ...again } = options;
    return {
      ...network,
      source: { from: typeof source === "string" ? resolve(source) : source, options: kept },
      narrow: async (sites) => {
        const masks = sites.find(({ site }) => experts?.masks.has(site.name));
        if (masks)
          throw invalid(
            "site",
            "one whose units are channels or features: experts can not be cut out of a file",
            masks.site.name,
          );
        return narrowOnnx(runtime, plain, inputs, sites, (bytes) => loadOnnx(bytes, again));
      },
    };
  } catch (cause) {
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw creationError(path, cause);
  }
}

function largeRemark(path: string, bytes: number, operators: number): string {
  const size = `${Math.round(bytes / 2 ** 20)} MB of weights, ${operators} operators`;
  const how = `without a pass where all tensors of two rows take more than ${mostProbed / 2 ** 20} MB`;
  return `reading ${path} (${size}): the shapes of its tensors are learnt from those of its inputs, ${how}`;
}
