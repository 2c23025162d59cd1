import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plotlyMime } from "../../src/notebook/display/figure-facts.js";
import { type Output, readNotebook } from "../../src/notebook/run/nbformat.js";
import { packageRoot } from "../../src/package.js";
import { codeCells } from "./notebooks.js";

const notebooks = join(packageRoot, "notebooks");
const folder = mkdtempSync(join(tmpdir(), "committed-"));
const provenanceMime = "application/vnd.shapley-modes.provenance+json";

/** How far a number may be off: other processors round sums of 32-bit floats in other places. */
const relative = 2e-3;
const absolute = 1e-6;

/** A text without its numbers, bars and spaces, and the numbers. */
function apart(text: string) {
  const numbers: number[] = [];
  const words = text
    .replace(/[█▉▊▋▌▍▎▏─]+/g, "")
    .replace(/-?\d+(\.\d+)?(e-?\d+)?/g, (number) => {
      numbers.push(Number(number));
      return "#";
    })
    .replace(/[\s-]+/g, " ");
  return { words, numbers };
}

function expectClose(now: readonly number[], then: readonly number[], where: string): void {
  expect(now.length, where).toBe(then.length);
  now.forEach((value, i) => {
    const tolerated = absolute + relative * Math.max(Math.abs(value), Math.abs(then[i]));
    if (Math.abs(value - then[i]) > tolerated) expect.fail(`${where}: ${value} now, ${then[i]} in the committed one`);
  });
}

/** Every number of a figure, and the rest as text. */
function ofJson(value: unknown) {
  const numbers: number[] = [];
  const rest = JSON.stringify(value, (_, part) => (typeof part === "number" ? numbers.push(part) && "#" : part));
  return { numbers, words: apart(rest).words };
}

/** What a kernel says, once, where there is no Chromium. */
const remark = /^Figures come without a picture .* there is no Chromium at CHROMIUM_PATH .*\n/m;

/** Outputs without that remark. */
function withoutRemark(outputs: readonly Output[]): Output[] {
  return outputs
    .map((output) => (output.output_type === "stream" ? { ...output, text: output.text.replace(remark, "") } : output))
    .filter((output) => output.output_type !== "stream" || output.text !== "");
}

const dataOf = (output: Output) => ("data" in output ? output.data : {}) as Record<string, unknown>;

/**
 * The tests of a notebook as it is committed: executed, complete to readers without a kernel, small, and with the
 * numbers that the code gives today.
 *
 * @param name of its file
 */
export function describeCommitted(name: string): void {
  describe(`${name} as it is committed`, () => {
    const path = join(notebooks, name);
    const committed = codeCells(readNotebook(path));
    const outputs = committed.flatMap((cell) => cell.outputs);

    it("is executed in order, from the first cell to the last, without an error", () => {
      expect(committed.map((cell) => cell.execution_count)).toEqual(committed.map((_, i) => i + 1));
      expect(outputs.filter((output) => output.output_type === "error")).toEqual([]);
    });

    it("shows every output to readers without a kernel: text with everything, a picture with every figure", () => {
      expect(outputs.length).toBeGreaterThan(5);
      for (const output of outputs) {
        if (output.output_type === "stream") continue;
        expect(dataOf(output)).toHaveProperty("text/plain");
        if (plotlyMime in dataOf(output)) expect(String(dataOf(output)["image/png"])).toMatch(/^iVBOR/);
      }
    });

    it("is below 1 MB and does not hold the library", () => {
      expect(statSync(path).size).toBeLessThan(1_000_000);
      expect(readFileSync(path, "utf8")).not.toContain("plotly.js v");
    });

    it("has the numbers that the code gives today", () => {
      const out = join(folder, name);
      const run = spawnSync(
        process.execPath,
        [join(packageRoot, "dist", "cli", "main.js"), "notebook", "run", path, "--out", out],
        {
          encoding: "utf8",
          env: {
            ...process.env,
            SHAPLEY_MODES_INLINE_PLOTLY: "0",
            SHAPLEY_MODES_PROGRESS: "0",
            // Pictures are not compared, and drawing them takes a browser some seconds for each notebook.
            CHROMIUM_PATH: join(folder, "no-browser"),
          },
        },
      );
      expect(run.status, run.stderr).toBe(0);
      const today = codeCells(readNotebook(out));
      expect(today).toHaveLength(committed.length);
      today.forEach((cell, c) => {
        const then = committed[c].outputs;
        const outputs = withoutRemark(cell.outputs);
        expect(
          outputs.map((output) => output.output_type),
          `outputs of cell ${c + 1}`,
        ).toEqual(then.map((output) => output.output_type));
        outputs.forEach((output, o) => {
          const where = `${name}, cell ${c + 1}`;
          const [newer, older] = [dataOf(output), dataOf(then[o])];
          if (provenanceMime in newer) return;
          // Without a browser a large figure comes as its JSON; with one it is its picture alone.
          const isPictureAlone = !(plotlyMime in older) && "image/png" in older;
          if (plotlyMime in older) expect(Object.keys(newer), where).toContain(plotlyMime);
          const pairs =
            plotlyMime in newer && !isPictureAlone
              ? [ofJson(newer[plotlyMime]), ofJson(older[plotlyMime])]
              : [apart(String(newer["text/plain"] ?? "")), apart(String(older["text/plain"] ?? ""))];
          expect(pairs[0].words, where).toBe(pairs[1].words);
          expectClose(pairs[0].numbers, pairs[1].numbers, where);
        });
      });
    }, 1_800_000);
  });
}
