import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";
import { meanOverTasks } from "../../src/modes/task-mean.js";
import { modesData } from "../../src/notebook/results/modes-summary.js";

const tasks = ["German", "addition"];
const contrasts = [{ name: "German less addition", plus: ["German"], minus: ["addition"] }];
const parts = { units: ["L0/E0", "L0/E1"], outputShape: [3], values: Float64Array.of(1, 3, -2, 4, 2, 2) };
const modes = new ShapleyModes({ ...parts, provenance: { game: { tasks, contrasts } } });

describe("the mean of modes of a game with contrasts", () => {
  it("is over the tasks alone, and says so wherever it is shown", () => {
    expect([...meanOverTasks(modes)!.values]).toEqual([2, 3]);
    const printed = inspect(modes);
    expect(printed).toContain("mean over the 2 tasks alone, without contrasts");
    expect(printed.indexOf("L0/E1")).toBeLessThan(printed.indexOf("L0/E0"));
    const shown = modesData(modes);
    expect(shown["text/html"]).toContain("mean over the 2 tasks alone, without contrasts");
    expect(shown["text/plain"]).toContain("mean over the 2 tasks alone, without contrasts");
  });

  it("is over all outputs where there are no contrasts, and of a part of the outputs", () => {
    const whole = new ShapleyModes({ ...parts, provenance: { game: { tasks: [...tasks, "more"] } } });
    expect(meanOverTasks(whole)).toBeUndefined();
    expect(inspect(whole)).toContain("mean over 3 outputs");
    const part = new ShapleyModes({
      ...parts,
      outputShape: [1],
      values: Float64Array.of(1, 2),
      provenance: modes.provenance,
    });
    expect(meanOverTasks(part)).toBeUndefined();
    expect(meanOverTasks(new ShapleyModes(parts))).toBeUndefined();
    expect(meanOverTasks(new ShapleyModes({ ...parts, provenance: { game: "a name" } }))).toBeUndefined();
  });
});
