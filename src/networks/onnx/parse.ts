import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { FileError } from "../../errors.js";
import { sha256 } from "../../files.js";
import { type Graph, innerGraphs, loadSchema, type Model, whole } from "./schema.js";

/** A model that was read, and the checksum of its file and of what other files hold of it. */
export interface ParsedModel {
  readonly model: Model & { graph: Graph };
  readonly sha256: string;
}

/**
 * Reads an ONNX model. Weights in files beside it are taken in.
 *
 * @throws FileError for bytes that are truncated or no ONNX model, or a weight file that is absent or too short
 */
export async function parseModel(bytes: Uint8Array, path: string): Promise<ParsedModel> {
  const schema = await loadSchema();
  let model: Model;
  try {
    model = schema.ModelProto.decode(bytes);
  } catch (cause) {
    const what = cause instanceof RangeError ? "is truncated" : "is not an ONNX model";
    throw new FileError(path, `${what} (${(cause as Error).message})`, { cause });
  }
  const { graph } = model;
  if (!graph?.node?.length || !graph.output?.length || !model.opsetImport?.length) {
    throw new FileError(path, "is not an ONNX model: it holds no graph of operators");
  }
  const taken: Uint8Array[] = [];
  takeIn(graph, path, taken);
  return {
    model: model as Model & { graph: Graph },
    sha256: sha256(taken.length === 0 ? bytes : Buffer.concat([bytes, ...taken])),
  };
}

/** Puts weights from other files into the graph, and into a list of them. */
function takeIn(graph: Graph, path: string, taken: Uint8Array[]): void {
  for (const tensor of graph.initializer ?? []) {
    if (tensor.dataLocation !== 1) continue;
    const held = Object.fromEntries((tensor.externalData ?? []).map(({ key, value }) => [key, value]));
    const file = join(dirname(path), String(held.location));
    if (!existsSync(file)) throw new FileError(path, `its weights are in ${held.location}, which is not beside it`);
    const elements = (tensor.dims ?? []).reduce<number>((product, length) => product * whole(length), 1);
    const rest = held.length === undefined ? undefined : Number(held.length);
    tensor.rawData = readPart(file, Number(held.offset ?? 0), rest ?? elements * 4);
    taken.push(tensor.rawData);
    tensor.dataLocation = 0;
    tensor.externalData = [];
  }
  for (const node of graph.node ?? []) for (const inner of innerGraphs(node)) takeIn(inner, path, taken);
}

function readPart(file: string, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const descriptor = openSync(file, "r");
  try {
    const read = readSync(descriptor, bytes, 0, length, offset);
    if (read < length)
      throw new FileError(file, `is truncated: ${length} bytes were expected at ${offset}, ${read} are there`);
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
