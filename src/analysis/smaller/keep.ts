import { invalid, wrongKind } from "../../errors.js";
import { type NamedSites, namedSites } from "../../lesion/named-sites.js";
import type { Network, Site } from "../../networks/network.js";

/**
 * Which units of a network stay: numbers of units by site; or names of units as modes have them, `hidden/3`,
 * `layer1/filter3`.
 */
export type Keep = readonly string[] | Readonly<Record<string, readonly number[]>>;

/** A site that is made narrower. */
export interface KeptSite {
  readonly site: Site;
  /** Numbers of the units that stay, ascending. */
  readonly kept: readonly number[];
  /** 1 for a unit that stays, else 0, `[units]`. */
  readonly intact: Uint8Array;
}

/**
 * The sites that a compression makes narrower, and what stays of each.
 *
 * @param sites the sites whose units names stand for; default for dense layers all hidden ones, as in `mlpGame`
 * @throws TypeError, RangeError for a site or unit that the network does not have, a unit that stands twice, names
 *   without sites, the input, and a site of which nothing would stay
 */
export function keptSites(network: Network, keep: Keep, sites?: NamedSites): KeptSite[] {
  const byLabel = Array.isArray(keep) ? byNames(network, keep, sites) : byNumbers(network, keep, sites);
  return byLabel.map(({ label, site, numbers }) => {
    if (site.kind === "input") throw invalid("keep", "units behind the input, which stays as it is", label);
    const intact = new Uint8Array(site.units);
    for (const unit of numbers) {
      if (!Number.isInteger(unit) || unit < 0 || unit >= site.units) {
        throw invalid(`unit of ${label}`, `a whole number from 0 to ${site.units - 1}`, unit);
      }
      if (intact[unit]) throw invalid(`unit of ${label}`, "every unit once", unit);
      intact[unit] = 1;
    }
    const kept = Array.from(intact.keys()).filter((unit) => intact[unit]);
    if (kept.length === 0) throw invalid("keep", `at least one of the ${site.units} units of ${label}`, numbers);
    return { site, kept, intact };
  });
}

interface Chosen {
  readonly label: string;
  readonly site: Site;
  readonly numbers: readonly number[];
}

function byNumbers(network: Network, keep: Keep, sites: NamedSites | undefined): Chosen[] {
  if (keep === null || typeof keep !== "object") {
    throw wrongKind("keep", "a list of names of units, or lists of their numbers by site", keep);
  }
  if (sites !== undefined) throw invalid("sites", "none where keep names the sites itself", sites);
  const lists = keep as Readonly<Record<string, readonly number[]>>;
  return namedSites(network, Object.keys(lists)).map(({ label, site }) => {
    const numbers = lists[label];
    if (!Array.isArray(numbers)) throw wrongKind(`keep ${label}`, "a list of numbers of units", numbers);
    return { label, site, numbers };
  });
}

function byNames(network: Network, keep: readonly string[], sites: NamedSites | undefined): Chosen[] {
  const wanted = sites ?? network.usualSites;
  if (wanted === undefined)
    throw invalid("sites", "the sites that the names in keep are of, as the game has them", sites);
  const chosen = namedSites(network, wanted).map((one) => ({ ...one, numbers: [] as number[] }));
  for (const name of keep) {
    if (typeof name !== "string") throw wrongKind("keep", "names of units", name);
    const [, label, unit] = /^(.*)\/(?:filter)?(\d+)$/s.exec(name) ?? [];
    const found = chosen.find((one) => one.label === label);
    if (!found) throw invalid("keep", `names of units such as ${chosen[0].label}/0`, name);
    found.numbers.push(Number(unit));
  }
  return chosen;
}
