import { invalid, wrongKind } from "../errors.js";
import type { Network, Site } from "../networks/network.js";
import { siteOf } from "../networks/sites.js";

/** Names of sites; or `{ label: name }`. */
export type NamedSites = readonly string[] | Readonly<Record<string, string>>;

/** The sites of a game and their labels. @throws TypeError, RangeError for a name that is no site, or stands twice */
export function namedSites(network: Network, sites: NamedSites): { readonly label: string; readonly site: Site }[] {
  const rule = "a list of names of sites, or an object of such names";
  if (sites === null || typeof sites !== "object") throw wrongKind("sites", rule, sites);
  const entries: [string, string][] = Array.isArray(sites) ? sites.map((name) => [name, name]) : Object.entries(sites);
  if (entries.length === 0) throw invalid("sites", "at least one site", sites);
  const seen = new Set<string>();
  return entries.map(([label, name]) => {
    const site = siteOf(network, name);
    if (seen.has(name)) throw invalid("sites", "every site once", name);
    seen.add(name);
    return { label, site };
  });
}
