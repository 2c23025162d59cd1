import { describe, expect, it } from "vitest";
import { declaredParameters, injectParameters, parameterValues } from "../../src/notebook/run/parameters.js";
import { codeCells, notebookOf } from "../helpers/notebooks.js";

const notebook = notebookOf(
  "// setup",
  [
    `let profile: "smoke" | "default" = "default"; // how much
let seed = 1, offset = -2.5;
let live = false;
let name = "mlp";
let widths = [10, 50];
const fixed = 3;`,
    "parameters",
  ],
  "profile",
);

describe("parameters", () => {
  it("are the variables of the tagged cell, with their kinds", () => {
    expect(declaredParameters(notebook)).toEqual([
      { name: "profile", kind: "string", choices: ["smoke", "default"], initial: '"default"' },
      { name: "seed", kind: "number", initial: "1" },
      { name: "offset", kind: "number", initial: "-2.5" },
      { name: "live", kind: "boolean", initial: "false" },
      { name: "name", kind: "string", initial: '"mlp"' },
      { name: "widths", kind: "other", initial: "[10, 50]" },
    ]);
  });

  it("values are read by the kind of the variable", () => {
    const words = ["profile=smoke", "seed=0", "offset=1e-3", "live=true", "name=12", "widths=[5]"];
    expect(parameterValues(notebook, words)).toEqual({
      profile: "smoke",
      seed: 0,
      offset: 0.001,
      live: true,
      name: "12",
      widths: [5],
    });
    expect(parameterValues(notebook, ["name=a=b"])).toEqual({ name: "a=b" });
  });

  it.each([
    ["seed", 'invalid parameter; expected name=value; received "seed"'],
    ["sede=1", 'invalid parameter; expected one of profile, seed, offset, live, name, widths; received "sede"'],
    ["fixed=1", 'invalid parameter; expected one of profile, seed, offset, live, name, widths; received "fixed"'],
    ["seed=many", 'invalid seed; expected a number; received "many"'],
    ["live=1", 'invalid live; expected a boolean; received "1"'],
    ["profile=fast", 'invalid profile; expected one of "smoke", "default"; received "fast"'],
  ])("refuses --set %s", (word, message) => {
    expect(() => parameterValues(notebook, [word])).toThrow(new RangeError(message));
  });

  it("a notebook without a parameters cell takes none", () => {
    expect(() => parameterValues(notebookOf("1"), ["seed=1"])).toThrow(/declares no parameters/);
  });

  it("are injected once, right after the cell that declares them", () => {
    const once = injectParameters(notebook, { seed: 2, profile: "smoke" });
    const twice = injectParameters(once, { seed: 3 });
    expect(codeCells(once).map((cell) => cell.metadata.tags?.[0])).toEqual([
      undefined,
      "parameters",
      "injected-parameters",
      undefined,
    ]);
    expect(codeCells(once)[2].source).toBe('// Set for this run\nseed = 2;\nprofile = "smoke";');
    expect(codeCells(twice)).toHaveLength(4);
    expect(codeCells(twice)[2].source).toBe("// Set for this run\nseed = 3;");
    expect(injectParameters(twice, {})).toEqual(notebook);
  });
});
