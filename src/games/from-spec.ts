import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FileError, wrongKind } from "../errors.js";
import type { Game } from "./game.js";
import type { GameSpec } from "./spec.js";

/**
 * Makes a game from its spec. The game carries the spec, so that workers can make it as well: write the function in a
 * module instead of a notebook's cell, and `shapley(game, { workers: 2 })` uses two processors.
 *
 * @throws TypeError where the spec is none, or the export makes no game; FileError where the module is absent
 * @example
 * const game = await gameFromSpec({ module: "shapley-modes", export: "gloveGame", arguments: [2, 3] });
 * const modes = await shapley(game, { orderings: 1000, workers: 2 });
 * modes.units.length; // 5
 */
export async function gameFromSpec(spec: GameSpec<unknown>): Promise<Game> {
  if (typeof spec?.module !== "string") throw wrongKind("module", "a path, a URL or a package", spec?.module);
  if (typeof spec.export !== "string") throw wrongKind("export", "the name of an export", spec.export);
  if (!Array.isArray(spec.arguments)) throw wrongKind("arguments", "a list", spec.arguments);
  const module = located(spec.module);
  const exports = (await import(/* @vite-ignore */ module)) as Record<string, unknown>;
  const make = exports[spec.export];
  if (typeof make !== "function") {
    throw wrongKind("export", `the name of a function that ${spec.module} exports`, spec.export);
  }
  const game = (await make(...spec.arguments)) as Game & { spec?: GameSpec };
  if (typeof game?.evaluate !== "function") {
    throw wrongKind("export", `a function that returns a game (${spec.export} of ${spec.module})`, game);
  }
  game.spec ??= { ...(spec as GameSpec), module };
  return game;
}

/** Where `import` finds a module, whatever the current folder is then. */
function located(module: string): string {
  if (!isAbsolute(module) && !module.startsWith(".")) return module;
  const path = resolve(module);
  if (!existsSync(path)) throw new FileError(module, "no such module");
  return pathToFileURL(path).href;
}
