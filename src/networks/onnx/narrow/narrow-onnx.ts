import { invalid } from "../../../errors.js";
import { sha256, writeWhole } from "../../../files.js";
import { shapeSize } from "../../../shape-size.js";
import type { Narrowed, NetworkSize } from "../../narrow.js";
import type { NarrowSite, Network } from "../../network.js";
import type { OnnxInput } from "../inputs.js";
import { type Model, writeModel } from "../messages.js";
import type { OnnxGraph } from "../onnx-graph.js";
import { probe } from "../probe.js";
import type { Runtime } from "../runtime.js";
import { narrowGraph } from "./narrow-graph.js";
import { constantsOf } from "./settled.js";
import { dimsOf } from "./stored-tensors.js";

/** ONNX's codes of kinds of numbers that parameters are of: single, half and double precision, bfloat16. */
const parameterTypes = [1, 10, 11, 16];

/**
 * The network of an ONNX file without channels (see `narrowGraph`).
 *
 * @param load reads the bytes of a file as the network was read
 */
export async function narrowOnnx(
  runtime: Runtime,
  graph: OnnxGraph,
  inputs: readonly OnnxInput[],
  sites: readonly NarrowSite[],
  load: (bytes: Uint8Array) => Promise<Network>,
): Promise<Narrowed<Network>> {
  const { shapes } = await probe(runtime, graph, inputs);
  const model = await narrowGraph(runtime, graph, shapes, sites);
  const bytes = writeModel(model);
  return {
    network: await load(bytes),
    before: { parameters: parametersOf(graph.model), bytes: writeModel(graph.model).byteLength },
    after: { parameters: parametersOf(model), bytes: bytes.byteLength },
    save(path) {
      if (!/\.onnx$/i.test(path)) throw invalid("path", "a name that ends in .onnx", path);
      writeWhole(path, bytes);
      return sha256(bytes);
    },
  };
}

function parametersOf(model: Model): NetworkSize["parameters"] {
  const stored = [...constantsOf({ model }).values()];
  return stored
    .filter(({ dataType }) => parameterTypes.includes(dataType ?? 0))
    .reduce((sum, tensor) => sum + shapeSize(dimsOf(tensor)), 0);
}
