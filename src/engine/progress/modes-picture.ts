import { crc32, deflateSync } from "node:zlib";

/** Most pixels of a picture in each direction: more units or outputs are averaged. */
const mostColumns = 192;
const mostRows = 96;
const negative = [54, 75, 116];
const positive = [166, 88, 125];

/**
 * A small PNG of modes: a column for each unit, a row for each output, white at 0, one colour for each sign, as dark as its share of the
 * largest value. More than 192 units or 96 outputs are averaged.
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
  return png(columns, rows, (pixel) => {
    const share = Math.min(1, Math.abs(means[pixel]) / largest);
    const colour = means[pixel] < 0 ? negative : positive;
    return colour.map((full) => Math.round(255 + share * (full - 255)));
  });
}

/** An RGB PNG. */
function png(width: number, height: number, colour: (pixel: number) => readonly number[]): Uint8Array {
  // Every row begins with its filter: none.
  const raw = new Uint8Array(height * (1 + 3 * width));
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      raw.set(colour(row * width + column), row * (1 + 3 * width) + 1 + 3 * column);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(raw)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(content.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
