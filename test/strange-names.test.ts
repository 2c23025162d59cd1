// Names come from files of others: what they hold does nothing to a terminal, and turns no sentence around.
import { inspect } from "node:util";
import { expect, it, vi } from "vitest";
import { testModes } from "../src/analysis/inference/test-modes.js";
import { interactions } from "../src/engine/interactions/interactions.js";
import { shapley } from "../src/engine/shapley.js";
import { FileError, GameError } from "../src/errors.js";
import { contributionBarsFigure } from "../src/figures/contribution-bars.js";
import { standaloneHtml } from "../src/figures/render/standalone-html.js";
import { gameFrom } from "../src/games/from-function.js";
import { table } from "../src/notebook/tools/table.js";

const strange = "\u001b[2Ja\nb\u0007\u202e</title>";
const controls = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/** Lines of a text hold no controls. */
const expectPlain = (text: string) => {
  expect(text).toContain("[2Ja b");
  for (const line of text.split("\n")) expect(line).not.toMatch(controls);
};

const game = await gameFrom([strange, "b", "c"], (intact) => [intact.size, Number(intact.has(strange))]);
const modes = await shapley(game, { orderings: 200, blocks: 10, seed: 1 });

it("results print names in one line, without what a terminal obeys", async () => {
  expectPlain(inspect(modes));
  expectPlain(inspect(modes.compare(modes)));
  expectPlain(inspect(await interactions(game, { order: 2 })));
  const test = inspect(testModes(modes));
  for (const line of test.split("\n")) expect(line).not.toMatch(controls);
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((text) => void lines.push(text));
  table(modes, { caption: strange });
  table([{ [strange]: strange }]);
  vi.restoreAllMocks();
  for (const text of lines) expectPlain(text);
});

it("errors are one line, whatever is in a path or in what a game threw", async () => {
  expectPlain(new FileError(strange, "no such file").message);
  expectPlain(new GameError(`the game threw: ${strange}`, { coalition: [strange] }).message);
  expect(new FileError(strange, "no such file").message).not.toContain("\n");
});

it("titles of figures' pages turn no text around", () => {
  const title = (html: string) => /<title>(.*?)<\/title>/s.exec(html)?.[1];
  const figure = contributionBarsFigure(modes.meanOverOutputs(), { title: strange });
  expect(title(standaloneHtml(figure))).toBe(" [2Ja b &lt;/title&gt;");
});
