/** What a unit is worth to an output. */
export const worth = (unit, output) => Math.sin(1 + 3 * unit + output);
