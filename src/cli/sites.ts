import type { Command } from "commander";
import { readConfig } from "../decoders/config.js";
import { decoderUnits } from "../decoders/units.js";
import { isDecoderFolder } from "../networks/decoder-folder.js";
import { loadNetwork } from "../networks/load-network.js";
import type { Port } from "../networks/network.js";
import { type SiteRow, sites } from "../networks/sites.js";
import { addNetworkOptions, type NetworkFileArguments, networkOptions } from "./game-options.js";

/** What `sites` says of a network. */
interface Report {
  readonly kind: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly sites: readonly SiteRow[];
}

/** What it says of a language model's folder: names of units, by kind. */
interface DecoderReport {
  readonly kind: string;
  readonly units: Readonly<Record<string, readonly string[]>>;
}

/** `sites`: where the units of a network can be lesioned. */
export function addSites(program: Command): void {
  addNetworkOptions(program.command("sites"))
    .description(
      "list where a network can be lesioned: layers, nodes, tensors, the input; of a language model's folder its units",
    )
    .option("--json", "for programs")
    .action(async ({ json, ...given }: NetworkFileArguments & { json?: boolean }) => {
      if (isDecoderFolder(given.network)) {
        const own = decoderReport(given.network);
        process.stdout.write(json ? `${JSON.stringify(own, null, 1)}\n` : decoderText(own));
        return;
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
  return [`${kind}, inputs ${ports(inputs)}, outputs ${ports(outputs)}`, ...table(rows), ""].join("\n");
}

function decoderReport(folder: string): DecoderReport {
  const config = readConfig(folder);
  return { kind: `${config.kind}, ${config.layers} layers`, units: { ...decoderUnits(config) } };
}

function decoderText({ kind, units }: DecoderReport): string {
  const rows = Object.entries(units)
    .filter(([, names]) => names.length > 0)
    .map(([name, names]) => [
      name,
      String(names.length),
      names.length === 1 ? names[0] : `${names[0]} to ${names.at(-1)}`,
    ]);
  const lines = table([["units", "number", "names"], ...rows]);
  return [`language model: ${kind}; analyse takes --tasks and --units`, ...lines, ""].join("\n");
}

/** Rows of cells as lines, whose columns are below each other. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd(),
  );
}
