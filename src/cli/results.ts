import type { Command } from "commander";
import { invalid } from "../errors.js";
import type { JsonObject } from "../json.js";
import type { ModesComparison } from "../modes/compare.js";
import { mergeModes } from "../modes/merge.js";
import { loadModes } from "../modes/save.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { checkModesFile, saveModes } from "../modes/write.js";
import { noteInput } from "../output-path.js";
import { counted } from "../words.js";
import { collected } from "./options.js";

/** `compare` and `merge`: results that lie in files. */
export function addResults(program: Command): void {
  program
    .command("compare")
    .description("lay the modes of one file beside those of another, of the same units and outputs")
    .argument("<file>", "modes: .npz, .zarr, .tidy.csv or msapy's .csv")
    .argument("<other>", "modes of the same units and outputs")
    .option(
      "--map <name=other>",
      "what a unit of the first file is called in the other; again for more units",
      collected,
      [],
    )
    .option("--json", "for programs: the correlations, the differences, and a row per unit")
    .action((file: string, other: string, { json, map }: { json?: boolean; map: string[] }) => {
      const comparison = loadModes(file).compare(loadModes(other), { names: namesOf(map) });
      process.stdout.write(`${json ? JSON.stringify(comparisonJson(comparison), null, 1) : comparison}\n`);
    });
  program
    .command("merge")
    .description("make one result of several runs of the same game with the same estimator and other seeds")
    .argument("<files...>", "modes of each run: .npz or .zarr")
    .requiredOption("--out <file>", "modes.npz, modes.zarr, modes.tidy.csv or modes.csv")
    .action(async (files: string[], { out }: { out: string }) => {
      checkModesFile(out);
      if (files.length < 2) throw invalid("files", "at least two results to merge", files);
      const runs = files.map((file) => {
        const modes = loadModes(file);
        noteInput(file);
        return modes;
      });
      const merged = runs.reduce((all: ShapleyModes, run) => mergeModes(all, run));
      checkModesFile(out, merged.outputShape); // now that it is known which files are inputs
      await saveModes(merged, out);
      const { orderings, evaluations } = merged.provenance;
      const what =
        orderings === null ? `${evaluations} evaluations` : `${orderings} orderings, ${evaluations} evaluations`;
      process.stdout.write(`${out}: ${counted(merged.units.length, "unit")}, ${files.length} runs, ${what}\n`);
    });
}

/** `name=other` words. @throws RangeError for a word that is none, and for a name twice */
function namesOf(words: readonly string[]): Record<string, string> {
  const names = words.map((word) => {
    const at = word.indexOf("=");
    if (at < 1 || at === word.length - 1) throw invalid("map", "NAME=OTHER, such as hidden/0=relu/0", word);
    return [word.slice(0, at), word.slice(at + 1)] as const;
  });
  const twice = names.find(([name], n) => names.findIndex(([other]) => other === name) < n);
  if (twice) throw invalid("map", "one other name for each unit", twice.join("="));
  return Object.fromEntries(names);
}

/**
 * A comparison for programs, its names as in the other JSON of the command. JSON has no NaN: what is not known is null.
 */
function comparisonJson(comparison: ModesComparison): JsonObject {
  const { pearson, spearman, kendall, rms, largest, unitsThatDiffer, unitsWithErrors, cancelled, sharedSeed } =
    comparison;
  return {
    pearson,
    spearman,
    kendall,
    rms,
    largest,
    units_that_differ: unitsThatDiffer,
    units_with_errors: unitsWithErrors,
    cancelled,
    shared_seed: sharedSeed,
    rows: comparison.rows.map(({ low, high, ...row }) => ({ ...row, confidence_interval_95: [low, high] })),
  };
}
