import { describe, expect, test, vi } from "vitest";
import { questionNames } from "../../src/cli/game-options.js";
import { sizeOption, untilOption } from "../../src/cli/options.js";
import { run } from "../../src/cli/program.js";
import { sizeText } from "../../src/words.js";
import { runCommand } from "../helpers/command.js";
import { fc } from "../helpers/properties.js";

describe("a size on the command line", () => {
  test("is bytes", () => {
    expect(["500MB", "1.5 GB", "2gb", "3kb"].map((text) => sizeOption("memory", text))).toEqual([
      5e8, 1.5e9, 2e9, 3000,
    ]);
  });

  test("may be one that the package printed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (bytes) => {
        const read = sizeOption("memory", sizeText(bytes));
        expect(Math.abs(read - bytes)).toBeLessThanOrEqual(Math.max(1e6, 0.05 * bytes));
      }),
    );
  });

  test.each(["", "64", "MB", "-1MB", "0MB", "1e3MB", "2TB", "99999999999GB"])("%s is refused by name", (text) => {
    expect(() => sizeOption("memory", text)).toThrow(/^invalid memory; expected a size such as 500MB or 2GB; received/);
  });
});

describe("untilOption", () => {
  test("reads rules, several of them with commas or one each", () => {
    expect(untilOption(["standard-error=0.002, top=30", "rank-stability=.95", "mean-standard-error=1e-3"])).toEqual({
      standardError: 0.002,
      top: 30,
      rankStability: 0.95,
      meanStandardError: 0.001,
    });
  });

  test("refuses what is none, by name", () => {
    expect(() => untilOption(["standard-error"])).toThrow("invalid until; expected rules such as standard-error=0.002");
    expect(() => untilOption(["standarderror=1"])).toThrow(
      /invalid rule of until; expected one of standard-error, mean-standard-error/,
    );
    expect(() => untilOption(["top=3", "top=4"])).toThrow("invalid until; expected one value for top");
    // What is no number is refused with all other bad values, by its rule.
    expect(untilOption(["seconds=soon"])).toEqual({ seconds: "soon" });
  });
});

test("an option that is missing because it is misspelt is told with what was written", async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  const codes = [await run(["merge", "a.npz", "b.npz", "--ouT=c.npz"]), await run(["merge", "a.npz", "b.npz"])];
  vi.restoreAllMocks();
  expect(codes).toEqual([1, 1]);
  expect(said.filter((text) => text.startsWith("error"))).toEqual([
    "error: required option '--out <file>' not specified; there is no option --ouT\n",
    "error: required option '--out <file>' not specified\n",
  ]);
});

test("what is asked of a network is refused beside a module's game, which would not hear of it", async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
  const plan = ["job", "plan", "--game", "none.mjs#none", "--folder", "none"];
  const foreign = Object.keys(questionNames);
  for (const name of ["tasks", "units", ...foreign]) await run([...plan, `--${name}`, "x=1"]);
  vi.restoreAllMocks();
  const expected = ["tasks", "units", ...foreign].map((name) =>
    expect.stringMatching(new RegExp(`^error: invalid ${name}; expected none beside --game; received `)),
  );
  expect(said.filter((text) => text.startsWith("error"))).toEqual(expected);
  expect(foreign).toHaveLength(15);
});

test("help tells of a command, however deep it is, and that there is none", async () => {
  const help = async (...argv: string[]) => {
    const { status, stdout, stderr } = await runCommand(".", argv);
    return { status, text: stdout + stderr };
  };
  for (const words of [["analyse"], ["job"], ["job", "plan"], ["notebook", "html"]]) {
    const { status, text } = await help("help", ...words);
    expect(status).toBe(0);
    expect(text).toBe((await help(...words, "--help")).text);
  }
  expect((await help("help", "bench", "mlp")).text).toContain("Usage: shapley-modes bench [options] <target>");
  const unknown = await help("help", "job", "plam");
  expect(unknown.status).toBe(1);
  expect(unknown.text).toMatch(/^error: unknown command 'plam'\n/);
});
