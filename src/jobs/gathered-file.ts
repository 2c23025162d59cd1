import { writeAll } from "../files.js";

/** Bytes that are gathered before they are written: many small writes cost more than the bytes in them. */
const gathered = 1 << 18;
/** Milliseconds for which they may wait for more: what a killed process loses. */
const patience = 100;

/** Appends to an open file, a few blocks at a time where these come fast. */
export class GatheredFile {
  #held: Uint8Array | undefined;
  #length = 0;
  #writtenAt = performance.now();

  constructor(readonly file: number) {}

  /** Whether all that was appended is in the file. */
  get empty(): boolean {
    return this.#length === 0;
  }

  /** @throws where the file can not be written: what was gathered may then be there in part */
  append(...parts: readonly Uint8Array[]): void {
    for (const part of parts) {
      if (this.#length + part.length > gathered) this.flush();
      if (part.length > gathered) writeAll(this.file, part);
      else this.#take(part);
    }
    if (performance.now() - this.#writtenAt >= patience) this.flush();
  }

  flush(): void {
    this.#writtenAt = performance.now();
    const length = this.#length;
    if (!this.#held || length === 0) return;
    this.#length = 0; // what could not be written is not written again behind itself
    writeAll(this.file, this.#held.subarray(0, length));
  }

  #take(part: Uint8Array): void {
    this.#held ??= new Uint8Array(gathered);
    this.#held.set(part, this.#length);
    this.#length += part.length;
  }
}
