/** The part of gifenc that is used here; the package has no types of its own. */
declare module "gifenc" {
  /** Red, green, blue. */
  type Colour = [number, number, number];
  interface Encoder {
    writeFrame(
      index: Uint8Array,
      width: number,
      height: number,
      options?: {
        palette?: Colour[];
        /** Milliseconds. */
        delay?: number;
        transparent?: boolean;
        transparentIndex?: number;
        /** What becomes of a frame when the next one comes; 1: it stays. */
        dispose?: number;
      },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  }
  export function GIFEncoder(): Encoder;
  /** A palette of at most `colours` for pixels `[count, 4]`. */
  export function quantize(rgba: Uint8Array, colours: number): Colour[];
  /** For each pixel the index of the nearest colour. */
  export function applyPalette(rgba: Uint8Array, palette: Colour[]): Uint8Array;
}
