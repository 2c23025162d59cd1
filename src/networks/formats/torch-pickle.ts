import { describe, FileError } from "../../errors.js";
import { bytesPerNumber, decodeNumbers, type ReadDtype } from "./tensor.js";
import type { Archive } from "./torch-archive.js";
import { Activation, activationClasses, Module, moduleClasses, TensorReference } from "./torch-classes.js";

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

/** A kind of storage that a pickle names, as its tensors' persistent ids do. */
class StorageType {
  constructor(readonly name: string) {
    Object.freeze(this);
  }
}

/** Longest text or number in a pickle of a network: names, sizes. */
const longestItem = 65_536;

/**
 * Reads the pickle of a PyTorch file. Python names stand for what the list below says, and for nothing else: no code of
 * the file, of Python or of this process is ever called by name. Dictionaries become Maps, in order.
 *
 * @throws FileError for a name outside the list, a storage that is absent or of another size, and a damaged pickle
 */
export async function readPickle(archive: Archive, path: string, classes: readonly string[]): Promise<unknown> {
  const { BufferReader, Parser } = await import("pickleparser");
  const storages = storageReader(archive, path);

  /** Fresh for each file, as a pickle can write to what it names. */
  const names = new Map<string, unknown>([
    ["collections.OrderedDict", (pairs: unknown = []) => new Map(pairs as [unknown, unknown][])],
    ["__builtin__.set", (items: unknown = []) => new Set(items as unknown[])],
    ["builtins.set", (items: unknown = []) => new Set(items as unknown[])],
    ["torch._utils._rebuild_parameter", (data: unknown) => data],
    ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ]);
  for (const name of [...moduleClasses, ...classes])
    names.set(
      name,
      constructorOf(() => new Module(name)),
    );
  for (const name of activationClasses)
    names.set(
      name,
      constructorOf(() => new Activation(name)),
    );
  for (const name of storageDtypes.keys()) names.set(`torch.${name}`, new StorageType(name));

  const parser = new Parser({
    nameResolver: {
      resolve(module: unknown, name: unknown) {
        const found = typeof module === "string" && typeof name === "string" && names.get(`${module}.${name}`);
        if (!found) {
          const named = `names ${describe(`${String(module)}.${String(name)}`)}, which is not on the list of known classes`;
          throw new FileError(path, `${named}; nothing was executed`);
        }
        return found as () => unknown;
      },
    },
    persistentResolver: { resolve: (id: unknown) => storages(id) },
    unpicklingTypeOfDictionary: "Map",
    unpicklingTypeOfSet: "Set",
  });

  class BoundedReader extends BufferReader {
    override bytes(length: number) {
      if (length < 0 || length > longestItem) throw new Error(`an item of ${length} bytes`);
      return super.bytes(length);
    }
    override uint64() {
      const low = this.uint32();
      if (this.uint32() !== 0) throw new Error("an item of more than 4 GB");
      return low;
    }
  }
  try {
    return parser.read(new BoundedReader(archive.pickle));
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, `has a damaged pickle (${(cause as Error).message})`, { cause });
  }
}

/** Resolves persistent ids `("storage", type, key, device, count)`; the device does not matter here. */
function storageReader(archive: Archive, path: string): (id: unknown) => Float32Array {
  const read = new Map<string, { numbers: Float32Array; type: string }>();
  return (id) => {
    const [kind, type, key, , count] = Array.isArray(id) ? id : [];
    if (kind !== "storage" || !(type instanceof StorageType) || typeof key !== "string" || !isCount(count)) {
      throw new Error("a persistent id that is not a storage's");
    }
    const known = read.get(key);
    if (known?.type === type.name && known.numbers.length === count) return known.numbers;
    const dtype = storageDtypes.get(type.name);
    if (!dtype)
      throw new FileError(path, `holds weights as ${type.name}; Float, Half, BFloat16 and Long storages can be read`);
    const bytes = archive.storage(key);
    if (bytes.length !== count * bytesPerNumber(dtype)) {
      const needed = `${type.name} of ${count} numbers needs ${count * bytesPerNumber(dtype)}`;
      throw new FileError(path, `has ${bytes.length} bytes in its storage data/${key}; ${needed}`);
    }
    if (known) throw new FileError(path, `reads its storage data/${key} as ${known.type} and as ${type.name}`);
    const numbers = decodeNumbers(bytes, dtype);
    read.set(key, { numbers, type: type.name });
    return numbers;
  };
}

/** `torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, ...)` */
function rebuildTensor(storage: unknown, offset: unknown, shape: unknown, strides: unknown): TensorReference {
  if (!(storage instanceof Float32Array) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) {
    throw new Error("a tensor without storage, offset, shape and strides");
  }
  if (shape.length !== strides.length) throw new Error("a tensor with another number of strides than of axes");
  return new TensorReference(storage, offset, shape, strides);
}

/** A function that gives a new object whether Python would construct or call it. */
function constructorOf(make: () => object): () => object {
  return function construct() {
    return make();
  };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 32 && value.every(isCount);
}
