import { describe, FileError } from "../errors.js";
import { readPickled } from "./pickle.js";
import { PickleName } from "./pickle-meaning.js";
import { bytesPerNumber, decodeNumbers, type ReadDtype } from "./tensor.js";
import type { Archive } from "./torch-archive.js";
import {
  dictionaryNames,
  Module,
  moduleClasses,
  TensorReference,
  type TorchStorage,
  Unread,
  unreadNames,
} from "./torch-classes.js";

/** What PyTorch calls its storages, and the format of those that are read. */
const storageDtypes = new Map<string, ReadDtype | undefined>([
  ["FloatStorage", "F32"],
  ["HalfStorage", "F16"],
  ["BFloat16Storage", "BF16"],
  ["LongStorage", "I64"],
  ...["Double", "Int", "Short", "Char", "Byte", "Bool", "ComplexFloat", "ComplexDouble"].map(
    (name) => [`${name}Storage`, undefined] as const,
  ),
]);

/** Kinds of numbers, which a pickle may name beside its tensors. */
const dtypeNames = "float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex64 complex128".split(" ");

/**
 * Reads the pickle of a PyTorch file. Python names stand for what the lists say, and for nothing else: no code of
 * the file, of Python or of this process is ever called by name. Dictionaries become Maps, in order.
 *
 * @throws FileError for a name outside the lists, a storage that is absent or of another size, and a damaged pickle
 */
export function readPickle(archive: Archive, path: string, classes: readonly string[]): unknown {
  const names = knownNames(classes);
  const persistent = storageReader(archive, path);
  try {
    return readPickled(archive.pickle, {
      persistent,
      name(module, name) {
        const found = names.get(`${module}.${name}`);
        if (found) return found;
        const named = `names ${describe(`${module}.${name}`)}, which is not on the list of known classes`;
        const way = module.startsWith("torch.nn.")
          ? "export such a network to ONNX: torch.onnx.export"
          : "of a module of your own, save its state_dict()";
        throw new FileError(path, `${named}; nothing was executed (${way})`);
      },
    });
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, `has a damaged pickle (${(cause as Error).message})`, { cause });
  }
}

/** The names that a pickle may use; made anew for each file. */
function knownNames(classes: readonly string[]): ReadonlyMap<string, PickleName> {
  const names = new Map<string, PickleName>();
  const add = (name: string, call?: PickleName["call"], create?: PickleName["create"]) =>
    names.set(name, new PickleName(name, call, create));
  for (const name of dictionaryNames) add(name, dictionary, dictionary);
  for (const module of ["builtins", "__builtin__"]) {
    for (const name of ["set", "frozenset"]) add(`${module}.${name}`, ([items]) => new Set(listOf(items)));
    for (const name of ["list", "int", "float"]) add(`${module}.${name}`);
  }
  const unread = (name: string) => () => new Unread(name);
  for (const name of unreadNames) add(name, unread(name), unread(name));
  for (const name of dtypeNames) add(`torch.${name}`);
  for (const name of storageDtypes.keys()) add(`torch.${name}`);
  add("torch.Size", ([lengths]) => Object.freeze([...listOf(lengths)]));
  add("torch._utils._rebuild_tensor_v2", rebuiltTensor);
  for (const name of ["_rebuild_parameter", "_rebuild_parameter_with_state"]) {
    add(`torch._utils.${name}`, ([data]) => {
      if (!(data instanceof TensorReference)) throw new Error("a parameter that is no tensor");
      return data;
    });
  }
  for (const name of [...moduleClasses, ...classes]) add(name, undefined, () => new Module(name));
  return names;
}

/** `OrderedDict()`, `OrderedDict(pairs)`, or `defaultdict(factory)`. */
function dictionary([pairs]: readonly unknown[]): Map<unknown, unknown> {
  if (pairs === undefined || pairs instanceof PickleName) return new Map();
  return new Map(
    listOf(pairs).map((pair): [unknown, unknown] => {
      const [key, value] = listOf(pair);
      return [key, value];
    }),
  );
}

function listOf(items: unknown = []): readonly unknown[] {
  if (!Array.isArray(items)) throw new Error("a list that is none");
  return items;
}

/** Resolves persistent ids `("storage", type, key, device, count)`; the device does not matter here. */
function storageReader(archive: Archive, path: string): (id: unknown) => TorchStorage {
  const known = new Map<string, TorchStorage>();
  return (id) => {
    const [kind, named, key, , count] = Array.isArray(id) ? id : [];
    const type = named instanceof PickleName ? named.name.replace(/^torch\./, "") : "";
    if (kind !== "storage" || !storageDtypes.has(type) || typeof key !== "string" || !isCount(count)) {
      throw new Error("a persistent id that is not a storage's");
    }
    const before = known.get(key);
    if (before?.type === type && before.count === count) return before;
    const other = before && `${before.type} of ${before.count} numbers`;
    if (other) throw new FileError(path, `reads its storage data/${key} as ${other} and as ${type} of ${count}`);
    let numbers: Float32Array | undefined;
    const storage = { key, type, count, numbers: () => (numbers ??= numbersOf(archive, storage, path)) };
    known.set(key, Object.freeze(storage));
    return storage;
  };
}

function numbersOf(archive: Archive, { key, type, count }: TorchStorage, path: string): Float32Array {
  const dtype = storageDtypes.get(type);
  if (!dtype) {
    throw new FileError(path, `holds weights as ${type}; Float, Half, BFloat16 and Long storages can be read`);
  }
  const bytes = archive.storage(key);
  if (!bytes) throw new FileError(path, `lacks the storage data/${key.slice(0, 80)} that its pickle names`);
  if (bytes.length !== count * bytesPerNumber(dtype)) {
    const needed = `${type} of ${count} numbers needs ${count * bytesPerNumber(dtype)}`;
    throw new FileError(path, `has ${bytes.length} bytes in its storage data/${key.slice(0, 80)}; ${needed}`);
  }
  return decodeNumbers(bytes, dtype);
}

/** `torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks, metadata)` */
function rebuiltTensor(parameters: readonly unknown[]): TensorReference {
  const [storage, offset, shape, strides, , , metadata] = parameters;
  if (!isStorage(storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) {
    throw new Error("a tensor without storage, offset, shape and strides");
  }
  if (shape.length !== strides.length) throw new Error("a tensor with another number of strides than of axes");
  let negated = false;
  if (metadata !== undefined && metadata !== null) {
    if (!(metadata instanceof Map)) throw new Error("a tensor whose metadata are no dictionary");
    for (const [name, value] of metadata) {
      if (typeof value !== "boolean" || (name !== "neg" && (name !== "conj" || value))) {
        throw new Error(`a tensor with ${describe(name)} in its metadata`);
      }
      if (name === "neg") negated = value;
    }
  }
  return new TensorReference(storage, offset, shape, strides, negated);
}

function isStorage(value: unknown): value is TorchStorage {
  return value !== null && typeof value === "object" && "numbers" in value && typeof value.numbers === "function";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 32 && value.every(isCount);
}
