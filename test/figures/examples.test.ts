import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { figureJson } from "../../src/figures/kit/figure-json.js";
import { writeWhole } from "../../src/files.js";
import { deepFrozen, expectSound } from "./figure-helpers.js";
import { samples } from "./samples.js";

/**
 * With UPDATE_EXAMPLES=1 the stored examples are written anew; look at the difference before it is committed.
 */
const update = process.env.UPDATE_EXAMPLES === "1";
const folder = join(import.meta.dirname, "examples");

describe.each(samples)("$name", ({ name, input, draw }) => {
  it("is the stored example", () => {
    const file = join(folder, `${name}.json`);
    const json = figureJson(draw());
    if (update) writeWhole(file, `${json}\n`);
    expect(existsSync(file), `${file}; UPDATE_EXAMPLES=1 writes it`).toBe(true);
    expect(JSON.parse(json)).toEqual(JSON.parse(readFileSync(file, "utf8")));
  });

  it("holds nothing that is not finite, and its caption is drawn", () => expectSound(draw()));

  it("is a pure function: frozen inputs stay as they are, each call makes a figure of its own", () => {
    const before = structuredClone(input);
    deepFrozen(input);
    const [first, second] = [draw(), draw()];
    expect(input).toEqual(before);
    expect(second).toEqual(first);
    expect(second.data).not.toBe(first.data);
    // What is done to one figure reaches neither the next one nor the theme.
    const copy = structuredClone(second);
    deepChanged(first);
    expect(draw()).toEqual(copy);
  });
});

/** Overwrites every number and text of a figure. */
function deepChanged(value: unknown): void {
  if (value === null || typeof value !== "object") return;
  for (const [key, part] of Object.entries(value)) {
    if (part !== null && typeof part === "object") deepChanged(part);
    else (value as Record<string, unknown>)[key] = "changed";
  }
}
