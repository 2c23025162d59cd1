import { wrongKind } from "../errors.js";
import { ShapleyModes } from "./shapley-modes.js";

/** @throws TypeError for what is no ShapleyModes; of a store on disk the message says how its modes are read */
export function checkModes(modes: unknown, name = "modes"): asserts modes is ShapleyModes {
  if (modes instanceof ShapleyModes) return;
  const { slice, part } = (modes ?? {}) as { slice?: unknown; part?: unknown };
  const isStore = typeof slice === "function" && typeof part === "function";
  const rule = isStore
    ? "ShapleyModes, which `await stored.part()` or `await stored.slice(0)` reads of a store"
    : "ShapleyModes";
  throw wrongKind(name, rule, isStore ? "a store on disk" : modes);
}
