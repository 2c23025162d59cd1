import { RowFile } from "./row-file.js";

/**
 * Rows of numbers, one for each pair, in the order in which they come: in the arrays that they came in while these fit
 * a bound, else in a temporary file. In a browser, where there are none, all stay in memory.
 */
export class PairRows {
  #arrays: Float64Array[] = [];
  #file: RowFile | undefined;
  #count = 0;

  /**
   * @param columns numbers of a row
   * @param memory most bytes of rows in memory
   */
  constructor(
    readonly columns: number,
    readonly memory: number,
  ) {}

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** Whether they are in a file. */
  get onDisk(): boolean {
    return this.#file !== undefined;
  }

  /** Takes rows in, and their memory with them. @throws FileError where the file can not be written */
  append(rows: Float64Array): void {
    const count = this.#count + rows.length / this.columns;
    if (!this.#file && count * this.columns * Float64Array.BYTES_PER_ELEMENT > this.memory) this.#moveToFile();
    if (this.#file) this.#file.append(rows);
    else this.#arrays.push(rows);
    this.#count = count;
  }

  /** All rows so far, which stay where they are until the file holds them. */
  #moveToFile(): void {
    const file = RowFile.open();
    try {
      for (const earlier of file ? this.#arrays : []) file?.append(earlier);
    } catch (error) {
      file?.close();
      throw error;
    }
    if (file) this.#arrays = [];
    this.#file = file;
  }

  /** The columns `from` to `to - 1` of all rows, `[count, to - from]`: may be what is kept, so not to be changed. */
  read(from: number, to: number): Float64Array {
    const { columns } = this;
    const width = to - from;
    if (!this.#file && this.#arrays.length === 1 && width === columns) return this.#arrays[0];
    const part = new Float64Array(this.#count * width);
    if (this.#file) {
      this.#file.read(part, from, width, columns);
      return part;
    }
    let at = 0;
    for (const rows of this.#arrays) {
      if (width === columns) part.set(rows, at);
      else {
        for (let row = 0; row * columns < rows.length; row++) {
          part.set(rows.subarray(row * columns + from, row * columns + to), at + row * width);
        }
      }
      at += (rows.length / columns) * width;
    }
    return part;
  }

  /** All rows in arrays that follow each other. */
  parts(): Iterable<Float64Array> {
    return this.#file?.parts() ?? this.#arrays;
  }

  /** Removes the file, where there is one. The rows are gone then. */
  dispose(): void {
    this.#file?.close();
  }
}
