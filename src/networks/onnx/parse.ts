import { FileError } from "../../errors.js";
import { sha256 } from "../../files.js";
import { takeIn } from "./external-data.js";
import { readModel } from "./messages.js";
import { inOrder } from "./node-order.js";
import { declaredShape, operatorVersion } from "./onnx-graph.js";
import { definedNames, type Graph, type Model, whole } from "./schema.js";
import { withoutMaps } from "./zip-maps.js";

/** A model that was read, and the checksum of its file and of what other files hold of it. */
export interface ParsedModel {
  readonly model: Model & { graph: Graph };
  readonly sha256: string;
  /** Outputs that are no tensors, left out of the graph, and what to ask for instead. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** Numbers of one row of an input that no machine holds. */
const tooMany = 2 ** 40;

/**
 * Reads an ONNX model. Weights in files beside it are taken in, and its nodes put in order.
 *
 * @param name how errors call the model
 * @param path where its file is; undefined for bytes that are in no file
 * @throws FileError for bytes that are truncated or no ONNX model, or a weight file that is absent or too short
 */
export async function parseModel(bytes: Uint8Array, name: string, path?: string): Promise<ParsedModel> {
  let read: Model;
  try {
    read = readModel(bytes);
  } catch (cause) {
    const what = cause instanceof RangeError ? "is truncated" : "is not an ONNX model";
    throw new FileError(name, `${what} (${(cause as Error).message})`, { cause });
  }
  if (!read.graph?.node?.length || !read.graph.output?.length || !read.opsetImport?.length) {
    throw new FileError(name, "is not an ONNX model: it holds no graph of operators");
  }
  const { model, taken } = takeIn(read, path);
  const { graph, leftOut } = withoutMaps(model.graph!);
  checkPorts(graph, name);
  return {
    // A copy of what is changed later on; what was read is frozen.
    model: { ...withStandardOperators(model), graph: { ...graph, node: inOrder(graph, name) } },
    sha256: sha256(bytes, ...taken),
    leftOut,
  };
}

/**
 * A model whose operators are all its own functions need not say which standard operators it uses; those around a
 * lesion are.
 */
function withStandardOperators(model: Model): Model {
  if (operatorVersion(model) > 0) return model;
  const versions = (model.functions ?? []).map((own) => operatorVersion(own));
  const version = Math.max(0, ...versions) || 17;
  return { ...model, opsetImport: [...(model.opsetImport ?? []), { domain: "", version }] };
}

/** Checks that every output is there, and every input can be. */
function checkPorts(graph: Graph, path: string): void {
  const defined = new Set(definedNames(graph));
  for (const { name } of graph.output ?? []) {
    if (!defined.has(name ?? ""))
      throw new FileError(path, `its output ${name || "without a name"} is made by no operator`);
  }
  for (const input of graph.input ?? []) {
    const { sequenceType, optionalType, mapType } = input.type ?? {};
    if (sequenceType ?? optionalType ?? mapType) {
      throw new FileError(
        path,
        `its input ${input.name} is a sequence, an optional or a map, and inputs here are tensors`,
      );
    }
    const dims = input.type?.tensorType?.shape?.dim ?? [];
    const numbers = (declaredShape(input) ?? []).reduce<number>((product, length) => product * (length ?? 1), 1);
    if (numbers > tooMany || dims.some(({ dimValue }) => whole(dimValue) < -1)) {
      const text = dims.map(({ dimValue, dimParam }) => dimParam || `${dimValue ?? "?"}`).join(", ");
      throw new FileError(path, `its input ${input.name} has sizes that no input has: [${text}]`);
    }
  }
}
