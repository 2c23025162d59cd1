import { invalid, wrongKind } from "../errors.js";
import { nearestNames } from "../nearest-names.js";
import { type Network, oneRowAtATime, type Port, type Site } from "./network.js";

/** A place where a network can be lesioned, as {@link sites} lists it. */
export interface SiteRow extends Pick<Site, "name" | "kind" | "shape" | "units"> {
  /**
   * Whether coalitions and inputs go through together, as many as the memory allows, or one at a time, which can take
   * many times as long.
   */
  readonly rows: "any" | typeof oneRowAtATime;
}

/**
 * The places where a network can be lesioned, in the order of computation.
 *
 * @example
 * table(sites(await loadOnnx("network.onnx", { shape: [3, 64, 64] }))); // name, kind, shape, units, rows
 */
export function sites(network: Network): SiteRow[] {
  if (!Array.isArray((network as Network | undefined)?.sites)) {
    throw wrongKind("network", "a network, as loadNetwork, loadMlp or loadOnnx give it once awaited", network);
  }
  return network.sites.map((site) => {
    const { name, kind, shape, units } = site;
    return { name, kind, shape, units, rows: mostRowsOf(network, [site]) === 1 ? oneRowAtATime : "any" };
  });
}

/**
 * Most rows that a network takes at once while some sites are lesioned and an output is looked at; undefined for any
 * number.
 */
export function mostRowsOf({ mostRows }: Network, wanted: readonly (Site | Port)[]): number | undefined {
  return wanted.some(({ rows }) => rows === oneRowAtATime) ? 1 : mostRows;
}

/** The names in a list of sites, or in an object of them by label. */
export function siteNames(sites: readonly string[] | Readonly<Record<string, string>>): readonly string[] {
  return Array.isArray(sites) ? sites : Object.values(sites);
}

/** The site of a name. @throws RangeError where there is none, with the nearest names or why there can not be one */
export function siteOf(network: Network, name: string): Site {
  if (typeof name !== "string") throw wrongKind("site", "the name of a site", name);
  const found = network.sites.filter((candidate) => candidate.name === name);
  if (found.length > 1) throw ambiguous("site", name, found);
  if (found.length === 1) return found[0];
  const reason = network.hidden.get(name);
  if (reason) throw invalid("site", `a site that lesions can reach (${reason})`, name);
  const near = nearestNames(
    name,
    network.sites.map((candidate) => candidate.name),
  );
  throw invalid(
    "site",
    `one of the network's ${network.sites.length} sites, such as the nearest: ${near.join(", ")}`,
    name,
  );
}

/**
 * The output of a name; without one, the only output. @throws RangeError listing the outputs, and why others can not be
 * played
 */
export function outputOf(network: Network, name: string | undefined): Port {
  const { outputs } = network;
  const named = outputs.filter((port) => port.name === name);
  if (named.length > 1) throw ambiguous("output", name!, named);
  const found = name === undefined && outputs.length === 1 ? outputs[0] : named[0];
  if (found) return found;
  const others = [...(network.otherOutputs ?? [])].filter(([other]) => name === undefined || other === name);
  const reasons = others.map(([other, reason]) => ` (not ${other}: ${reason})`).join("");
  const names = outputs.map((port) => port.name).join(", ");
  throw invalid("output", `${names === "" ? "one of single-precision numbers" : `one of ${names}`}${reasons}`, name);
}

function ambiguous(what: string, name: string, found: readonly (Port & { readonly kind?: string })[]): RangeError {
  const each = found.map(({ kind, shape }) => `${kind === undefined ? "" : `${kind} `}[${shape.join(", ")}]`);
  return invalid(what, `a name that means one thing; this one is that of ${each.join(" and of ")}`, name);
}
