import { expect, it } from "vitest";
import type { ExpertsClaim } from "../../../src/experiments/experts/claim.js";
import { claimsOverDecoders } from "../../../src/experiments/experts/claims-over-decoders.js";

function claim(source: string, value: number | null, holds: boolean, name = "share"): ExpertsClaim {
  const quantity = value === null ? null : { name, value };
  return { figure: "C2", claim: "first layers", source, measured: "", quantity, p: null, holds };
}

it("sentences over decoders have the mean, Student's interval over decoders, and in which of them they hold", () => {
  const claims = [
    claim("Mixtral", 9, true),
    ...[1, 2, 6].map((value, d) => claim(`experts-${d + 1}`, value, value > 1)),
    ...[5, 5, 5].map((value, d) => claim(`experts-${d + 1}`, value, true, "another number of the same sentence")),
    claim("experts-1", null, true),
  ];
  const [first, second, ...rest] = claimsOverDecoders(claims, ["experts-1", "experts-2", "experts-3"]);
  expect(rest).toEqual([]);
  expect(first).toMatchObject({ quantity: "share", values: [1, 2, 6], holds: [false, true, true], mean: 3 });
  // t of two degrees of freedom is 4.303; the standard deviation is sqrt(7).
  const half = (4.30265 * Math.sqrt(7)) / Math.sqrt(3);
  expect(first.high! - first.mean).toBeCloseTo(half, 3);
  expect(first.mean - first.low!).toBeCloseTo(half, 3);
  expect(second).toMatchObject({ mean: 5, low: 5, high: 5 });
  expect(claimsOverDecoders(claims.slice(1, 2), ["experts-1"])).toMatchObject([{ mean: 1, low: null, high: null }]);
});
