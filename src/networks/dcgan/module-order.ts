import { FileError } from "../../errors.js";
import type { Module } from "../../formats/torch-classes.js";

/** Modules that pass on what they get when a network is only used, not trained. */
const passing = /^torch\.nn\.modules\.(dropout\.\w+|linear\.Identity)$/;
const sequential = "torch.nn.modules.container.Sequential";

/**
 * Checks that a whole module computes what a generator does, as far as the file tells: an nn.Sequential is transposed
 * convolution, BatchNorm, ReLU, again and again, then a transposed convolution and a Sigmoid. A class of one's own,
 * whose code is not in the file, has no activations but ReLUs and one Sigmoid. Strides, padding and BatchNorm's eps are
 * to be a generator's as well.
 *
 * @throws FileError that names what is other
 */
export function checkGeneratorModule(module: Module, layers: number, path: string): void {
  const parts = [...leaves(module)];
  checkNumbers(parts, path);
  const other = parts.find((part) => part.shortName === "LeakyReLU" && part.get("negative_slope") !== 0);
  if (other) throw new FileError(path, "has a LeakyReLU; a generator has ReLUs");
  if ([...containers(module)].some(({ className }) => className !== sequential)) {
    if (parts.filter(({ shortName }) => shortName === "Sigmoid").length <= 1) return;
    throw new FileError(path, "has more than one Sigmoid; a generator has it behind its last layer");
  }
  const expected = [
    ...new Array(layers - 1).fill(["ConvTranspose2d", "BatchNorm2d", "ReLU"]),
    "ConvTranspose2d",
    "Sigmoid",
  ].flat();
  const found = parts.map(({ shortName }) => (shortName === "LeakyReLU" ? "ReLU" : shortName));
  const at = expected.findIndex((kind, i) => kind !== found[i]);
  if (at < 0 && found.length === expected.length) return;
  const place = at < 0 ? expected.length : at;
  const held = found[place] === undefined ? "nothing" : `a ${found[place]}`;
  throw new FileError(
    path,
    `has ${held} as module ${place + 1}; ${expected[place] ?? "nothing"} was expected in a generator`,
  );
}

/** What the modules say besides their tensors; what an older PyTorch did not write is taken to be as usual. */
function checkNumbers(parts: readonly Module[], path: string): void {
  const check = (part: Module, name: string, expected: number) => {
    const said = part.get(name);
    if (said === undefined || [said].flat().every((value) => value === expected)) return;
    throw new FileError(path, `has a ${part.shortName} of another ${name} than a generator's, ${expected}`);
  };
  for (const [l, part] of parts.filter(({ shortName }) => shortName === "ConvTranspose2d").entries()) {
    const numbers = { stride: l === 0 ? 1 : 2, padding: l === 0 ? 0 : 1, output_padding: 0, dilation: 1, groups: 1 };
    for (const [name, expected] of Object.entries(numbers)) check(part, name, expected);
  }
  for (const part of parts) if (part.shortName === "BatchNorm2d") check(part, "eps", 1e-5);
}

function* containers(module: Module): Iterable<Module> {
  const children = [...module.children()];
  if (children.length > 0) yield module;
  for (const [, child] of children) yield* containers(child);
}

function* leaves(module: Module): Iterable<Module> {
  const children = [...module.children()];
  if (children.length === 0 && module.className !== sequential && !passing.test(module.className)) yield module;
  for (const [, child] of children) yield* leaves(child);
}
