/**
 * A sentence of the paper about experts, or one that belongs to it, held against one decoder's numbers or those of all
 * small ones.
 */
export interface ExpertsClaim {
  readonly figure: "C1" | "C2" | "C3" | "C4" | "C5" | "C6";
  readonly claim: string;
  /** Whose numbers. */
  readonly source: string;
  /** The numbers, in words. */
  readonly measured: string;
  /** The number that it is about, which can be averaged over decoders; null where there is none. */
  readonly quantity: { readonly name: string; readonly value: number } | null;
  /** Of the test that belongs to it, corrected where it is one of several; null where there is none. */
  readonly p: number | null;
  /** Null where what it needs was not measured or published. */
  readonly holds: boolean | null;
}

/** A sentence holds where p is at most this, and intervals are of what is left. */
export const level = 0.05;

/** Of tests against lots. */
export interface TestOptions {
  readonly permutations: number;
  readonly seed: number;
}

/** A share in words. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
