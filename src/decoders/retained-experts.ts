/** Which experts of a decoder stay: for every layer, by its number, their indices. What JSON holds. */
export interface RetainedExperts {
  readonly layers: Readonly<Record<string, readonly number[]>>;
}
