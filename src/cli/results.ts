import type { Command } from "commander";
import { invalid } from "../errors.js";
import { mergeModes } from "../modes/merge.js";
import { loadModes } from "../modes/save.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { checkModesFile, saveModes } from "../modes/write.js";
import { noteInput } from "../output-path.js";

/** `compare` and `merge`: results that lie in files. */
export function addResults(program: Command): void {
  program
    .command("compare")
    .description("lay the modes of one file beside those of another, of the same units and outputs")
    .argument("<file>", "modes: .npz, .zarr, .tidy.csv or msapy's .csv")
    .argument("<other>", "modes of the same units and outputs")
    .option("--json", "for programs: the correlations, the differences, and a row per unit")
    .action((file: string, other: string, { json }: { json?: boolean }) => {
      const comparison = loadModes(file).compare(loadModes(other));
      // JSON has no NaN: what is not known is null.
      process.stdout.write(`${json ? JSON.stringify(comparison, null, 1) : comparison}\n`);
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
      process.stdout.write(`${out}: ${merged.units.length} units, ${files.length} runs, ${what}\n`);
    });
}
