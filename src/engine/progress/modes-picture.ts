import { pngOf } from "../../formats/png.js";

/** Most pixels of a picture in each direction: more units or outputs are averaged. */
const mostColumns = 192;
const mostRows = 96;
const negative = [54, 75, 116];
const positive = [166, 88, 125];

/**
 * A small PNG of modes: a column for each unit, a row for each output, white at 0, one colour for each sign, as dark as
 * its share of the largest value. More than 192 units or 96 outputs are averaged.
 *
 * @param values `[units, outputs]`
 */
export function modesPicture(values: Float64Array, units: number, outputs: number): Uint8Array {
  const columns = Math.min(units, mostColumns);
  const rows = Math.min(outputs, mostRows);
  const sums = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  for (let unit = 0; unit < units; unit++) {
    const column = Math.floor((unit * columns) / units);
    for (let output = 0; output < outputs; output++) {
      const pixel = Math.floor((output * rows) / outputs) * columns + column;
      sums[pixel] += values[unit * outputs + output];
      counts[pixel]++;
    }
  }
  const means = sums.map((sum, pixel) => sum / counts[pixel]);
  const largest = means.reduce((most, mean) => Math.max(most, Math.abs(mean)), 0) || 1;
  const pixels = new Uint8Array(rows * columns * 3);
  for (const [pixel, mean] of means.entries()) {
    const share = Math.min(1, Math.abs(mean) / largest);
    const colour = mean < 0 ? negative : positive;
    pixels.set(
      colour.map((full) => Math.round(255 + share * (full - 255))),
      3 * pixel,
    );
  }
  return pngOf(pixels, columns, rows);
}
