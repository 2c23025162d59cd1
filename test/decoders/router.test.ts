import { describe, expect, it } from "vitest";
import { route } from "../../src/decoders/router.js";
import { expertLesions } from "../../src/decoders/units.js";
import { fc } from "../helpers/properties.js";

const cases = fc.integer({ min: 1, max: 8 }).chain((count) =>
  fc.record({
    logits: fc.uniqueArray(fc.float({ min: -200, max: 200, noNaN: true }), { minLength: count, maxLength: count }),
    perToken: fc.integer({ min: 1, max: count }),
    normalised: fc.boolean(),
    lesioned: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
  }),
);
type Case = { logits: number[]; perToken: number; normalised: boolean; lesioned: boolean[] };

const routed = ({ logits, perToken, normalised }: Case, lesioned: boolean[], lesion: (typeof expertLesions)[number]) =>
  route(Float32Array.from(logits), 0, { count: logits.length, perToken, normalised }, lesioned, lesion);
const total = (gates: readonly number[]) => gates.reduce((a, b) => a + b, 0);
const close = (a: number, b: number) => expect(Math.abs(a - b)).toBeLessThan(1e-6);

describe("a router", () => {
  it("picks the most probable experts, with their probabilities, or rescaled to add up to 1", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const { experts, gates } = routed(
          one,
          one.logits.map(() => false),
          "silence",
        );
        const best = one.logits
          .map((logit, e) => ({ logit, e }))
          .sort((a, b) => b.logit - a.logit || a.e - b.e)
          .slice(0, one.perToken);
        expect(experts).toEqual(best.map(({ e }) => e).sort((a, b) => a - b));
        const whole = total(one.logits.map((logit) => Math.exp(logit - best[0].logit)));
        const sum = total(gates);
        if (one.normalised) close(sum, 1);
        else experts.forEach((e, i) => close(gates[i], Math.exp(one.logits[e] - best[0].logit) / whole));
      }),
    );
  });

  it("with silent experts leaves the others as they were", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const intact = routed(
          one,
          one.logits.map(() => false),
          "silence",
        );
        const { experts, gates } = routed(one, one.lesioned, "silence");
        const left = intact.experts.map((e, i) => [e, intact.gates[i]] as const).filter(([e]) => !one.lesioned[e]);
        expect(experts.map((e, i) => [e, gates[i]])).toEqual(left);
      }),
    );
  });

  it("that is rescaled gives the same experts gates of the same ratios that add up to 1, but only where one of them is lesioned", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const silent = routed(one, one.lesioned, "silence");
        const { experts, gates } = routed(one, one.lesioned, "renormalise");
        expect(experts).toEqual(silent.experts);
        if (experts.length === one.perToken) expect(gates).toEqual(silent.gates);
        else if (experts.length > 0) {
          close(total(gates), 1);
          const sum = total(silent.gates);
          if (sum > 1e-20) gates.forEach((gate, i) => close(gate, silent.gates[i] / sum));
        }
      }),
    );
  });

  it("that others are taken out of is the router of those that are left", () => {
    fc.assert(
      fc.property(cases, (one) => {
        const left = one.logits.map((_, e) => e).filter((e) => !one.lesioned[e]);
        const smaller = {
          ...one,
          logits: left.map((e) => one.logits[e]),
          perToken: Math.min(one.perToken, left.length),
        };
        const { experts, gates } = routed(one, one.lesioned, "reroute");
        const expected =
          left.length === 0
            ? { experts: [], gates: [] }
            : routed(
                smaller,
                left.map(() => false),
                "reroute",
              );
        expect({ experts, gates }).toEqual({ experts: expected.experts.map((e) => left[e]), gates: expected.gates });
      }),
    );
  });

  it("has no numbers that are none, whatever is lesioned and however far apart the logits are", () => {
    for (const lesion of expertLesions) {
      for (const lesioned of [
        [true, true],
        [true, false],
        [false, true],
      ]) {
        const { gates } = route(
          Float32Array.of(3e38, -3e38),
          0,
          { count: 2, perToken: 2, normalised: false },
          lesioned,
          lesion,
        );
        for (const gate of gates) expect(gate >= 0 && gate <= 1).toBe(true);
      }
    }
  });
});
