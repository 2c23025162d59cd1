import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { FileError } from "../../errors.js";
import { type Graph, innerGraphs, loadSchema, type Model, whole } from "./schema.js";

/** Reads the bytes of a file. @throws FileError where it is absent or can not be read */
export function readModelFile(path: string): Uint8Array {
  if (!existsSync(path)) throw new FileError(path, "no such file");
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new FileError(path, `can not be read (${(cause as Error).message})`, { cause });
  }
}

/**
 * Reads an ONNX model. Weights in files beside it are taken in.
 *
 * @throws FileError for bytes that are truncated or no ONNX model, or a weight file that is absent or too short
 */
export async function parseModel(bytes: Uint8Array, path: string): Promise<Model & { graph: Graph }> {
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
  takeIn(graph, path);
  return model as Model & { graph: Graph };
}

/** Puts weights from other files into the graph. */
function takeIn(graph: Graph, path: string): void {
  for (const tensor of graph.initializer ?? []) {
    if (tensor.dataLocation !== 1) continue;
    const held = Object.fromEntries((tensor.externalData ?? []).map(({ key, value }) => [key, value]));
    const file = join(dirname(path), String(held.location));
    if (!existsSync(file)) throw new FileError(path, `its weights are in ${held.location}, which is not beside it`);
    const elements = (tensor.dims ?? []).reduce<number>((product, length) => product * whole(length), 1);
    const rest = held.length === undefined ? undefined : Number(held.length);
    tensor.rawData = readPart(file, Number(held.offset ?? 0), rest ?? elements * 4);
    tensor.dataLocation = 0;
    tensor.externalData = [];
  }
  for (const node of graph.node ?? []) for (const inner of innerGraphs(node)) takeIn(inner, path);
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
