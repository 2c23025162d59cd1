import { describe, FileError } from "../errors.js";
import { type DenseTensor, type NamedTensors, tensorSize } from "./tensor.js";
import { readArchive } from "./torch-archive.js";
import { networkIn } from "./torch-checkpoint.js";
import { Module, TensorReference } from "./torch-classes.js";
import { readPickle } from "./torch-pickle.js";

/** What a PyTorch file holds. */
export interface TorchFile {
  /** Parameters and buffers by their names in the state dict, in its order. */
  readonly tensors: NamedTensors;
  /** The whole module, as pure data; undefined for a state dict, which does not tell what is computed. */
  readonly module: Module | undefined;
}

const mostTensors = 100_000;
const longestName = 512;

/** Numbers that all tensors of a file may have in all: a million, and so many for each of its bytes. */
const fewNumbers = 1_000_000;
const mostTimes = 4;

/**
 * Reads a PyTorch .pt file (the zip format of PyTorch 1.6 and later): a whole module, a state dict, or the only one of
 * these in what a training script saved. The pickle inside is read through a list of known names, and nothing of it is
 * executed; a name outside the list is an error that says it. Float, half, bfloat16 and long storages are read, as
 * single precision; strided and negated tensors and shared storages too. Tensors that are the same window on a storage
 * share their numbers.
 *
 * @param path only named in errors
 * @param classes module classes to be taken besides the known ones, e.g. `mynets.Classifier`
 * @throws FileError
 */
export async function parseTorch(
  bytes: Uint8Array,
  path: string,
  { classes = [] }: { classes?: readonly string[] } = {},
): Promise<TorchFile> {
  const archive = readArchive(bytes, path);
  const network = networkIn(readPickle(archive, path, classes), path);
  const tensors = new Map<string, DenseTensor>();
  const dense = denseReader(archive.length, path);
  const add = (name: string, reference: TensorReference) => {
    if (name.length > longestName)
      throw new FileError(path, `has a name of ${name.length} characters: ${describe(name)}`);
    if (tensors.size >= mostTensors) throw new FileError(path, `holds more than ${mostTensors} tensors`);
    tensors.set(name, dense(reference, name));
  };
  if (network instanceof Module) {
    visit(network, "", { path, add, open: new Set(), visited: 0 });
    return { tensors, module: network };
  }
  for (const [name, value] of network) {
    if (typeof name !== "string" && typeof name !== "number") {
      throw new FileError(path, "has a tensor in its state dict whose name is no text");
    }
    add(String(name), value);
  }
  return { tensors, module: undefined };
}

interface Visit {
  readonly path: string;
  readonly add: (name: string, reference: TensorReference) => void;
  /** Modules between the root and the one being visited: a module inside itself would never end. */
  readonly open: Set<Module>;
  visited: number;
}

function visit(module: Module, prefix: string, context: Visit): void {
  const { path, open, add } = context;
  if (open.has(module)) throw new FileError(path, `has a module inside itself at ${describe(prefix)}`);
  if (open.size >= 64) throw new FileError(path, "has modules nested deeper than 64");
  if (++context.visited > mostTensors) throw new FileError(path, `has more than ${mostTensors} modules`);
  if (prefix.length > longestName) throw new FileError(path, `has a module of a name of ${prefix.length} characters`);
  open.add(module);
  try {
    for (const group of ["_parameters", "_buffers"]) {
      for (const [name, value] of module.entries(group)) {
        if (value instanceof TensorReference) add(`${prefix}${name}`, value);
      }
    }
    for (const [name, child] of module.children()) visit(child, `${prefix}${name}.`, context);
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, (cause as Error).message, { cause });
  }
  open.delete(module);
}

/**
 * Copies tensors out of their storages, whatever their strides; a window that was copied before is not copied again.
 * The sum of all is bounded by the length of the file: many windows on one storage must not ask for many times its
 * memory.
 */
function denseReader(fileLength: number, path: string): (reference: TensorReference, name: string) => DenseTensor {
  const windows = new Map<string, DenseTensor>();
  let left = fewNumbers + mostTimes * fileLength;
  return (reference, name) => {
    const { storage, offset, shape, strides, negated } = reference;
    const window = [storage.key, negated, offset, ...shape, "/", ...strides].join();
    const known = windows.get(window);
    if (known) return known;
    const size = tensorSize(shape);
    const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], offset);
    if (size > 0 && last >= storage.count) {
      throw new FileError(path, `has tensor ${describe(name)} reach beyond its storage of ${storage.count} numbers`);
    }
    // A stride of 0 repeats numbers: a small file must not ask for a huge tensor.
    if (size > Math.max(storage.count, 1)) {
      throw new FileError(path, `has tensor ${describe(name)} with ${size} numbers in a storage of ${storage.count}`);
    }
    left -= size;
    if (left < 0) throw new FileError(path, "has tensors that share storages, with many times its numbers in all");
    const dense = { shape, data: copied(reference, size) };
    windows.set(window, dense);
    return dense;
  };
}

function copied({ storage, offset, shape, strides, negated }: TensorReference, size: number): Float32Array {
  const numbers = storage.numbers();
  const sign = negated ? -1 : 1;
  const data = new Float32Array(size);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < size; i++) {
    data[i] = sign * numbers[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return data;
}
