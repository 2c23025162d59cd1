// What cells know besides TypeScript's and Node's own globals.

/**
 * Asks the reader of the notebook for a line, and waits until it is there.
 *
 * @param message what is asked
 * @param preset what an empty answer means; default the empty text
 * @throws Error where the front end does not allow input, as when a notebook is run from the command line
 * @example const units = Number(prompt("How many units?", "200"));
 */
declare function prompt(message?: string, preset?: string | number): string;
