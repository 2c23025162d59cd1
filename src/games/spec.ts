import type { Json } from "../json.js";
import type { OptionNames } from "../options.js";

/**
 * How to make a game again somewhere else: a module is imported and one of its exports called. What JSON can hold goes
 * to other processes and into files; between threads of one process, arguments may be anything that can be cloned.
 */
export interface GameSpec<Argument = Json> {
  /**
   * A JavaScript module: a path (a relative one is that of the current folder), a `file:` URL, or a package;
   * `shapley-modes` is this one.
   */
  readonly module: string;
  /** Name of the export: a function that returns a game, or the units and the value of one, or a promise of either. */
  readonly export: string;
  /** What the function is called with, in order. */
  readonly arguments: readonly Argument[];
}

/** The names of `GameSpec`. */
export const gameSpecKeys: OptionNames<GameSpec> = { module: true, export: true, arguments: true };
