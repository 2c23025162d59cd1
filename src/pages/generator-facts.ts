/** What the page of a generator knows beside its arrays. */
export type GeneratorFacts = {
  readonly layers: number;
  readonly filters: number;
  readonly latents: number;
  /** How many latents the page holds. */
  readonly faces: number;
  /** What an image is, and a channel. */
  readonly image: string;
  readonly unit: string;
  /** Channels that come and go at a press, by the name of the group. */
  readonly groups: readonly { readonly name: string; readonly units: readonly number[] }[];
};
