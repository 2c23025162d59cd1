/** Which channels of each layer are intact. */
export interface LayerMasks {
  /** A layer's channels: 1 intact, 0 lesioned. */
  of(layer: number): Float32Array;
  /**
   * Leaves only these channels intact, by layer; returns the first layer that changed, or the number of layers where
   * none did.
   */
  set(intact: readonly (readonly number[])[]): number;
  /** Brings one channel back and returns its layer. */
  add(layer: number, channel: number): number;
}

/** Masks of layers of some widths. The first time that they are set, the first layer counts as changed. */
export function layerMasks(widths: readonly number[]): LayerMasks {
  const masks = widths.map((width) => new Float32Array(width));
  let fresh = true;
  return {
    of: (layer) => masks[layer],
    set(intact) {
      let first = fresh ? 0 : widths.length;
      fresh = false;
      masks.forEach((mask, l) => {
        const next = new Float32Array(mask.length);
        for (const channel of intact[l]) next[channel] = 1;
        if (l < first && next.some((value, c) => value !== mask[c])) first = l;
        mask.set(next);
      });
      return first;
    },
    add(layer, channel) {
      masks[layer][channel] = 1;
      return layer;
    },
  };
}
