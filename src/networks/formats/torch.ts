import { FileError } from "../../errors.js";
import { type DenseTensor, type NamedTensors, tensorSize } from "./tensor.js";
import { readArchive } from "./torch-archive.js";
import { Activation, Module, TensorReference } from "./torch-classes.js";
import { readPickle } from "./torch-pickle.js";

/** What a PyTorch file holds. */
export interface TorchFile {
  /** Parameters and buffers by their names in the state dict, in its order. */
  readonly tensors: NamedTensors;
  /** The activations of a whole module, in order; undefined for a state dict, which does not tell. */
  readonly activations: readonly Activation[] | undefined;
}

const mostTensors = 100_000;

/**
 * Reads a PyTorch .pt file (the zip format of PyTorch 1.6 and later): a whole module or a state dict. The pickle inside
 * is read through a list of known names, and nothing of it is executed; a name outside the list is an error that says
 * it. Float, half, bfloat16 and long storages are read, as single precision; strided tensors and shared storages too.
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
  const archive = await readArchive(bytes, path);
  const root = await readPickle(archive, path, classes);
  const tensors = new Map<string, DenseTensor>();
  const add = (name: string, reference: TensorReference) => {
    if (tensors.size >= mostTensors) throw new FileError(path, `holds more than ${mostTensors} tensors`);
    tensors.set(name, dense(reference, name, path));
  };

  if (root instanceof Module) {
    const activations: Activation[] = [];
    visit(root, "", { path, add, activations, open: new Set(), visited: 0 });
    return { tensors, activations };
  }
  const dict = stateDict(root);
  if (!dict) throw new FileError(path, "holds neither a module nor a state dict");
  for (const [name, value] of dict) {
    if (value instanceof TensorReference) add(String(name), value);
  }
  return { tensors, activations: undefined };
}

/** The state dict itself, or the one that a training script put beside other things. */
function stateDict(root: unknown): Map<unknown, unknown> | undefined {
  if (!(root instanceof Map)) return undefined;
  for (const key of ["state_dict", "model_state_dict"]) if (root.get(key) instanceof Map) return root.get(key);
  return [...root.values()].some((value) => value instanceof TensorReference) ? root : undefined;
}

interface Visit {
  readonly path: string;
  readonly add: (name: string, reference: TensorReference) => void;
  readonly activations: Activation[];
  /** Modules between the root and the one being visited: a module inside itself would never end. */
  readonly open: Set<Module>;
  visited: number;
}

function visit(module: Module, prefix: string, context: Visit): void {
  if (context.open.has(module)) throw new FileError(context.path, `has a module inside itself at "${prefix}"`);
  if (context.open.size >= 64) throw new FileError(context.path, "has modules nested deeper than 64");
  if (++context.visited > mostTensors) throw new FileError(context.path, `has more than ${mostTensors} modules`);
  context.open.add(module);
  for (const group of ["_parameters", "_buffers"]) {
    for (const [name, value] of module.entries(group)) {
      if (value instanceof TensorReference) context.add(`${prefix}${name}`, value);
    }
  }
  for (const [name, child] of module.entries("_modules")) {
    if (child instanceof Activation) context.activations.push(child);
    if (child instanceof Module) visit(child, `${prefix}${name}.`, context);
  }
  context.open.delete(module);
}

/** Copies a tensor out of its storage, whatever its strides. */
function dense({ storage, offset, shape, strides }: TensorReference, name: string, path: string): DenseTensor {
  const size = tensorSize(shape);
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis], offset);
  if (size > 0 && last >= storage.length) {
    throw new FileError(path, `has tensor "${name}" reach beyond its storage of ${storage.length} numbers`);
  }
  // A stride of 0 repeats numbers: a small file must not ask for a huge tensor.
  if (size > Math.max(storage.length, 1)) {
    throw new FileError(path, `has tensor "${name}" with ${size} numbers in a storage of ${storage.length}`);
  }
  const data = new Float32Array(size);
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < size; i++) {
    data[i] = storage[at];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { shape, data };
}
