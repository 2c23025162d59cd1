// Every `@example` of a doc comment is right for the compiler, and runs unless test/docs/example-programs.ts says why
// not.
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { writeExampleFiles } from "./example-files.js";
import { examplesOf, typesOnly } from "./example-programs.js";
import { failuresOf, problemsOf } from "./programs.js";

const examples = examplesOf();

describe("examples in the doc comments", () => {
  const place = mkdtempSync(join(realpathSync(tmpdir()), "examples-"));
  afterAll(() => rmSync(place, { recursive: true, force: true }));
  let problems: Map<string, string[]>;
  let failures: Map<string, string | undefined>;
  const runnable = examples.filter(({ runs, code }) => runs && (onnxRuntime || !code.includes(".onnx")));
  beforeAll(async () => {
    problems = problemsOf(place, examples);
    writeExampleFiles(place);
    failures = await failuresOf(place, runnable);
  });

  it("are there, each that is not run exists, and most are run", () => {
    expect(examples.length).toBeGreaterThan(60);
    const known = new Set(examples.map(({ of }) => of));
    expect(Object.keys(typesOnly).filter((name) => !known.has(name))).toEqual([]);
    expect(examples.filter(({ runs }) => runs).length / examples.length).toBeGreaterThan(0.65);
  });

  it.each(examples.map(({ name }) => name))("%s is right for the compiler", (name) => {
    expect(problems.get(name)).toEqual([]);
  });

  it.each(runnable.map(({ name }) => name))("%s runs", (name) => {
    expect(failures.get(name)).toBeUndefined();
  });
});
