import type { Network, Site } from "./network.js";

/** A site that loses units. */
export interface NarrowSite {
  readonly site: Site;
  /** Numbers of the units that stay, ascending. */
  readonly kept: readonly number[];
  /** What each unit holds where it is lesioned, `[units]`; NaN where that differs from place to place, as a mean over images does. */
  readonly constants: Float32Array;
}

/** How large a network is. */
export interface NetworkSize {
  /** Weights, biases and the like; of layers that are used several times once. */
  readonly parameters: number;
  /** Bytes of its file. */
  readonly bytes: number;
}

/** A network without some of its units, as the networks that can lose some make it. */
export interface Narrowed<N extends Network = Network> {
  readonly network: N;
  readonly before: NetworkSize;
  readonly after: NetworkSize;
  /** Writes it as a file of the kind that it was read from, whole or not at all. @returns checksum of the file */
  save(path: string): string;
}
