import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Hierarchy, HierarchyMeasure } from "../../../src/analysis/hierarchy.js";
import { hierarchyClaims, type NamedHierarchy } from "../../../src/experiments/gan/claims.js";
import { writeGanClaims } from "../../../src/experiments/gan/claims-file.js";
import { partClaim } from "../../../src/experiments/gan/part-claim.js";
import { ganSettings } from "../../../src/experiments/gan/settings.js";

const folder = mkdtempSync(join(tmpdir(), "claims-"));
afterAll(() => rmSync(folder, { recursive: true }));

const measures: HierarchyMeasure[] = ["spread", "frequency", "edges", "contours", "chroma", "share", "likeness"];

/** Three layers with intervals of ± 0.1 around the values of each measure, and the colours, whose values are absurd. */
function hierarchyOf(values: Partial<Record<HierarchyMeasure, [number, number, number]>> = {}): Hierarchy {
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
const verdicts = (network: Hierarchy, controls?: readonly NamedHierarchy[], reference = network) =>
  Object.fromEntries(
    hierarchyClaims(network, controls && { reference: { hierarchy: reference }, controls }).map(
      ({ claim, measure, verdict }) => [claim.includes("any control") ? "above" : measure, verdict],
    ),
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

  it("hold only where they hold with the faces and orderings of the controls too, and show the network's own values", () => {
    const network = hierarchyOf({ frequency: [1, 2, 3], chroma: [1, 2, 3], contours: [1.5, 1.6, 1.5] });
    const reference = hierarchyOf({ frequency: [1, 2, 3], chroma: [1, 1, 1.1], contours: [1.5, 1.6, 1.1] });
    const flat = [{ name: "Flat", hierarchy: hierarchyOf() }];
    expect(verdicts(network, flat, reference)).toMatchObject({
      frequency: "confirmed: in no control",
      chroma: "not confirmed: not seen with the controls' faces and orderings",
      above: "not confirmed: not seen with the controls' faces and orderings",
    });
    const claims = hierarchyClaims(network, { reference: { hierarchy: reference }, controls: flat });
    expect(claims.find(({ measure }) => measure === "chroma")).toMatchObject({
      measured: "1.00, 2.00, 3.00",
      holds: false,
    });
    expect(verdicts(reference, flat, network).chroma).toBe("not confirmed");
  });

  it("are not known where a value is not, of the network, the reference or a control", () => {
    const unknown = hierarchyOf({ likeness: [Number.NaN, Number.NaN, Number.NaN] });
    const known = hierarchyOf({ likeness: [1, 2, 3] });
    const control = (hierarchy: Hierarchy) => [{ name: "Flat", hierarchy }];
    expect(verdicts(unknown).likeness).toBe("not known");
    expect(hierarchyClaims(unknown)[1].holds).toBeNull();
    expect(verdicts(known, control(hierarchyOf()), unknown).likeness).toBe("not known");
    expect(verdicts(known, control(unknown)).likeness).toBe("not known");
    expect(verdicts(known, control(hierarchyOf())).likeness).toBe("confirmed: in no control");
  });

  it("refuse controls of other layers", () => {
    const network = hierarchyOf();
    const other = { ...network, layers: [...network.layers, "layer5"] };
    const fair = { reference: { hierarchy: network }, controls: [{ name: "Deep", hierarchy: other }] };
    expect(() => hierarchyClaims(network, fair)).toThrow(
      "invalid layers of Deep; expected those of the network, layer1, layer2, layer3, layer4",
    );
    expect(() => hierarchyClaims(network, { reference: { hierarchy: other }, controls: [] })).toThrow(
      "invalid layers of the reference",
    );
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
    expect(text).not.toContain("Controls");
    expect(text).toContain(
      "| Last layers paint texture: the finest structure | frequency | 1.00, 2.00, 3.00 | holds |",
    );
  });

  it("are written with how the controls were played, and how well", () => {
    const network = hierarchyOf({ frequency: [1, 2, 3] });
    const rough = { ...network, relativeErrors: [0.4, 0.3, 0.2, 0.1] };
    const compared = { reference: { hierarchy: network }, controls: [{ name: "Rotated", hierarchy: rough }] };
    writeGanClaims(hierarchyClaims(network, compared), network, ganSettings("default"), folder, compared);
    expect(JSON.parse(readFileSync(join(folder, "gan-claims.json"), "utf8")).controls).toEqual({
      ...ganSettings("default").controls,
      samplingErrors: {
        Rotated: { layer1: 0.4, layer2: 0.3, layer3: 0.2, layer4: 0.1 },
        "The network itself": { layer1: 0.1, layer2: 0.05, layer3: 0.02, layer4: 0.01 },
      },
    });
    const text = readFileSync(join(folder, "gan-claims.md"), "utf8");
    expect(text).toMatch(/with \d+ faces and \d+ orderings; sampling error:/);
    expect(text).toContain("- Rotated: layer1 40.0 %, layer2 30.0 %, layer3 20.0 %, layer4 10.0 %");
  });
});

describe("partClaim", () => {
  const layer = (value: number, low: number, high: number) => ({
    layer: "layer",
    units: 10,
    specific: 10 * value,
    share: { value, low, high },
    features: {},
  });

  it("holds where more of the first layer's filters paint one part than of the last one's, beyond both intervals", () => {
    const [many, some, none] = [layer(0.6, 0.4, 0.8), layer(0.2, 0.1, 0.39), layer(0, 0, 0.3)];
    expect(partClaim([many, none, some])).toMatchObject({
      holds: true,
      verdict: "holds",
      measured: "0.600, 0.00, 0.200",
    });
    expect(partClaim([many, none, layer(0.2, 0.1, 0.41)])).toMatchObject({ holds: false, verdict: "not confirmed" });
    expect(partClaim([some, many]).verdict).toBe("not confirmed");
    expect(partClaim([none, none]).verdict).toBe("not confirmed");
  });

  it("is not known where no image shows a part", () => {
    const unknown = layer(Number.NaN, Number.NaN, Number.NaN);
    const claim = partClaim([unknown, unknown]);
    expect(claim).toMatchObject({ holds: null, verdict: "not known" });
    const network = hierarchyOf();
    writeGanClaims([...hierarchyClaims(network), claim], network, ganSettings("smoke"), folder);
    expect(readFileSync(join(folder, "gan-claims.md"), "utf8")).toContain("| parts | NaN, NaN | not known |");
    expect(() => partClaim([unknown])).toThrow("invalid layers");
  });
});
