import { describe, FileError } from "../errors.js";
import { Module, TensorReference } from "./torch-classes.js";

/** Names under which training scripts keep a state dict beside other things. */
const usualNames: readonly unknown[] = ["state_dict", "model_state_dict", "model"];

/**
 * The network in what a PyTorch file holds: a module, a state dict, or the only one of these in the dictionary that a
 * training script saved, under whatever name.
 *
 * @throws FileError that says what there is, where there is none or more than one
 */
export function networkIn(root: unknown, path: string): Module | ReadonlyMap<unknown, TensorReference> {
  if (root instanceof Module) return root;
  const neither = "holds neither a module nor a state dict";
  if (!(root instanceof Map)) throw new FileError(path, `${neither}, but ${kindOf(root)}`);
  const own = [...root].filter(([, value]) => value instanceof TensorReference);
  const inside = [...root].filter(([name, value]) => value instanceof Module || isStateDict(name, value));
  if (inside.length === 0 && own.length > 0) return checkedDict(root, path);
  if (inside.length === 0) {
    throw new FileError(path, `${neither}, but ${contentsOf(root)}; save model.state_dict() alone`);
  }
  if (inside.length > 1 || own.some(([name]) => isWeight(name))) {
    const names = inside.map(([name]) => shown(name)).slice(0, 8);
    const several = [...names, ...(own.length > 0 ? ["tensors of its own"] : [])].join(", ");
    const one = `torch.save(checkpoint[${names[0]}], ...) makes a file of one`;
    throw new FileError(path, `holds more than one network: ${several}; ${one}`);
  }
  const [name, found] = inside[0];
  return found instanceof Module ? found : checkedDict(found as ReadonlyMap<unknown, unknown>, path, name);
}

/** A state dict, whose values are tensors, or single values such as the seed. */
function checkedDict(
  dict: ReadonlyMap<unknown, unknown>,
  path: string,
  name?: unknown,
): ReadonlyMap<unknown, TensorReference> {
  const where = name === undefined ? "" : ` in ${shown(name)}`;
  const tensors = new Map<unknown, TensorReference>();
  for (const [key, value] of dict) {
    if (value instanceof TensorReference) tensors.set(key, value);
    else if (value !== null && typeof value === "object") {
      throw new FileError(path, `holds ${kindOf(value)} as ${shown(key)} among the tensors of a state dict${where}`);
    }
  }
  return tensors;
}

function isStateDict(name: unknown, value: unknown): boolean {
  if (!(value instanceof Map)) return false;
  for (const [key, part] of value) {
    if (part instanceof TensorReference && (usualNames.includes(name) || isWeight(key))) return true;
  }
  return false;
}

function isWeight(name: unknown): boolean {
  return typeof name === "string" && /(^|\.)weight$/.test(name);
}

function contentsOf(dict: ReadonlyMap<unknown, unknown>): string {
  if (dict.size === 0) return "an empty dictionary";
  const parts = [...dict].slice(0, 8).map(([name, value]) => `${shown(name)} (${kindOf(value)})`);
  return `a dictionary of ${parts.join(", ")}${dict.size > 8 ? ", ..." : ""}`;
}

function kindOf(value: unknown): string {
  if (value instanceof Map) return "a dictionary";
  if (value instanceof TensorReference) return "a tensor";
  if (value instanceof Module) return `a ${value.shortName.slice(0, 80)}`;
  if (value === null) return "None";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object"
    ? "an object"
    : ({ string: "text", boolean: "a bool" }[typeof value as string] ?? "a number");
}

/** A key of a dictionary in a message; one that is no text by its kind. */
function shown(name: unknown): string {
  return typeof name === "string" || typeof name === "number" ? describe(name) : kindOf(name);
}
