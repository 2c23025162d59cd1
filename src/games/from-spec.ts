import { statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FileError, wrongKind } from "../errors.js";
import { type FunctionGameOptions, type GameFunction, gameFrom } from "./from-function.js";
import type { Game } from "./game.js";
import type { GameSpec } from "./spec.js";

/** What an export that a {@link GameSpec} names may return instead of a game: the arguments of `gameFrom`. */
export interface GameParts extends FunctionGameOptions {
  readonly units: readonly string[] | number;
  readonly value: GameFunction;
}

/**
 * Makes a game from its spec: from what an export of a module returns, be it a game or, so that the module need import nothing, its
 * units and the function of the intact ones. The game carries the spec, so that workers can make it as well: write the
 * function in a module instead of a notebook's cell, and `shapley(game, { workers: 2 })` uses two processors. A module that has
 * changed since it was last imported is read again.
 *
 * @throws TypeError where the spec is none, or the export makes no game; FileError where the module is absent
 * @example
 * // glove.mjs: export const glove = (pairs) => ({ units: 2 * pairs, value: (intact) => ... });
 * const game = await gameFromSpec({ module: "./glove.mjs", export: "glove", arguments: [5] });
 * const modes = await shapley(game, { orderings: 1000, workers: 2 });
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
  const returned = (await make(...spec.arguments)) as Partial<Game & GameParts> | undefined;
  const game = (typeof returned?.value === "function" ? await fromParts(returned as GameParts) : returned) as Game;
  if (typeof game?.evaluate !== "function") {
    throw wrongKind("export", `a function that returns a game (${spec.export} of ${spec.module})`, returned);
  }
  return game.spec ? game : Object.assign(game, { spec: { ...(spec as GameSpec), module } });
}

function fromParts({ units, value, ...options }: GameParts): Promise<Game> {
  return gameFrom(units, value, options);
}

/** Where `import` finds a module, whatever the current folder is then, in the version that it has now. */
function located(module: string): string {
  if (!isAbsolute(module) && !module.startsWith(".")) return module;
  const path = resolve(module);
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (changed === undefined) throw new FileError(module, "no such module");
  return `${pathToFileURL(path).href}?changed=${changed}`;
}
