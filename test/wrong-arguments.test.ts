// Whatever is given to a function in the place of its first argument: one clear error of ours, and nothing that begins
// to work.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe as about, expect, it } from "vitest";
import { isOurs } from "../src/errors.js";
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
  progress: ["5", '"x"', "[]"],
  // Of nothing nothing follows: a list may be empty.
  ...forAll(["table", "adjustedPValues", "layerGroups", "chosenEdits", "enrichmentTable"], ["[]"]),
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
