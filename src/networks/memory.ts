/** Bytes of tensors that a pass may take, where nothing else is said: 256 MB. */
export const defaultMemory = 256 * 2 ** 20;

/**
 * Bytes of tensors of a pass that stay in a processor's cache: 2 MB. ONNX Runtime takes twice as long for a row of a
 * convolution network where passes are a hundred times as large (`bench networks --only onnx`); the WebAssembly backend
 * does not.
 */
export const cacheMemory = 2 * 2 ** 20;

/** Most rows of a pass, however little they take. */
const mostAtOnce = 2 ** 20;

/**
 * How many rows go through a network at once: as many as fit into some memory, at least one.
 *
 * @param bytes what a pass of so many rows takes; never less for more rows
 */
export function rowsWithin(memory: number, bytes: (rows: number) => number, most: number = mostAtOnce): number {
  let fits = 1;
  let tooMany = most + 1;
  while (tooMany - fits > 1) {
    const rows = Math.floor((fits + tooMany) / 2);
    if (bytes(rows) <= memory) fits = rows;
    else tooMany = rows;
  }
  return fits;
}

/**
 * The bytes that passes take, from some that were measured. What a pass takes is the largest of several amounts, each a
 * fixed one and one for every row: so a line between two measurements is never below it, nor is the line from none
 * through the last.
 *
 * @param measured rows and bytes, ascending, the first of one row
 */
export function bytesFrom(measured: readonly (readonly [rows: number, bytes: number])[]): (rows: number) => number {
  return (rows) => {
    const at = measured.findIndex(([known]) => known >= rows);
    if (at === 0) return measured[0][1];
    if (at < 0) {
      const [known, bytes] = measured[measured.length - 1];
      return Math.ceil((rows * bytes) / known);
    }
    const [[low, lowBytes], [high, highBytes]] = [measured[at - 1], measured[at]];
    return Math.ceil(lowBytes + ((rows - low) * (highBytes - lowBytes)) / (high - low));
  };
}

/**
 * Rows in order, as ranges of at most so many.
 *
 * @param alone rows that are a range each
 */
export function rowRanges(count: number, most: number, alone: readonly number[] = []): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  for (let from = 0; from < count; ) {
    const next = alone.includes(from) ? from : Math.min(count, ...alone.filter((row) => row > from));
    const to = Math.max(from + 1, Math.min(from + most, next));
    ranges.push([from, to]);
    from = to;
  }
  return ranges;
}
