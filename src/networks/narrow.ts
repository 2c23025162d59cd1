/** How large a network is. */
export interface NetworkSize {
  /** Weights, biases and the like; of layers that are used several times once. */
  readonly parameters: number;
  /** Bytes of its file, as `save` writes it: dense layers in 16 bits where that loses nothing, else in 32. */
  readonly bytes: number;
}

/** A network without some of its units, as the networks that can lose some make it. */
export interface Narrowed<N> {
  readonly network: N;
  readonly before: NetworkSize;
  readonly after: NetworkSize;
  /**
   * Writes it as a file of the kind that it was read from, whole or not at all; dense layers in 16 bits where that
   * loses nothing, else in 32. @returns checksum of the file
   */
  save(path: string): string;
}
