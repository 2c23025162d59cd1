import { FileError } from "../../errors.js";
import { companionClass, type Module } from "../../formats/torch-classes.js";

/** What a whole module says of the order in which it computes. */
export interface ModuleOrder {
  /**
   * Names of the dense layers, from the inputs to the logits; undefined for a class of one's own, whose code is not
   * there.
   */
  readonly layers: readonly string[] | undefined;
  /**
   * Slopes below 0 of what stands behind each layer but the last; for a class of one's own of all activations in it.
   */
  readonly slopes: readonly number[];
}

/** What a module computes: dense layers and activations, one after the other. */
type Step = { readonly dense: string } | { readonly slope: number; readonly said: string };

/** Modules that pass on what they get when a network is only used, not trained. */
const passing = /^torch\.nn\.modules\.(dropout\.\w+|linear\.Identity)$/;

/**
 * In which order a module of PyTorch computes. Known are the order of an nn.Sequential, also of one in another, and
 * that of the paper's companion code; dropout is none, as in `eval()`. Two activations in a row are one; dense layers
 * with none between have the identity between them.
 *
 * A class of one's own says only which parts it has: Python code is not in the file.
 *
 * @param classes classes of one's own that the user named
 * @throws FileError that names what can not be computed: an activation before the first or behind the last dense layer,
 *   a Sigmoid, a hook, a module that says no order
 */
export function moduleOrder(module: Module, path: string, classes: readonly string[]): ModuleOrder {
  const own = [...within(module)].some((part) => classes.includes(part.className));
  if (own) {
    const activations = [...within(module)].map((part) => ownPart(part, path, classes));
    return { layers: undefined, slopes: activations.filter((slope) => slope !== undefined) };
  }
  const layers: string[] = [];
  const slopes: number[] = [];
  let open = 1;
  let said = "";
  for (const step of steps(module, "", path)) {
    if ("slope" in step) {
      // Behind a slope below 0 comes a number above 0, which the next activation passes on.
      open = open < 0 ? open : open * step.slope;
      said = step.said;
      continue;
    }
    if (layers.length > 0) slopes.push(open);
    else if (open !== 1) throw new FileError(path, `has ${said} before its first dense layer, where no units are`);
    layers.push(step.dense);
    open = 1;
  }
  if (open !== 1)
    throw new FileError(path, `has ${said} behind its last dense layer; its outputs are to be the sums themselves`);
  return { layers, slopes };
}

function steps(module: Module, name: string, path: string): Step[] {
  const { className, shortName } = module;
  const where = `a ${shortName}${name === "" ? "" : ` (${name.slice(0, 80)})`}`;
  refuseHooks(module, where, path);
  const inner = (child: string) => (name === "" ? child : `${name}.${child}`);
  if (className === "torch.nn.modules.linear.Linear") return [{ dense: name }];
  const slope = slopeOf(module, path);
  if (slope !== undefined) return [{ slope, said: where }];
  if (passing.test(className) || isFlat(module)) return [];
  if (className === companionClass) checkCompanion(module, path);
  else if (className !== "torch.nn.modules.container.Sequential") {
    const rule = "dense layers, ReLU, LeakyReLU, dropout and the like in an nn.Sequential were expected";
    throw new FileError(path, `has ${where}, which a network of dense layers has not; ${rule}`);
  }
  return [...module.children()].flatMap(([child, part]) => steps(part, inner(child), path));
}

/** Slope below 0 of an activation; undefined for a module that is none. */
function slopeOf(module: Module, path: string): number | undefined {
  if (module.className === "torch.nn.modules.activation.ReLU") return 0;
  if (module.className !== "torch.nn.modules.activation.LeakyReLU") return undefined;
  const slope = module.get("negative_slope");
  if (typeof slope === "number" && Number.isFinite(slope)) return slope;
  throw new FileError(path, "has a LeakyReLU that does not say its slope");
}

/** Whether it flattens each row, which is flat already; nothing but the first axis is kept. */
function isFlat(module: Module): boolean {
  return (
    module.className === "torch.nn.modules.flatten.Flatten" &&
    module.get("start_dim") === 1 &&
    module.get("end_dim") === -1
  );
}

/** A part of a class of one's own: the slope of an activation, else undefined. */
function ownPart(module: Module, path: string, classes: readonly string[]): number | undefined {
  refuseHooks(module, `a ${module.shortName}`, path);
  const known = /^torch\.nn\.modules\.(linear\.Linear|container\.(Sequential|ModuleList)|flatten\.Flatten)$/;
  const { className } = module;
  const slope = slopeOf(module, path);
  if (slope !== undefined || known.test(className) || passing.test(className) || classes.includes(className))
    return slope;
  throw new FileError(path, `has a ${module.shortName}, which a network of dense layers has not`);
}

/**
 * Checks that a module of the companion code's class is made as there: 784 -> n -> 10, `layer1`, `layer2` (LeakyReLU,
 * dense).
 */
function checkCompanion(module: Module, path: string): void {
  const shape = (part: Module) =>
    [part.shortName, ...[...part.children()].map(([name, child]): string => `${name} ${child.shortName}`)].join(", ");
  const children = new Map(module.children());
  const [first, second] = [children.get("layer1"), children.get("layer2")];
  const last = second && new Map(second.children()).get("1");
  const asThere =
    children.size === 2 &&
    first?.get("in_features") === 784 &&
    last?.get("out_features") === 10 &&
    shape(first) === "Linear" &&
    second !== undefined &&
    shape(second) === "Sequential, 0 LeakyReLU, 1 Linear";
  if (asThere) return;
  const rule = "how its code uses its parts is not in the file: save its state_dict(), and give the activation";
  throw new FileError(
    path,
    `is of a class ${companionClass} that is not the one of the paper's companion code; ${rule}`,
  );
}

function refuseHooks(module: Module, where: string, path: string): void {
  for (const group of ["_forward_hooks", "_forward_pre_hooks"]) {
    const hooks = module.get(group);
    if (hooks instanceof Map && hooks.size > 0) {
      throw new FileError(path, `has ${where} with a hook, whose code is not in the file`);
    }
  }
}

/** A module and all those in it, each time that it is used; how many was bounded when the file was read. */
function* within(module: Module): Iterable<Module> {
  yield module;
  for (const [, child] of module.children()) yield* within(child);
}
