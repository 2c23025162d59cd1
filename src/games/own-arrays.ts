/**
 * Which coalition an array was returned for: one that is written again before it is read has another coalition's
 * values. Of typed arrays it is their numbers in memory that count, whichever view of them is returned.
 */
export class OwnArrays {
  /** By list, or by the memory of typed arrays; then by place, and of lists "". */
  readonly #returned = new WeakMap<object, Map<string, string>>();

  /**
   * Notes whose value an array is; of numbers nothing is to be noted.
   *
   * @param coalition a text that no other coalition has
   * @returns whether it was another coalition's before
   */
  isAnothers(value: unknown, coalition: string): boolean {
    if (typeof value !== "object" || value === null) return false;
    const view = ArrayBuffer.isView(value);
    const owner: object = view ? value.buffer : value;
    const place = view ? `${value.byteOffset} ${value.byteLength}` : "";
    let places = this.#returned.get(owner);
    if (!places) this.#returned.set(owner, (places = new Map()));
    const earlier = places.get(place);
    places.set(place, coalition);
    return earlier !== undefined && earlier !== coalition;
  }
}
