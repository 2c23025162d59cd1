import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Hierarchy, HierarchyMeasure } from "../../../src/analysis/hierarchy.js";
import { hierarchyClaims } from "../../../src/experiments/gan/claims.js";
import { writeGanClaims } from "../../../src/experiments/gan/claims-file.js";
import { ganSettings } from "../../../src/experiments/gan/settings.js";

const folder = mkdtempSync(join(tmpdir(), "claims-"));
afterAll(() => rmSync(folder, { recursive: true }));

const measures: HierarchyMeasure[] = ["spread", "frequency", "edges", "contours", "chroma", "share", "likeness"];

/** Three layers with intervals of ± 0.1 around the values of each measure, and the colours, whose values are absurd. */
function hierarchyOf(values: Partial<Record<HierarchyMeasure, [number, number, number]>>): Hierarchy {
  const layers = ["layer1", "layer2", "layer3", "layer4"];
  const of = (measure: HierarchyMeasure) => [...(values[measure] ?? [1, 1, 1]), 99];
  return {
    layers,
    relativeErrors: [0.1, 0.05, 0.02, 0.01],
    measures: Object.fromEntries(
      measures.map((measure) => [
        measure,
        of(measure).map((value, l) => ({ layer: layers[l], value, low: value - 0.1, high: value + 0.1 })),
      ]),
    ) as unknown as Hierarchy["measures"],
  };
}

/** By measure, and "above" for the claim about contours that is held against the controls alone. */
const verdicts = (network: Hierarchy, controls: Parameters<typeof hierarchyClaims>[1] = []) =>
  Object.fromEntries(
    hierarchyClaims(network, controls).map(({ claim, measure, verdict }) => [
      claim.includes("any control") ? "above" : measure,
      verdict,
    ]),
  );

describe("hierarchyClaims", () => {
  it("hold where the last layer is above the first beyond both intervals, whatever the colours are", () => {
    expect(verdicts(hierarchyOf({ frequency: [1, 5, 1.21], chroma: [1, 0, 1.19], spread: [1.3, 1, 1] }))).toMatchObject(
      {
        frequency: "holds",
        chroma: "not confirmed",
        spread: "not confirmed",
      },
    );
  });

  it("of a peak hold where a layer in between is above the first and the last", () => {
    expect(verdicts(hierarchyOf({ edges: [1, 1.25, 1], contours: [1, 1.25, 1.1] }))).toMatchObject({
      edges: "holds",
      contours: "not confirmed",
    });
  });

  it("are confirmed where no control shows the same, and name those that do", () => {
    const network = hierarchyOf({ frequency: [1, 2, 3], chroma: [1, 2, 3] });
    const controls = [
      { name: "Rotated", hierarchy: hierarchyOf({ frequency: [2, 3, 4] }) },
      { name: "Shuffled", hierarchy: hierarchyOf({ frequency: [1, 1, 2], chroma: [1, 1, 1] }) },
    ];
    expect(verdicts(network, controls)).toMatchObject({
      frequency: "holds, but also in: Rotated, Shuffled",
      chroma: "confirmed: in no control",
      edges: "not confirmed",
    });
  });

  it("about contours hold where every layer is above that of every control, beyond both intervals", () => {
    const network = hierarchyOf({ contours: [1.5, 1.6, 1.5] });
    const near = { name: "Near", hierarchy: hierarchyOf({ contours: [1, 1.39, 1] }) };
    const nearer = { name: "Nearer", hierarchy: hierarchyOf({ contours: [1, 1.41, 1.35] }) };
    expect(verdicts(network, [near]).above).toBe("confirmed: in no control");
    expect(verdicts(network, [near, nearer]).above).toBe("not confirmed");
    expect(verdicts(network).above).toBe("not confirmed");
  });

  it("need layers between the first and the last", () => {
    const { layers, ...rest } = hierarchyOf({});
    expect(() => hierarchyClaims({ ...rest, layers: layers.slice(1) })).toThrow("invalid layers");
  });

  it("are written for people and for programs, with the sampling error", () => {
    const network = hierarchyOf({ frequency: [1, 2, 3] });
    writeGanClaims(hierarchyClaims(network), network, ganSettings("smoke"), folder);
    const json = JSON.parse(readFileSync(join(folder, "gan-claims.json"), "utf8"));
    expect(json).toMatchObject({ profile: "smoke", orderings: 24, samplingErrors: { layer1: 0.1, layer4: 0.01 } });
    expect(json.claims).toHaveLength(7);
    const text = readFileSync(join(folder, "gan-claims.md"), "utf8");
    expect(text).toContain("sampling error of the modes: layer1 10.0 %, layer2 5.0 %");
    expect(text).toContain(
      "| Last layers paint texture: the finest structure | frequency | 1.00, 2.00, 3.00 | holds |",
    );
  });
});
