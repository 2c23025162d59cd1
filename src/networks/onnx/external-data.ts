import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, sep } from "node:path";
import { FileError } from "../../errors.js";
import { noteInput } from "../../output-path.js";
import type { Attribute, Graph, Model, Node, SparseTensor, StoredTensor } from "./messages.js";
import { typeBits, typeName } from "./types.js";

/**
 * A model with the numbers that other files hold of it: of stored tensors, sparse ones, and tensors in attributes
 * (Constant), also in branches, loops and functions. What has none stays the same object. As ONNX Runtime does it, a
 * file lies in the model's folder or below it, also behind links; a length that is absent or 0 is the tensor's.
 *
 * @param path the model's file; undefined for a model that was given as bytes, which has no folder
 * @returns the model, and what was taken in, in its order
 * @throws FileError where a file is absent, elsewhere, no ordinary file or too short, or a field is not as it should be
 */
export function takeIn(model: Model, path: string | undefined): { model: Model; taken: Uint8Array[] } {
  const taken: Uint8Array[] = [];
  const tensor = (held: StoredTensor): StoredTensor => {
    if (held.dataLocation !== 1) return held;
    const rawData = numbersOf(held, path);
    taken.push(rawData);
    const { externalData: _entries, dataLocation: _code, ...rest } = held;
    return { ...rest, rawData };
  };
  const sparse = (held: SparseTensor): SparseTensor =>
    changed(held, { values: one(held.values, tensor), indices: one(held.indices, tensor) });
  const attribute = (held: Attribute): Attribute =>
    changed(held, {
      t: one(held.t, tensor),
      tensors: each(held.tensors, tensor),
      sparseTensor: one(held.sparseTensor, sparse),
      sparseTensors: each(held.sparseTensors, sparse),
      g: one(held.g, graph),
      graphs: each(held.graphs, graph),
    });
  const node = (held: Node): Node => changed(held, { attribute: each(held.attribute, attribute) });
  function graph(held: Graph): Graph {
    return changed(held, {
      initializer: each(held.initializer, tensor),
      sparseInitializer: each(held.sparseInitializer, sparse),
      node: each(held.node, node),
    });
  }
  const whole = changed(model, {
    graph: one(model.graph, graph),
    functions: each(model.functions, (held) =>
      changed(held, { node: each(held.node, node), attributeProto: each(held.attributeProto, attribute) }),
    ),
  });
  return { model: whole, taken };
}

function one<T>(held: T | undefined, change: (held: T) => T): T | undefined {
  return held === undefined ? undefined : change(held);
}

/** A list with its parts changed; the same list where none is. */
function each<T>(held: readonly T[] | undefined, change: (held: T) => T): readonly T[] | undefined {
  const after = held?.map(change);
  return after?.some((part, i) => part !== held![i]) ? after : held;
}

/** A message with other parts; the same message where all are the same. */
function changed<T extends object>(held: T, parts: { [K in keyof T]?: T[K] | undefined }): T {
  const different = Object.entries(parts).filter(([key, value]) => value !== held[key as keyof T]);
  return different.length === 0 ? held : { ...held, ...Object.fromEntries(different) };
}

/** The numbers of a tensor that are in another file. */
function numbersOf(tensor: StoredTensor, path: string | undefined): Uint8Array {
  const model = path ?? "ONNX model";
  const name = tensor.name || "without a name";
  const entries = new Map((tensor.externalData ?? []).map(({ key, value }) => [key, value ?? ""]));
  const location = entries.get("location");
  if (!location) throw new FileError(model, `the tensor ${name} is in another file, and does not say in which`);
  if (path === undefined) {
    throw new FileError(model, `its weights are in ${location}; give the path of its file instead of its bytes`);
  }
  const count = (key: string) => {
    const text = entries.get(key) ?? "0";
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw new FileError(
      model,
      `the ${key} of the tensor ${name} in ${location} is ${JSON.stringify(text)}, no whole number of bytes`,
    );
  };
  const offset = count("offset");
  const stated = count("length");
  const length = sizeOf(tensor, name, model) ?? stated;
  if (stated !== 0 && stated !== length) {
    const kind = `${typeName(tensor.dataType ?? 0)} [${(tensor.dims ?? []).join(", ")}]`;
    throw new FileError(
      model,
      `the tensor ${name} has ${stated} bytes in ${location}, and as ${kind} it takes ${length}`,
    );
  }
  return readPart(inFolder(path, location), offset, length);
}

/** Bytes that a tensor takes; undefined where its kind of numbers is not known. */
function sizeOf({ dims, dataType }: StoredTensor, name: string, model: string): number | undefined {
  const bits = typeBits(dataType ?? 0);
  const bytes = (dims ?? []).reduce<number>((product, length) => product * Number(length), (bits ?? 8) / 8);
  if ((dims ?? []).some((length) => length < 0) || !Number.isSafeInteger(Math.ceil(bytes))) {
    throw new FileError(model, `the tensor ${name} has sizes that no tensor has: [${(dims ?? []).join(", ")}]`);
  }
  return bits === undefined ? undefined : Math.ceil(bytes);
}

/** The file of a location, behind links, which has to lie where the model lies. */
function inFolder(path: string, location: string): string {
  if (isAbsolute(location)) throw new FileError(path, `its weights are in ${location}, which is not in its folder`);
  let file: string;
  try {
    file = realpathSync(join(dirname(path), location));
  } catch (cause) {
    throw new FileError(path, `its weights are in ${location.slice(0, 80)}, which is not beside it`, { cause });
  }
  // The model may be a link to where both lie, as in caches of downloaded models.
  const folders = [realpathSync(dirname(path)), dirname(realpathSync(path))];
  if (!folders.some((folder) => file.startsWith(folder.endsWith(sep) ? folder : folder + sep))) {
    throw new FileError(path, `its weights are in ${location}, which is not in its folder`);
  }
  if (!statSync(file).isFile()) throw new FileError(path, `its weights are in ${location}, which is no ordinary file`);
  return file;
}

function readPart(file: string, offset: number, length: number): Uint8Array {
  const there = Math.max(0, statSync(file).size - offset);
  if (there < length) {
    throw new FileError(file, `is truncated: ${length} bytes were expected at ${offset}, ${there} are there`);
  }
  const bytes = new Uint8Array(length);
  const descriptor = openSync(file, "r");
  noteInput(file);
  try {
    // One call reads no more than 2 GB.
    for (let at = 0; at < length; ) {
      const read = readSync(descriptor, bytes, at, Math.min(length - at, 2 ** 30), offset + at);
      if (read === 0)
        throw new FileError(file, `is truncated: ${length} bytes were expected at ${offset}, ${at} are there`);
      at += read;
    }
  } finally {
    closeSync(descriptor);
  }
  return bytes;
}
