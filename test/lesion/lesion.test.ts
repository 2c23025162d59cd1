import { describe, expect, it } from "vitest";
import {
  type Lesion,
  lesionFromText,
  lesionInputs,
  lesionKinds,
  lesionPlan,
  lesionTexts,
  lesionTurns,
  lesionWith,
} from "../../src/lesion/lesion.js";
import type { InputRows } from "../../src/networks/network.js";
import { siteOf } from "../../src/networks/sites.js";
import { numbers, smallMlp } from "../networks/mlp/small.js";

const network = smallMlp({ inputs: 2, hidden: 3, outputs: 2 });
const played: InputRows = { count: 2, data: [Float32Array.of(1, 2, 3, 4)] };
const other = Float32Array.of(5, 6, 7, 8);
const site = siteOf(network, "hidden");
/** What the site holds: each row's first number, times 1, 2 and 3. */
const heldOn = async ({ count, data: [rows] }: InputRows) => [
  Float32Array.from({ length: 3 * count }, (_, i) => Number(rows[2 * Math.floor(i / 3)]) * ((i % 3) + 1)),
];

/** Of each kind a lesion, what it is as a text, and what a unit then holds in each turn. */
const kinds: Record<(typeof lesionKinds)[number], [Lesion, string, number[][]][]> = {
  zero: [["zero", "zero", [[0, 0, 0]]]],
  mean: [
    ["mean", "mean", [[2, 4, 6]]],
    [{ mean: other }, "mean:f.npy", [[6, 12, 18]]],
  ],
  activation: [
    [{ activation: other }, "activation:f.npy", [[5, 10, 15, 7, 14, 21]]],
    [{ activation: other.slice(0, 2) }, "activation:f.npy", [[5, 10, 15]]],
  ],
  constant: [[{ constant: -0.5 }, "constant:-0.5", [[-0.5, -0.5, -0.5]]]],
  background: [
    [
      { background: other },
      "background:f.npy",
      [
        [5, 10, 15],
        [7, 14, 21],
      ],
    ],
  ],
};

describe.each(lesionKinds)("the lesion %s", (kind) => {
  it.each(kinds[kind])("%j is what all games make of it", async (lesion, text, expected) => {
    const plan = lesionPlan(lesion, network, played);
    expect(plan.kind).toBe(kind);
    const turns = await lesionTurns(plan, [site], heldOn);
    expect(turns.map(([values]) => Array.from(values))).toEqual(expected);
    const named = lesionWith(lesion, () => "f.npy");
    expect(lesionFromText(text)).toEqual(named);
    expect(lesionInputs(named)).toEqual(text.includes("f.npy") ? { kind, inputs: "f.npy" } : { kind });
    expect(lesionWith(named, () => (lesionInputs(lesion).inputs ?? other) as never)).toEqual(lesion);
    expect(lesionTexts).toContain(text.replace("f.npy", "FILE").replace("-0.5", "VALUE"));
  });
});

describe("lesions", () => {
  it("are refused where they are none, or their inputs do not fit", async () => {
    for (const none of ["axe", null, {}, { zero: 1 }, 3]) {
      const rule = 'invalid lesion; expected "zero", "mean", { mean: inputs }, { activation: inputs }';
      expect(() => lesionPlan(none as never, network, played)).toThrow(rule);
      expect(() => lesionWith(none as never, () => 1)).toThrow(rule);
      expect(() => lesionInputs(none as never)).toThrow(rule);
    }
    expect(() => lesionPlan({ activation: numbers(6) }, network, played)).toThrow(
      "invalid lesion activation; expected one input, or 2, as many as the game has; received 3",
    );
    for (const kind of ["mean", "activation", "background"] as const) {
      const given = (inputs: unknown) => () => lesionPlan({ [kind]: inputs } as never, network, played);
      expect(given(numbers(3))).toThrow(`invalid lesion ${kind} input; expected one or more rows of shape [2]`);
      expect(given(undefined)).toThrow(`invalid lesion ${kind}`);
    }
    expect(() => lesionPlan({ constant: "1" as never }, network, played)).toThrow(TypeError);
    const infinite = async () => [Float32Array.of(1, Number.POSITIVE_INFINITY, 2)];
    await expect(lesionTurns(lesionPlan("mean", network, played), [site], infinite)).rejects.toThrow(
      "invalid lesion; expected finite activations of the site hidden; received Infinity",
    );
    for (const text of ["mean:", "constant:", "constant:big", "axe", "activation"]) {
      expect(() => lesionFromText(text)).toThrow(`invalid lesion; expected one of ${lesionTexts}; received`);
    }
  });
});
