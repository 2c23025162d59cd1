import { wrongKind } from "../errors.js";
import { ShapleyModes } from "./shapley-modes.js";

/** @throws TypeError for what is no ShapleyModes; of a store on disk the message says how its modes are read */
export function checkModes(modes: unknown, name = "modes"): asserts modes is ShapleyModes {
  if (modes instanceof ShapleyModes) return;
  const { slice, part, subsets } = (modes ?? {}) as { slice?: unknown; part?: unknown; subsets?: unknown };
  const isStore = typeof slice === "function" && typeof part === "function";
  const rule = isStore
    ? "ShapleyModes, which `await stored.part()` or `await stored.slice(0)` reads of a store"
    : subsets === undefined
      ? "ShapleyModes"
      : "ShapleyModes, which interactions have as `.modes` (testInteractions tests interactions)";
  throw wrongKind(name, rule, isStore ? "a store on disk" : modes);
}
