import { describe, expect, it } from "vitest";
import { removedExperts, retainedExperts } from "../../../src/analysis/smaller/retained-experts.js";
import { fc } from "../../helpers/properties.js";

const units = ["L0/E0", "L0/E1", "L0/E2", "L3/E0", "L3/E1", "L3/E2"];

describe("retained experts", () => {
  it("are those that are left when the least goes, one after the other", () => {
    const scores = [0.5, 0.1, 0.2, -1, 0.9, 0.3];
    expect(retainedExperts(units, scores, { keep: 6 }).layers).toEqual({ 0: [0, 1, 2], 3: [0, 1, 2] });
    expect(retainedExperts(units, scores, { keep: 4 }).layers).toEqual({ 0: [0, 2], 3: [1, 2] });
    expect(retainedExperts(units, scores, { keep: 2 }).layers).toEqual({ 0: [0], 3: [1] });
    expect(retainedExperts(units, [9, 8, 7, 1, 2, 3], { keep: 4, even: true }).layers).toEqual({
      0: [0, 1],
      3: [1, 2],
    });
    expect(retainedExperts(units, [9, 8, 7, 1, 2, 3], { keep: 4 }).layers).toEqual({ 0: [0, 1, 2], 3: [2] });
    // Equal scores: the last one goes first.
    expect(retainedExperts(units, [0, 0, 0, 0, 0, 0], { keep: 5 }).layers).toEqual({ 0: [0, 1, 2], 3: [0, 1] });
  });

  it("of units of which one stands twice are none", () => {
    const twice = ["L0/E0", "L0/E0", "L0/E1"];
    expect(() => retainedExperts(twice, [1, 2, 3], { keep: 2 })).toThrow(
      'invalid unit; expected each expert once; received "L0/E0"',
    );
  });

  it("are as many as wanted, enough in every layer, and no expert that goes scores more than one that stays, but for full layers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1, max: 1 }), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 6, max: 12 }),
        (scores, keep) => {
          const names = scores.map((_, i) => `L${Math.floor(i / 4)}/E${i % 4}`);
          const retained = retainedExperts(names, scores, { keep, perLayer: 2 });
          const left = Object.values(retained.layers);
          expect(left.flat()).toHaveLength(keep);
          for (const layer of left) expect(layer.length).toBeGreaterThanOrEqual(2);
          const gone = removedExperts(names, retained);
          expect(gone).toHaveLength(12 - keep);
          const open = names.filter((name) => !gone.includes(name) && retained.layers[name[1]].length > 2);
          const score = (name: string) => scores[names.indexOf(name)];
          for (const name of open) for (const other of gone) expect(score(name)).toBeGreaterThanOrEqual(score(other));
        },
      ),
    );
  });

  it("are all of a layer that a list does not name; a layer or an expert that there is not is refused", () => {
    expect(removedExperts(units, { layers: { 0: [1] } })).toEqual(["L0/E0", "L0/E2"]);
    expect(removedExperts(units, { layers: {} })).toEqual([]);
    const refused = (layers: unknown) => expect(() => removedExperts(units, { layers } as never));
    refused({ 0: ["1"] }).toThrow('invalid retained expert of layer 0; expected an expert of that layer; received "1"');
    refused({ 0: [undefined, 1] }).toThrow("received undefined");
    refused(new Map([["0", [1]]])).toThrow("invalid retained; expected experts that stay by layer");
    refused({ 0: [99] }).toThrow("invalid retained expert of layer 0; expected an expert of that layer; received 99");
    refused({ 1: [0] }).toThrow('invalid layer of retained; expected one of 0, 3; received "1"');
    refused({ 0: 1 }).toThrow("invalid retained experts of layer 0");
    refused([[0]]).toThrow("invalid retained");
  });

  it("are refused where numbers do not fit together", () => {
    const refused = (...given: unknown[]) => expect(() => retainedExperts(...(given as [never, never, never])));
    refused(["L0"], [1], { keep: 1 }).toThrow(/invalid unit; expected the name of an expert, such as L1\/E3/);
    refused(units, [1, 2], { keep: 2 }).toThrow(/invalid scores; expected 6 numbers/);
    refused(units, [1, 2, 3, 4, 5, Number.NaN], { keep: 2 }).toThrow(/invalid scores; expected finite numbers/);
    refused(units, [1, 2, 3, 4, 5, 6], { keep: 3, perLayer: 2 }).toThrow(/invalid keep; expected from 2 in each of 2/);
    refused(units, [1, 2, 3, 4, 5, 6], { keep: 3, even: true }).toThrow(/invalid keep; expected as many in each of 2/);
    refused(units, [1, 2, 3, 4, 5, 6], { keep: 7 }).toThrow(/invalid keep/);
  });
});
