import { readFileSync, statSync } from "node:fs";
import { basename, isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, FileError, GameError, isOurs, wrongKind } from "../errors.js";
import { sha256 } from "../files.js";
import type { Json, JsonObject } from "../json.js";
import { knownOptions } from "../options.js";
import { builtModule } from "../package.js";
import { type FunctionGameOptions, type GameFunction, gameFrom } from "./from-function.js";
import type { Game } from "./game.js";
import type { GameSpec } from "./spec.js";
import { gameSpecKeys } from "./spec.js";

/** What an export that a {@link GameSpec} names may return instead of a game: the arguments of `gameFrom`. */
export interface GameParts extends FunctionGameOptions {
  readonly units: readonly string[] | number;
  readonly value: GameFunction;
}

/**
 * Makes a game from its spec: from what an export of a module returns, be it a game or, so that the module need import
 * nothing, its units and the function of the intact ones. The game carries the spec, so that workers can make it as
 * well: write the function in a module instead of a notebook's cell, and `shapley(game, { workers: 2 })` uses two
 * processors. A module that has changed since it was last imported is read again. Module, export and arguments are in
 * the provenance, beside what the game says of itself, with the module's checksum; of absolute paths, the last name
 * alone.
 *
 * @throws TypeError where the spec is none, or the export makes no game; FileError where the module is absent or can
 *   not be imported; GameError where the export throws
 * @example
 * // glove.mjs: export const glove = (pairs) => ({ units: 2 * pairs, value: (intact) => ... });
 * const game = await gameFromSpec({ module: "./glove.mjs", export: "glove", arguments: [5] });
 * const modes = await shapley(game, { orderings: 1000, workers: 2 });
 */
export async function gameFromSpec(spec: GameSpec<unknown>): Promise<Game> {
  knownOptions("gameFromSpec", spec, gameSpecKeys);
  if (typeof spec?.module !== "string") throw wrongKind("module", "a path, a URL or a package", spec?.module);
  if (typeof spec.export !== "string") throw wrongKind("export", "the name of an export", spec.export);
  if (!Array.isArray(spec.arguments)) throw wrongKind("arguments", "a list", spec.arguments);
  const module = located(spec.module);
  const exports = await imported(spec.module, placeOf(spec, module));
  const make = exports[spec.export];
  if (typeof make !== "function") {
    throw wrongKind("export", `the name of a function that ${moduleName(spec.module)} exports`, spec.export);
  }
  const returned = await called(spec, make as (...args: readonly unknown[]) => unknown);
  const game = (typeof returned?.value === "function" ? await fromParts(returned as GameParts) : returned) as Game;
  if (typeof game?.evaluate !== "function") {
    throw wrongKind(
      "export",
      `a function that returns a game (${spec.export} of ${moduleName(spec.module)})`,
      returned,
    );
  }
  if (game.spec) return game;
  const provenance = { ...provenanceOf(spec, module), ...game.provenance };
  return Object.assign(game, { spec: { ...(spec as GameSpec), module }, provenance });
}

/** A module as messages name it: a path where it is a file. */
export function moduleName(module: string): string {
  return module.startsWith("file:") ? fileURLToPath(module) : module;
}

/**
 * Where in this package an export is that specs name: what makes a network's game again need not load all the rest of
 * it.
 */
const ownExports: Readonly<Record<string, string>> = { gameFromFiles: "lesion/game-from-files" };

function placeOf({ module: name, export: wanted }: GameSpec<unknown>, module: string): string {
  if (name !== "shapley-modes" || !Object.hasOwn(ownExports, wanted)) return module;
  return builtModule(ownExports[wanted]);
}

async function imported(name: string, module: string): Promise<Record<string, unknown>> {
  try {
    return (await import(/* @vite-ignore */ module)) as Record<string, unknown>;
  } catch (cause) {
    throw new FileError(moduleName(name), `can not be imported (${whyNot(cause)})`, { cause });
  }
}

/** Why a module can not be imported; of TypeScript that this Node does not run, what to do. */
function whyNot(cause: unknown): string {
  const said = String(cause);
  const unread = (cause as { code?: unknown } | undefined)?.code === "ERR_UNKNOWN_FILE_EXTENSION";
  if (!unread || !/"\.[cm]?tsx?"/.test(said)) return said;
  return (
    `Node ${process.versions.node} runs no TypeScript, and what tsx does it does not do in worker threads; ` +
    "name the JavaScript that tsc makes of it, or use Node 22.18 or later"
  );
}

async function called(
  spec: GameSpec<unknown>,
  make: (...args: readonly unknown[]) => unknown,
): Promise<Partial<Game & GameParts> | undefined> {
  try {
    return (await make(...spec.arguments)) as Partial<Game & GameParts> | undefined;
  } catch (cause) {
    if (isOurs(cause)) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new GameError(`${spec.export} of ${moduleName(spec.module)} threw: ${message}`, { cause });
  }
}

/** What a result says of where its game comes from, without the folders of this machine. */
function provenanceOf(spec: GameSpec<unknown>, module: string): JsonObject {
  const file = module.startsWith("file:") ? fileURLToPath(module) : undefined;
  return {
    arguments: spec.arguments.map(stated),
    export: spec.export,
    module: nameOf(moduleName(spec.module)),
    ...(file === undefined ? {} : { module_sha256: sha256(readFileSync(file)) }),
  };
}

function nameOf(text: string): string {
  return isAbsolute(text) ? basename(text) : text;
}

/** Most members of a list that are stated one by one. */
const mostStated = 100;

/** An argument as JSON can hold it; of what it can not, and of long lists, what they are. */
function stated(value: unknown): Json {
  if (typeof value === "string") return nameOf(value);
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return value as Json;
  if (Array.isArray(value) && value.length <= mostStated) return value.map(stated);
  if (value?.constructor === Object) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, stated(member)]));
  }
  return describe(value);
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
