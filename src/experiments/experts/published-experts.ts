import { existsSync } from "node:fs";
import { join } from "node:path";
import { FileError, wrongKind } from "../../errors.js";
import { readRegular, sha256 } from "../../files.js";
import { parseJson } from "../../json.js";
import { cellsOf, csvText, linesOf, numberOf } from "../../modes/csv.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { type ExpertContributions, taskNames } from "./contributions.js";
import type { Language } from "./languages.js";

/**
 * What the authors published of Mixtral-8x7B, and what docs/reproduce.md fetches: files, checksums, and where they are.
 */
export const publishedExpertFiles = {
  from: "https://raw.githubusercontent.com/ShreyDixit/MSA-XAI/a62eeb567d63de8893fc2c59ef3d25661fb1cdd4/LLM",
  sha256: {
    "shapley_analysis.csv": "9bf38bf49a867e8883f11bb42dae87c8a8266ed47470b06cafd52f0368419d65",
    "accuracies_high.json": "d919f23fb6fb9e7fb918c69f8b92ab612aab514c9a9f851cf2b91092ec29f89c",
    "accuracies_low.json": "3a333d1adcd19327d61410f2d6cdd5a66c7ef9a10ba8cef1a94f74c1e48a407f",
  },
} as const;
type PublishedFile = keyof typeof publishedExpertFiles.sha256;

/** The experts that the paper lesioned for German and Spanish. */
export const publishedPicks: Readonly<Partial<Record<Language, readonly string[]>>> = {
  German: ["L24/E4", "L12/E1", "L29/E5", "L17/E7"],
  Spanish: ["L26/E5", "L11/E1", "L7/E3", "L8/E5"],
};

/** Accuracies after removing so many experts, several runs each. */
export interface RemovalRuns {
  readonly removed: number;
  readonly accuracies: readonly number[];
}

/** What was published of Mixtral-8x7B. */
export interface PublishedExperts {
  readonly contributions: ExpertContributions;
  /** GSM8k after removing the experts of highest, and of lowest contribution; each ascending in how many. */
  readonly removals: { readonly highest: readonly RemovalRuns[]; readonly lowest: readonly RemovalRuns[] };
  /** Files that are not the published ones, by their checksums: copies that were changed. */
  readonly changed: readonly string[];
}

/** Names of the tasks in the published file, and here. */
const columnTasks: Readonly<Record<string, string>> = {
  ...Object.fromEntries(taskNames.map((task) => [task.toLowerCase(), task])),
  country_capital: "capitals",
};
const header = "Contribution,Performance Metric,Layer,Expert";

/**
 * The published contributions of Mixtral-8x7B's experts, and its accuracies on GSM8k without some:
 * `shapley_analysis.csv`, `accuracies_high.json` and `accuracies_low.json` in a folder, or in its folder `LLM`, as a
 * copy of the authors' MSA-XAI repository has them. Nothing is fetched.
 *
 * @throws FileError that names the file: one that is not there, cut short, has other columns, an expert or task twice
 *   or not at all, or what is no number
 * @example
 * const { contributions, removals } = loadPublishedExperts("msa-xai");
 */
export function loadPublishedExperts(folder: string): PublishedExperts {
  if (typeof folder !== "string") throw wrongKind("folder", "the path of a folder", folder);
  const names = Object.keys(publishedExpertFiles.sha256) as PublishedFile[];
  const own = existsSync(join(folder, "LLM")) ? join(folder, "LLM") : folder;
  const contents = new Map(names.map((name) => [name, readRegular(join(own, name))]));
  const text = (name: PublishedFile) => csvText(contents.get(name) as Buffer, join(own, name));
  const removals = (name: PublishedFile) => removalRuns(join(own, name), text(name));
  return {
    contributions: publishedContributions(join(own, "shapley_analysis.csv"), text("shapley_analysis.csv")),
    removals: { highest: removals("accuracies_high.json"), lowest: removals("accuracies_low.json") },
    changed: names.filter((name) => sha256(contents.get(name) as Buffer) !== publishedExpertFiles.sha256[name]),
  };
}

function publishedContributions(path: string, text: string): ExpertContributions {
  const [first, ...lines] = linesOf(text, path);
  if (first !== header) throw new FileError(path, `begins with ${JSON.stringify(first)}; expected ${header}`);
  const found = new Map<string, number>();
  let [layers, experts] = [0, 0];
  lines.forEach((line, l) => {
    const where = `line ${l + 2}`;
    const cells = cellsOf(line) ?? [];
    const value = cells.length === 4 ? numberOf(cells[0]) : undefined;
    const [layer, expert] = cells.slice(2).map((cell) => (isCount(cell) ? Number(cell) : undefined));
    if (value === undefined || layer === undefined || expert === undefined) {
      throw new FileError(path, `${where}: a contribution, a task, a layer and an expert were expected, not ${line}`);
    }
    const task = Object.hasOwn(columnTasks, cells[1]) ? columnTasks[cells[1]] : undefined;
    if (task === undefined) {
      throw new FileError(path, `${where}: task ${cells[1]}; expected one of ${Object.keys(columnTasks).join(", ")}`);
    }
    const key = `L${layer}/E${expert} ${task}`;
    if (found.has(key)) throw new FileError(path, `${where}: ${key} stands twice`);
    found.set(key, value);
    layers = Math.max(layers, layer + 1);
    experts = Math.max(experts, expert + 1);
  });
  const units: string[] = [];
  const values: number[] = [];
  // One after the other, so that a layer of a large number ends it at the first that is not there.
  for (let i = 0; i < layers * experts; i++) {
    const unit = `L${Math.floor(i / experts)}/E${i % experts}`;
    units.push(unit);
    for (const task of taskNames) {
      const value = found.get(`${unit} ${task}`);
      if (value === undefined) throw new FileError(path, `has no contribution of ${unit} to ${task}`);
      values.push(value);
    }
  }
  if (units.length === 0) throw new FileError(path, "has no contributions");
  if (layers < 2) throw new FileError(path, "has contributions of layer 0 alone; those of layer 1 are looked at, too");
  return {
    name: "Mixtral-8x7B (published)",
    tasks: taskNames,
    modes: new ShapleyModes({
      units,
      outputShape: [taskNames.length],
      values: Float64Array.from(values),
      provenance: { network: "Mixtral-8x7B", lesion: "silence", sha256: sha256(new TextEncoder().encode(text)) },
    }),
  };
}

/** Whether a text is a whole number from 0, as it is usually written: each has one text. */
function isCount(text: string): boolean {
  return /^(0|[1-9]\d{0,8})$/.test(text);
}

function removalRuns(path: string, text: string): RemovalRuns[] {
  let content: unknown;
  try {
    content = parseJson(text);
  } catch (cause) {
    throw new FileError(path, `is not JSON (${(cause as Error).message})`, { cause });
  }
  const rows = Object.entries((content ?? {}) as Record<string, unknown>).map(([key, accuracies]) => {
    const removed = Number(key);
    const known = Array.isArray(accuracies) && accuracies.length > 0;
    if (!isCount(key) || !known || !accuracies.every((own) => typeof own === "number" && own >= 0 && own <= 1)) {
      throw new FileError(path, `${key}: accuracies from 0 to 1 by the number of experts removed were expected`);
    }
    return { removed, accuracies: accuracies as number[] };
  });
  if (!rows.some(({ removed }) => removed === 0)) throw new FileError(path, "has no accuracies of the intact network");
  return rows.sort((a, b) => a.removed - b.removed);
}
