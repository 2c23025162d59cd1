import { FileError } from "../errors.js";

/** Numbers that are read at a time where all are: 8 MB. */
const sliceNumbers = 1 << 20;
/** Bytes that one call of Node takes, which is less than 2 GB. */
const sliceBytes = 1 << 30;

const bytesPerNumber = Float64Array.BYTES_PER_ELEMENT;

/** Undefined where there are no files, as in a browser. */
function filesOfNode() {
  return globalThis.process?.getBuiltinModule?.("node:fs");
}

type Files = NonNullable<ReturnType<typeof filesOfNode>>;

/** Closes the files of what nobody holds any more. */
const forgotten = new FinalizationRegistry<() => void>((close) => close());

/**
 * A temporary file of numbers. Its name is taken from it as soon as it is open, so it goes with this process, or
 * earlier with {@link close}, whatever ends either: nothing is left to be removed.
 */
export class RowFile {
  #length = 0;
  #closed = false;

  private constructor(
    readonly path: string,
    readonly file: number,
    readonly files: Files,
  ) {
    forgotten.register(this, () => files.closeSync(file), this);
  }

  /**
   * A new file in the system's temporary folder; undefined where there are no files, as in a browser.
   *
   * @throws FileError where none can be made
   */
  static open(): RowFile | undefined {
    const files = filesOfNode();
    if (!files) return undefined;
    const folder = process.getBuiltinModule("node:os").tmpdir();
    const path = process.getBuiltinModule("node:path").join(folder, `shapley-modes-${crypto.randomUUID()}.part`);
    try {
      const file = files.openSync(path, "wx+", 0o600);
      files.unlinkSync(path);
      return new RowFile(path, file, files);
    } catch (cause) {
      const advice = "TMPDIR names another folder, and more memory makes do without a file";
      throw new FileError(folder, `can hold no temporary file (${(cause as NodeJS.ErrnoException).code}); ${advice}`, {
        cause,
      });
    }
  }

  /**
   * Bytes that the system's temporary folder has room for; 0 where there are no files, as in a browser, or nobody
   * knows.
   */
  static room(): number {
    try {
      const free = filesOfNode()?.statfsSync(process.getBuiltinModule("node:os").tmpdir());
      return free ? free.bavail * free.bsize : 0;
    } catch {
      return 0;
    }
  }

  /** @throws FileError where the disk is full */
  append(numbers: Float64Array): void {
    this.#checkOpen();
    const bytes = bytesOf(numbers);
    try {
      for (let at = 0; at < bytes.length; ) {
        const length = Math.min(sliceBytes, bytes.length - at);
        at += this.files.writeSync(this.file, bytes, at, length, this.#length * bytesPerNumber + at);
      }
    } catch (cause) {
      const problem = `differences of pairs, ${this.#length * bytesPerNumber + bytes.length} bytes by now, can not be written`;
      throw new FileError(this.path, `${problem} (${(cause as Error).message})`, { cause });
    }
    this.#length += numbers.length;
  }

  /**
   * Some columns of all rows.
   *
   * @param to `[rows, width]`
   * @param from the first column
   * @param columns of a row
   */
  read(to: Float64Array, from: number, width: number, columns: number): void {
    if (width === columns) this.#fill(to, 0);
    else {
      for (let row = 0; row * width < to.length; row++) {
        this.#fill(to.subarray(row * width, (row + 1) * width), row * columns + from);
      }
    }
  }

  /** All numbers, slice by slice. */
  *parts(): Generator<Float64Array> {
    for (let at = 0; at < this.#length; at += sliceNumbers) {
      const slice = new Float64Array(Math.min(sliceNumbers, this.#length - at));
      this.#fill(slice, at);
      yield slice;
    }
  }

  /** Frees its room on the disk. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    forgotten.unregister(this);
    this.files.closeSync(this.file);
  }

  /** The number of a file that was closed may be another file's by now. */
  #checkOpen(): void {
    if (this.#closed) throw new Error("the file of differences is closed");
  }

  #fill(numbers: Float64Array, at: number): void {
    this.#checkOpen();
    const bytes = bytesOf(numbers);
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(sliceBytes, bytes.length - done);
      const got = this.files.readSync(this.file, bytes, done, length, at * bytesPerNumber + done);
      if (got === 0) throw new FileError(this.path, "ends before all was read");
      done += got;
    }
  }
}

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
