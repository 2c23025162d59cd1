import { summarise } from "../../analysis/summary.js";
import { listOf } from "../../kinds.js";
import { studentFactor } from "../../quantiles.js";
import { type ExpertsClaim, level } from "./claim.js";

/** What becomes of a sentence over decoders that were trained from different seeds. */
export interface ClaimOverDecoders {
  readonly figure: ExpertsClaim["figure"];
  readonly claim: string;
  /** What is averaged: `ExpertsClaim.quantity`. */
  readonly quantity: string;
  /** Of each decoder, in the order of `decoders`. */
  readonly values: readonly number[];
  readonly holds: readonly boolean[];
  readonly mean: number;
  /** Student's interval of 95 % over the decoders; null of a single one. */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * The sentences that were tested on every one of some decoders: in which they hold, and what they are about with an
 * interval over the decoders.
 */
export function claimsOverDecoders(claims: readonly ExpertsClaim[], decoders: readonly string[]): ClaimOverDecoders[] {
  listOf("claims", claims, "ExpertsClaim", "claim", "source");
  const groups = new Map<string, ExpertsClaim[]>();
  for (const own of claims) {
    if (!own.quantity || !decoders.includes(own.source)) continue;
    const key = JSON.stringify([own.claim, own.quantity.name]);
    groups.set(key, [...(groups.get(key) ?? []), own]);
  }
  return [...groups.values()].map((group) => {
    const all = decoders.map((name) => group.find(({ source }) => source === name) as ExpertsClaim);
    const values = all.map(({ quantity }) => (quantity as NonNullable<ExpertsClaim["quantity"]>).value);
    const { mean, sd, count } = summarise(values);
    const half = count > 1 ? (studentFactor(level, count - 1) * sd) / Math.sqrt(count) : undefined;
    return {
      figure: group[0].figure,
      claim: group[0].claim,
      quantity: (group[0].quantity as NonNullable<ExpertsClaim["quantity"]>).name,
      values,
      holds: all.map(({ holds }) => holds === true),
      mean,
      low: half === undefined ? null : mean - half,
      high: half === undefined ? null : mean + half,
    };
  });
}
