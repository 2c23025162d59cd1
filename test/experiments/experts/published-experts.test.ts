import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadPublishedExperts } from "../../../src/experiments/experts/published-experts.js";
import { temporaryFolder } from "../../helpers/folders.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);

const tasks = "addition subtraction multiplication english german french spanish italian country_capital".split(" ");
const lines = [0, 1].flatMap((layer) =>
  [0, 1].flatMap((expert) => tasks.map((task, t) => `${layer + 0.5 * expert + t / 16},${task},${layer},${expert}`)),
);
const csv = (rows: readonly string[]) => `Contribution,Performance Metric,Layer,Expert\n${rows.join("\n")}\n`;
const runs = JSON.stringify({ 10: [0.25, 0.5], 0: [0.625, 0.625] });
let count = 0;

function folderWith(table: string, high = runs): string {
  const place = join(folder, String(count++));
  mkdirSync(join(place, "LLM"), { recursive: true });
  writeFileSync(join(place, "LLM", "shapley_analysis.csv"), table);
  writeFileSync(join(place, "LLM", "accuracies_high.json"), high);
  writeFileSync(join(place, "LLM", "accuracies_low.json"), runs);
  return place;
}

describe("published contributions", () => {
  it("are modes of experts by the names that they have here, whatever the order of the lines", () => {
    for (const rows of [lines, [...lines].reverse()]) {
      const place = folderWith(csv(rows));
      const { contributions, removals, changed } = loadPublishedExperts(place);
      expect(contributions.modes.units).toEqual(["L0/E0", "L0/E1", "L1/E0", "L1/E1"]);
      expect(contributions.tasks.slice(3, 5)).toEqual(["English", "German"]);
      expect(contributions.modes.unit("L1/E1").values[8]).toBe(2);
      expect(removals.highest).toEqual([
        { removed: 0, accuracies: [0.625, 0.625] },
        { removed: 10, accuracies: [0.25, 0.5] },
      ]);
      expect(changed).toEqual(["shapley_analysis.csv", "accuracies_high.json", "accuracies_low.json"]);
      // The folder of the three files itself is as good.
      expect(loadPublishedExperts(join(place, "LLM")).contributions.modes.values).toEqual(contributions.modes.values);
    }
  });

  it("are refused, with the file and the line, where they are not whole", () => {
    const refused = (table: string, high?: string) => expect(() => loadPublishedExperts(folderWith(table, high)));
    refused("Contribution,Task\n").toThrow(/shapley_analysis\.csv.*begins with "Contribution,Task"/);
    refused(csv(lines.slice(1))).toThrow(/has no contribution of L0\/E0 to addition/);
    refused(csv([...lines, lines[3]])).toThrow(/line 38: L0\/E0 English stands twice/);
    refused(csv(["0.5,geography,0,0"])).toThrow(/line 2: task geography/);
    refused(csv(["much,addition,0,0"])).toThrow(/line 2: a contribution, a task, a layer and an expert/);
    refused(csv(["1,addition,0"])).toThrow(/line 2/);
    for (const row of ["0x1,addition,0,0", "1,addition,,0", "1,addition,1e1,0", "1,addition,0x1,0", "1,addition,-0,0"])
      refused(csv([row])).toThrow(/line 2: a contribution, a task, a layer and an expert/);
    refused(csv(["1,addition,99999999,99999999"])).toThrow(/has no contribution of L0\/E0/);
    refused(csv(lines.slice(0, 18))).toThrow(/has contributions of layer 0 alone/);
    refused(csv([])).toThrow(/shapley_analysis/);
    refused(csv(lines).trimEnd()).toThrow(/cut short/);
    refused(csv(lines), "[").toThrow(/accuracies_high\.json.*is not JSON/);
    refused(csv(lines), '{"1": [0.5]}').toThrow(/no accuracies of the intact network/);
    refused(csv(lines), '{"0": [1.5]}').toThrow(/accuracies from 0 to 1/);
    for (const part of ['"": [0.5]', '"-5": [0.5]', '"5.0": [0.5]', '"5": ["0.5"]', '"5": [null]', '"5": [[0.5]]'])
      refused(csv(lines), `{"0": [0.5], ${part}}`).toThrow(/accuracies from 0 to 1/);
    refused(csv(lines), '{"0": [0.5], "0": [0.6]}').toThrow(/the name "0" stands twice/);
    expect(() => loadPublishedExperts(join(folder, "nowhere"))).toThrow(/shapley_analysis\.csv/);
    expect(() => loadPublishedExperts(undefined as never)).toThrow(TypeError);
  });
});
