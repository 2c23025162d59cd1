import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../src/package.js";

interface File {
  name: string;
  status: string;
  assertionResults: { status: string; fullName: string }[];
}
const { totals } = (await import(join(packageRoot, "scripts", "test-totals.mjs"))) as {
  totals(report: object, root: string, strict: boolean): { lines: string[]; failed: number };
};

const file = (name: string, ...states: string[]): File => ({
  name: `/p/${name}`,
  status: states.includes("failed") ? "failed" : "passed",
  assertionResults: states.map((status) => ({ status, fullName: status })),
});
const told = (strict: boolean, ...testResults: File[]) => {
  const success = testResults.every(({ status }) => status === "passed");
  return totals({ success, testResults }, "/p", strict);
};

it("ends in the totals, alone on their line, and counts what was left out before", () => {
  const { lines, failed } = told(false, file("test/a.test.ts", "passed", "passed", "skipped"), file("b", "failed"));
  expect(lines).toEqual(["left out: 1 of test/a.test.ts: what it needs is absent", "1 skipped", "2 passed, 1 failed"]);
  expect(failed).toBe(1);
});

it("in CI only what it can not provide may be left out", () => {
  const published = file("test/published/published-modes.test.ts", "passed", "skipped", "skipped");
  expect(told(true, published)).toEqual({
    lines: [
      "left out: 2 of test/published/published-modes.test.ts: needs the authors' published networks (MSA_XAI_DIR)",
      "2 skipped",
      "1 passed, 0 failed",
    ],
    failed: 0,
  });
  for (const state of ["skipped", "pending", "todo"])
    expect(told(true, file("test/a.test.ts", "passed", state)).lines.slice(-2)).toEqual([
      "0 skipped",
      "1 passed, 1 failed",
    ]);
});

it("nothing that was not run passes: a file that can not be read, an error of no test, no test at all", () => {
  const unreadable = { ...file("test/a.test.ts"), status: "failed" };
  expect(told(true, unreadable, file("b", "passed")).lines.at(-1)).toBe("1 passed, 1 failed");
  expect(totals({ success: false, testResults: [file("b", "passed")] }, "/p", true).failed).toBe(1);
  expect(told(true).failed).toBe(1);
});
