// The code of the README and of the pages runs: each block of TypeScript is checked by the compiler, and played unless
// its fence says "types".
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/package.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { writeExampleFiles } from "./example-files.js";
import { failuresIn, failuresOf, problemsOf, programsOf } from "./programs.js";

const pages = [
  "README.md",
  ...readdirSync(join(packageRoot, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];
const programs = new Map(pages.map((page) => [page, programsOf(page, readFileSync(join(packageRoot, page), "utf8"))]));
const all = [...programs.values()].flat();

describe("code of the pages", () => {
  const folders: string[] = [];
  const folder = () => {
    // Links on the way would give files two names.
    const made = mkdtempSync(join(realpathSync(tmpdir()), "pages-"));
    folders.push(made);
    return made;
  };
  const needsOnnx = (code: string) => code.includes(".onnx");
  const runnable = new Map(
    [...programs].map(([page, some]) => {
      return [page, some.filter(({ runs, code }) => runs && (onnxRuntime || !needsOnnx(code)))] as const;
    }),
  );
  let problems: Map<string, string[]>;
  let failures: Map<string, string | undefined>;
  beforeAll(async () => {
    problems = problemsOf(folder(), all);
    // A folder for each page, a process for all.
    const places = new Map([...runnable.values()].map((some) => [folder(), some]));
    for (const place of places.keys()) writeExampleFiles(place);
    failures = await failuresIn(places);
  }, 900_000);
  afterAll(() => {
    for (const made of folders) rmSync(made, { recursive: true, force: true });
  });

  it("is there, and most of it runs", () => {
    expect(all.length).toBeGreaterThan(35);
    expect(all.filter(({ runs }) => runs).length / all.length).toBeGreaterThan(0.8);
  });

  it.each(all.map(({ name }) => name))("%s is right for the compiler", (name) => {
    expect(problems.get(name)).toEqual([]);
  });

  it.each([...runnable].filter(([, some]) => some.length > 0).map(([page]) => page))("%s runs", (page) => {
    const failed = runnable.get(page)!.map(({ name }) => [name, failures.get(name)] as const);
    expect(failed.filter(([, problem]) => problem !== undefined)).toEqual([]);
  });
});

describe("what the test itself would see", () => {
  it("a wrong type, an error and a wrong value in a comment are found", async () => {
    const place = mkdtempSync(join(realpathSync(tmpdir()), "pages-"));
    try {
      const page =
        "```ts\nconst n: number = 'a';\n```\n```ts\nthrow new Error('no');\n```\n```ts\n1 + 1; // 3, or so\n```\n```ts\n1 + 1; // 2\n```\n```ts\n1 + 1; // 2\nthrow new Error('below');\n```\n";
      const found = programsOf("page.md", page);
      expect(found.map(({ name }) => name)).toEqual([
        "page.md:1",
        "page.md:4",
        "page.md:7",
        "page.md:10",
        "page.md:13",
      ]);
      expect([...problemsOf(place, found).values()].map((messages) => messages.length)).toEqual([1, 0, 0, 0, 0]);
      const failures = [...(await failuresOf(place, found)).values()];
      expect(failures.map((failed) => failed?.split("\n")[0])).toEqual([
        undefined,
        "Error: no",
        "Error: the comment says 3, it is 2",
        undefined,
        "Error: below",
      ]);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });

  it("blocks that go on are one program, and other words behind ts are errors", () => {
    const two = "```ts\nconst a = 1;\n```\ntext\n```ts continued\na + 1; // 2\n```\n";
    expect(programsOf("p", two)).toEqual([{ name: "p:1", code: "const a = 1;\n\na + 1; // 2\n", runs: true }]);
    expect(() => programsOf("p", "```ts skip\n```\n")).toThrow('p:1: "skip" is none of continued, types');
  });
});
