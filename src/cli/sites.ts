import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { FileError } from "../errors.js";
import { loadNetwork } from "../networks/load-network.js";
import { type Port, type SiteRow, sites } from "../networks/network.js";
import { addNetworkOptions, type NetworkFileArguments, networkOptions } from "./game-options.js";

/** What `sites` says of a network. */
interface Report {
  readonly kind: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly sites: readonly SiteRow[];
}

/** `sites`: where the units of a network can be lesioned. */
export function addSites(program: Command): void {
  addNetworkOptions(program.command("sites"))
    .description("list where a network can be lesioned: layers, nodes, tensors, the input")
    .option("--json", "for programs")
    .action(async ({ json, ...given }: NetworkFileArguments & { json?: boolean }) => {
      if (existsSync(join(given.network, "config.json"))) {
        throw new FileError(
          given.network,
          "is the folder of a language model: its units are experts, heads and layers, which analyse --tasks and --units lesion",
        );
      }
      const network = await loadNetwork(given.network, networkOptions(given));
      const { kind, inputs, outputs } = network;
      const report = { kind, inputs, outputs, sites: sites(network) };
      process.stdout.write(json ? `${JSON.stringify(report, null, 1)}\n` : textOf(report));
    });
}

function textOf({ kind, inputs, outputs, sites }: Report): string {
  const ports = (list: readonly Port[]) => list.map(({ name, shape }) => `${name} [${shape.join(", ")}]`).join("; ");
  const rows = [
    ["site", "kind", "shape", "units", "rows"],
    ...sites.map(({ name, kind, shape, units, rows }) => [name, kind, `[${shape.join(", ")}]`, String(units), rows]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [`${kind}, inputs ${ports(inputs)}, outputs ${ports(outputs)}`, ...lines, ""].join("\n");
}
