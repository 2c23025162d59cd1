import { FileError } from "../../errors.js";
import { sha256, writeWhole } from "../../files.js";
import {
  checkWeightsName,
  formatSafetensors,
  type SaveWeightsOptions,
  saveWeightsOptionNames,
} from "../../formats/safetensors.js";
import type { DenseTensor, NamedTensors } from "../../formats/tensor.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { readWeights } from "../mlp/weights.js";
import { type Generator, type GeneratorLayer, generatorOf } from "./generator.js";
import { checkGeneratorModule } from "./module-order.js";
import { channels, checkedSize, type DcganSize } from "./size.js";

/** How a file is read. */
export interface LoadGeneratorOptions {
  /** The architecture that the file has to have; default what its tensors' shapes say. */
  readonly size?: DcganSize;
  /**
   * Python classes that a whole module in a .pt file may be made of besides those known to be harmless; none is
   * executed.
   */
  readonly classes?: readonly string[];
}

/** The names of `LoadGeneratorOptions`. */
export const loadGeneratorOptionNames: OptionNames<LoadGeneratorOptions> = { size: true, classes: true };

/**
 * Reads the generator of a DCGAN from a PyTorch .pt file (a state dict, or a whole module) or a .safetensors file: for
 * each layer a `weight` `[inputs, outputs, 4, 4]` and, but for the last, BatchNorm's `weight`, `bias`, `running_mean`
 * and `running_var`, in PyTorch's layout, whatever the names before the last dot. Nothing in the file is executed.
 *
 * @throws FileError for a file that is absent, damaged, or of another architecture: the message names the tensor, the
 * shape it has and the one it should have
 */
export async function loadGenerator(path: string, options: LoadGeneratorOptions = {}): Promise<Generator> {
  knownOptions("loadGenerator", options, loadGeneratorOptionNames);
  const { bytes, tensors, module } = await readWeights(path, options.classes);
  const names = path.endsWith(".safetensors") ? [...tensors.keys()].sort(byNumber.compare) : [...tensors.keys()];
  const at = (name: string) => tensors.get(name) as DenseTensor;
  const convolutions = names.filter((name) => /(^|\.)weight$/.test(name) && at(name).shape.length === 4);
  const norms = names
    .filter((name) => /(^|\.)running_mean$/.test(name))
    .map((name) => name.replace(/running_mean$/, ""));
  const size = options.size ? checkedSize(options.size) : sizeOf(convolutions.map(at), path);
  if (convolutions.length !== size.layers || norms.length !== size.layers - 1) {
    const rule = `${size.layers} transposed convolutions and ${size.layers - 1} BatchNorms were expected`;
    throw new FileError(
      path,
      `holds ${convolutions.length} of [inputs, outputs, 4, 4] and ${norms.length} BatchNorms; ${rule}`,
    );
  }
  refuseOthers(tensors, convolutions, norms, path);
  if (module) checkGeneratorModule(module, size.layers, path);

  const widths = channels(size);
  const read = (name: string, shape: readonly number[]): Float32Array => {
    const found = tensors.get(name);
    if (found?.shape.join() !== shape.join()) {
      const held = found ? `[${found.shape.join(", ")}]` : "nothing";
      throw new FileError(path, `holds ${held} as ${name}; [${shape.join(", ")}] was expected`);
    }
    const bad = found.data.find((x) => !Number.isFinite(x));
    if (bad !== undefined) throw new FileError(path, `holds ${bad} in ${name}; finite numbers were expected`);
    return found.data;
  };
  const parts = convolutions.map((name, l): GeneratorLayer => {
    const inputs = l === 0 ? size.latents : widths[l - 1];
    const outputs = widths[l];
    const norm = (part: string) => read(`${norms[l]}${part}`, [outputs]);
    return {
      inputs,
      outputs,
      weights: read(name, [inputs, outputs, 4, 4]),
      norm:
        l === size.layers - 1
          ? undefined
          : { scale: norm("weight"), shift: norm("bias"), mean: norm("running_mean"), variance: norm("running_var") },
    };
  });
  return { ...generatorOf(size, parts), sha256: sha256(bytes) };
}

/**
 * Writes a generator as a safetensors file, whole or not at all, under the names that the usual PyTorch module has
 * (`main.0.weight`, `main.1.running_mean`, ...).
 *
 * @param options.dtype default F32, which loses nothing; F16 takes half the space
 * @returns checksum of the file
 * @throws RangeError for a name that does not end in .safetensors, by which files are told apart when they are read
 */
export function saveGenerator(generator: Generator, path: string, options: SaveWeightsOptions = {}): string {
  knownOptions("saveGenerator", options, saveWeightsOptionNames);
  checkWeightsName(path);
  const { dtype = "F32", metadata = {} } = options;
  const bytes = formatSafetensors(generatorTensors(generator), { dtype, metadata });
  writeWhole(path, bytes);
  return sha256(bytes);
}

/**
 * The tensors of a generator by the names of a PyTorch `nn.Sequential` called main: convolution, BatchNorm, ReLU, ...
 */
export function generatorTensors({ parts }: Generator): NamedTensors {
  const tensors = new Map<string, DenseTensor>();
  parts.forEach(({ inputs, outputs, weights, norm }, l) => {
    tensors.set(`main.${3 * l}.weight`, { shape: [inputs, outputs, 4, 4], data: weights });
    if (!norm) return;
    const named = { weight: norm.scale, bias: norm.shift, running_mean: norm.mean, running_var: norm.variance };
    for (const [part, data] of Object.entries(named))
      tensors.set(`main.${3 * l + 1}.${part}`, { shape: [outputs], data });
  });
  return tensors;
}

const byNumber = new Intl.Collator("en", { numeric: true });

/** The architecture that the shapes of a file's convolutions speak of. */
function sizeOf(convolutions: readonly DenseTensor[], path: string): DcganSize {
  const layers = convolutions.length;
  if (layers < 2 || layers > 9) {
    const rule = "the generator of a DCGAN, 2 to 9 of them, was expected";
    throw new FileError(path, `holds ${layers} tensors of four axes called weight; ${rule}`);
  }
  return { layers, filters: convolutions[layers - 2].shape[1], latents: convolutions[0].shape[0] };
}

function refuseOthers(tensors: NamedTensors, convolutions: readonly string[], norms: readonly string[], path: string) {
  const known = new Set(convolutions);
  for (const prefix of norms) {
    for (const part of ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"])
      known.add(prefix + part);
  }
  for (const [name, { shape }] of tensors) {
    if (known.has(name)) continue;
    const held = `holds ${name} [${shape.join(", ")}], which is no part of a generator`;
    throw new FileError(path, `${held} (transposed convolutions without biases, and BatchNorms)`);
  }
}
