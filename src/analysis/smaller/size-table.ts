import { median } from "simple-statistics";
import { positiveInteger } from "../../errors.js";
import { has } from "../../kinds.js";
import { gameInputs } from "../../lesion/game-inputs.js";
import type { Network } from "../../networks/network.js";
import { knownOptions, type OptionNames } from "../../options.js";
import type { Compressed } from "./compress.js";
import { type GivenInputs, lesionedOutput, noLesions } from "./lesioned-outputs.js";

/** Options of {@link compressionTable}. */
export interface CompressionTableOptions {
  /** How often each network computes all inputs; the time is the median. Default 9. */
  readonly repeats?: number;
}

/** The names of `CompressionTableOptions`. */
export const compressionTableOptionNames: OptionNames<CompressionTableOptions> = { repeats: true };

/** One network of {@link compressionTable}. */
export interface CompressionRow {
  readonly network: "before" | "after";
  /** Units of the sites that lost some. */
  readonly units: number;
  readonly parameters: number;
  /** Bytes of its file. */
  readonly bytes: number;
  /** Median time in which it computes all inputs, in milliseconds, sessions and the like made anew each time. */
  readonly milliseconds: number;
}

/**
 * Size and time of a network before and after its compression, measured in turns on this machine, as it is busy now.
 *
 * @param network the one that was compressed
 * @param inputs what both compute
 * @example
 * const network = await checkpoint({ width: 10, regulariser: "l1", trial: 0 });
 * const smaller = await compress(network, { hidden: [0, 1, 2] });
 * table(await compressionTable(network, smaller, loadInputs("mnist-test:0-99")));
 */
export async function compressionTable(
  network: Network,
  compressed: Compressed,
  inputs: GivenInputs,
  options: CompressionTableOptions = {},
): Promise<CompressionRow[]> {
  knownOptions("compressionTable", options, compressionTableOptionNames);
  has("network", network, "a Network", "sites", "inputs");
  const repeats = positiveInteger("repeats", options.repeats ?? 9);
  const { rows } = gameInputs(network, inputs);
  const [output] = network.outputs;
  const both = [network, compressed.network];
  const times: number[][] = both.map(() => []);
  for (let turn = 0; turn <= repeats; turn++) {
    for (const [n, one] of both.entries()) {
      const start = performance.now();
      await lesionedOutput(one, rows, noLesions(one), output);
      if (turn > 0) times[n].push(performance.now() - start); // the first one warms up
    }
  }
  return (["before", "after"] as const).map((when, n) => ({
    network: when,
    units: compressed.sites.reduce((sum, site) => sum + site[when], 0),
    ...compressed[when],
    milliseconds: median(times[n]),
  }));
}
