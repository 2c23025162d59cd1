import { isMainThread } from "node:worker_threads";
import { invalid, wrongKind } from "../errors.js";
import { nearestNames } from "../nearest-names.js";
import type { Site } from "../networks/network.js";
import { knownOptions } from "../options.js";
import { remarkOnce } from "../remark.js";

/**
 * Units that come and go together, by the name of the group: unit names such as `conv1/3`, or a site's name for all of
 * its units.
 */
export type UnitGroups = Readonly<Record<string, readonly string[]>>;

/** A lesioned site and what its units' names begin with. */
export interface NamedSite {
  readonly label: string;
  readonly site: Site;
}

/** The players of a game: their names, and for each the units that it stands for, by site and index. */
export interface Players {
  readonly names: readonly string[];
  readonly members: readonly (readonly { readonly site: number; readonly unit: number }[])[];
}

/**
 * The players that some sites' units make: each unit by itself, `label/0`, `label/1`, ..., or the groups. Units in no
 * group stay intact, which is told.
 *
 * @throws TypeError, RangeError for a member that is no unit of the sites, is in two groups, or for a group without
 *   members; for a label, member or group whose name could mean two things, listing both
 */
export function playersOf(sites: readonly NamedSite[], groups: UnitGroups | undefined): Players {
  checkLabels(sites);
  const all = sites.flatMap(({ label, site }, s) =>
    Array.from({ length: site.units }, (_, unit) => ({ name: `${label}/${unit}`, site: s, unit })),
  );
  if (groups === undefined) return { names: all.map(({ name }) => name), members: all.map((member) => [member]) };
  const rule = "an object of lists of unit names";
  if (groups === null || typeof groups !== "object") throw wrongKind("groups", rule, groups);
  const byName = new Map(all.map((member) => [member.name, [member]]));
  const twice = new Map<string, string>();
  sites.forEach(({ label }, s) => {
    const unit = byName.get(label)?.[0];
    if (unit) twice.set(label, `the site ${label}, and unit ${unit.unit} of the site ${sites[unit.site].label}`);
    byName.set(
      label,
      all.filter((member) => member.site === s),
    );
  });
  const checkOneMeaning = (what: string, name: string) => {
    const both = twice.get(name);
    if (both === undefined) return;
    const remedy = "labels tell them apart: sites: { label: name }";
    throw invalid(what, `a name that means one thing; this one is ${both} (${remedy})`, name);
  };
  const taken = new Map<string, string>();
  const names = Object.keys(groups);
  if (names.length === 0) throw invalid("groups", "at least one group", groups);
  const members = names.map((group) => {
    const list = groups[group];
    if (!Array.isArray(list)) throw wrongKind(`group ${group}`, "a list of unit names", list);
    if (list.length === 0) throw invalid(`group ${group}`, "at least one unit", list);
    const own = list.flatMap((name: string) => {
      checkOneMeaning(`unit in group ${group}`, name);
      const found = byName.get(name);
      if (!found) {
        const near = nearestNames(String(name), [...byName.keys()], 3).join(", ");
        throw invalid(`unit in group ${group}`, `a unit of the lesioned sites, such as the nearest: ${near}`, name);
      }
      for (const member of found) {
        const other = taken.get(member.name);
        if (other !== undefined)
          throw invalid(`unit in group ${group}`, `one that is not in group ${other} as well`, member.name);
        taken.set(member.name, group);
      }
      return found;
    });
    checkOneMeaning("group", group);
    const called = byName.get(group);
    if (called && !(called.length === own.length && called.every((member) => own.includes(member)))) {
      const what = `${called.length === 1 ? "the unit" : "all units of the site"} ${group}`;
      throw invalid("group", `a name that means one thing; this one is that of ${what}, and of other members`, group);
    }
    return own;
  });
  const left = all.length - taken.size;
  if (left > 0 && isMainThread) {
    const [are, they] =
      left === 1 ? ["is", "it stays intact and is no player"] : ["are", "they stay intact and are no players"];
    remarkOnce(
      `${left} of ${all.length} units ${are} in no group: ${they}; together(game, groups) has units outside groups as players`,
    );
  }
  return { names, members };
}

/** A label that is the name of another lesioned site could mean either. */
function checkLabels(sites: readonly NamedSite[]): void {
  for (const { label, site } of sites) {
    const other = sites.find((named) => named.site.name === label && named.site !== site);
    if (!other) continue;
    const both = `the label of the site ${site.name}, and the name of the site labelled ${other.label}`;
    throw invalid("sites", `labels that mean one thing; this one is ${both}`, label);
  }
}

/** Whether a length may be that of an axis of channels: grey, colours, colours and transparency. */
function isColours(length: number): boolean {
  return length === 1 || length === 3 || length === 4;
}

/**
 * Groups of the numbers of an image that lie in the same patch, for the site `input`: all channels of `size` x `size`
 * pixels, fewer at the right and lower edge. A group's name is its row and column, `patch 0,0`.
 *
 * @param shape of one input: `[height, width]`, `[height, width, channels]`, or with `channelsFirst`
 *   `[channels, height, width]`
 * @param size pixels along an edge, or `[height, width]` of a patch
 * @param options.site name of the site, default `input`; `options.channelsFirst` default false
 * @throws TypeError, RangeError for a shape or size that is none, and where `[3, height, width]` might be meant and is
 *   not said
 */
export function patches(
  shape: readonly number[],
  size: number | readonly [number, number],
  options: { readonly site?: string; readonly channelsFirst?: boolean } = {},
): UnitGroups {
  knownOptions("patches", options, { site: true, channelsFirst: true });
  const rule = "[height, width], [height, width, channels] or, channels first, [channels, height, width]";
  const whole = (value: number) => Number.isSafeInteger(value) && value > 0;
  if (!Array.isArray(shape)) throw wrongKind("shape", rule, shape);
  if ((shape.length !== 2 && shape.length !== 3) || !shape.every(whole)) throw invalid("shape", rule, shape);
  const [patchHeight, patchWidth] = typeof size === "number" ? [size, size] : size;
  if (![patchHeight, patchWidth].every(whole)) throw invalid("size", "a positive integer, or two", size);
  if (options.channelsFirst === undefined && shape.length === 3 && isColours(shape[0]) && shape[2] > 4) {
    throw invalid(
      "channelsFirst",
      `true or false for the shape [${shape.join(", ")}], whose channels may come first`,
      undefined,
    );
  }
  const { site = "input", channelsFirst = false } = options;
  const [channels, height, width] =
    shape.length === 2 ? [1, shape[0], shape[1]] : channelsFirst ? shape : [shape[2], shape[0], shape[1]];
  const groups: Record<string, string[]> = {};
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const name = `patch ${Math.floor(y / patchHeight)},${Math.floor(x / patchWidth)}`;
      groups[name] ??= [];
      for (let c = 0; c < channels; c++) {
        const index = channelsFirst ? (c * height + y) * width + x : (y * width + x) * channels + c;
        groups[name].push(`${site}/${index}`);
      }
    }
  }
  return groups;
}
