import type { ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ShapleyOptions } from "../../src/engine/shapley.js";
import { shapley } from "../../src/engine/shapley.js";
import { gameFromSpec } from "../../src/games/from-spec.js";
import { toNpz } from "../../src/modes/npz.js";
import type { ShapleyModes } from "../../src/modes/shapley-modes.js";

/** The module of the games. */
export const games = join(import.meta.dirname, "job-games.mjs");

export const gameOf = (name: string, ...given: (string | number)[]) =>
  gameFromSpec({ module: games, export: name, arguments: given });

/** A result as text: equal where all bytes are. */
export const bytes = (modes: ShapleyModes) => Buffer.from(toNpz(modes)).toString("base64");

/** What one process makes of a game that has the values of `vectors`. */
export async function alone(units: number, options: ShapleyOptions): Promise<ShapleyModes> {
  return shapley(await gameOf("vectors", units), { onRemark: () => {}, ...options });
}

/** All files of a folder, as paths from there. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/** Whether a process has not ended, as far as is known here. */
export const isRunning = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;
