// Whatever is given to a function in the place of its first argument: one clear error of ours, and nothing that begins
// to work.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe as about, expect, it } from "vitest";
import * as core from "../src/core.js";
import { isOurs } from "../src/errors.js";
import * as figures from "../src/figures.js";
import { IncompleteJobError } from "../src/jobs/reduce-job.js";
import { packageRoot } from "../src/package.js";

const { exports } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { exports: object };
const entries = Object.keys(exports)
  .filter((place) => place !== "./package.json")
  .map((place) => (place === "." ? "index" : place.slice(2)));

const wrong: readonly (readonly [name: string, value: unknown])[] = [
  ["5", 5],
  ["{}", {}],
  ["null", null],
  ["undefined", undefined],
  ['"x"', "x"],
  ["[]", []],
  ["[{}]", [{}]],
  ["[null]", [null]],
];

const anything = wrong.map(([name]) => name);
const forAll = (names: readonly string[], taken: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, taken]));

/** What some functions take in all sincerity, and why. */
const legitimate: Readonly<Record<string, readonly string[]>> = {
  // They take no argument, or show whatever there is.
  ...forAll(["lastPartial", "provenance", "chromiumPath", "closeChromium", "cellSignal", "display"], anything),
  // Read millions of times in the loops of games: a check would cost more than what they do.
  ...forAll(["coalitionKey", "coalitionSize", "intactUnits", "isIntact"], anything),
  // A register that is not there has no networks in it.
  ...forAll(["listCheckpoints", "listDecoders", "listGenerators", "listResiduals"], ['"x"']),
  // Labels, words and items.
  ...forAll(["html", "markdown", "checkbox", "progressBar", "range", "slider", "text", "column", "row"], ['"x"']),
  // Numbers that mean something.
  ...forAll(
    ["seeded", "randomStream", "allIntact", "noneIntact", "coalitionsOf", "majorityGame", "interactionGame"],
    ["5"],
  ),
  progress: ["5", '"x"', "[]", "[{}]", "[null]"],
  // Called for each ordering.
  nestedCoalitions: ["[{}]", "[null]"],
  // A row of no columns.
  table: ["[]", "[{}]"],
  // Of nothing nothing follows: a list may be empty.
  ...forAll(["adjustedPValues", "layerGroups", "chosenEdits", "enrichmentTable"], ["[]"]),
  ...forAll(["cnnClaimsSentence", "claimsOverDecoders", "specificExperts"], ["[]"]),
  // What a result says of itself need not say when it was to stop.
  stoppingRecord: ["{}"],
  // The first backend that there is; reading it takes a second.
  loadTensorflow: ["undefined"],
};

/** Why a call is not refused as it should be; undefined where it is. */
async function complaint(call: (value: unknown) => unknown, value: unknown): Promise<string | undefined> {
  try {
    const late = new Promise((resolve) => setTimeout(resolve, 60_000, "late").unref());
    const answer = await Promise.race([call(value), late]);
    return answer === "late" ? "goes on for a minute" : `gives ${typeof answer}`;
  } catch (error) {
    if (isOurs(error) || error instanceof IncompleteJobError) return undefined;
    return `${error}`.split("\n")[0];
  }
}

about("a function that is given something else than its first argument", () => {
  it.each(entries)("of %s says so in an error of ours", async (entry) => {
    const values = (await import(`../src/${entry}.ts`)) as Record<string, (value: unknown) => unknown>;
    const complaints: string[] = [];
    for (const [name, call] of Object.entries(values)) {
      if (typeof call !== "function" || /^[A-Z]/.test(name)) continue;
      // The first argument is left out by right where it has a default; then an empty object of options is one too.
      const optional = call.length === 0 ? ["{}", "undefined"] : [];
      const fine = [...optional, ...(legitimate[name] ?? [])];
      for (const [shown, value] of wrong) {
        if (fine.includes(shown)) continue;
        const found = await complaint(call, value);
        if (found !== undefined) complaints.push(`${name}(${shown}) ${found}`);
      }
    }
    expect(complaints).toEqual([]);
  });
});

about("a figure of results that are not its own", async () => {
  const { gameFrom, shapley } = core;
  const modes = await shapley(await gameFrom(3, (intact) => [intact.size, intact.size ** 2]), { estimator: "exact" });
  const others: readonly (readonly [name: string, value: unknown])[] = [
    ["modes", modes],
    ["their mean", modes.meanOverOutputs()],
    ["[modes]", [modes]],
    ["[[NaN, 1]]", [[Number.NaN, 1]]],
    ["[NaN]", [Number.NaN]],
    ...wrong,
  ];
  const names = Object.keys(figures).filter((name) => name.endsWith("Figure"));
  const calls = figures as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>;

  it.each(names)("is drawn, or refused in one line: %s", async (name) => {
    const complaints: string[] = [];
    for (const [shown, value] of others) {
      for (const options of [[], [{}], [{ title: "a" }]]) {
        const found = await complaint(() => calls[name](value, ...options), value);
        if (found !== undefined && found !== "gives object") complaints.push(`${name}(${shown}) ${found}`);
      }
    }
    expect([...new Set(complaints)]).toEqual([]);
  });
});
