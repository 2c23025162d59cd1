import { invalid } from "../errors.js";
import type { Channels, Layout } from "./channels.js";
import type { NarrowSite, Site } from "./network.js";

/** A layout in which what is lesioned is constant. */
export function withLesion(layout: Layout, { site, kept, constants }: NarrowSite): Layout {
  if (!alongChannels(layout, site)) return layout;
  const stays = new Set(kept);
  return { ...layout, constants: layout.constants.map((value, unit) => (stays.has(unit) ? value : constants[unit])) };
}

/**
 * The channels that lesions take out, by their roots.
 *
 * @param layouts of the network's tensors, by the names of sites
 * @throws RangeError where a site has none that can go, or something needs them, saying what
 */
export function goneChannels(
  channels: Channels,
  layouts: ReadonlyMap<string, Layout>,
  sites: readonly NarrowSite[],
): ReadonlySet<number> {
  return new Set(sites.flatMap((site) => goneOf(channels, layouts.get(site.site.name), site)));
}

/** Places of a layout that stay, ascending. */
export function stays(channels: Channels, { ids }: Layout, gone: ReadonlySet<number>): number[] {
  return [...ids.keys()].filter((place) => !gone.has(channels.root(ids[place])));
}

/** Whether a site's units are the channels that a layout speaks of. */
function alongChannels(layout: Layout, { axis, shape, units }: Site): boolean {
  const along = axis ?? (shape.length === 1 ? 0 : undefined);
  return along !== undefined && layout.axis === along + 1 && layout.ids.length === units;
}

function goneOf(channels: Channels, layout: Layout | undefined, { site, kept }: NarrowSite): readonly number[] {
  const left = new Set(kept);
  const units = Array.from({ length: site.units }, (_, unit) => unit).filter((unit) => !left.has(unit));
  if (!layout) {
    const rule = `those of an operator whose channels can go; it is from ${site.kind}`;
    throw invalid(`units of ${site.name}`, rule, units);
  }
  if (!alongChannels(layout, site)) {
    const rule = `channels along axis ${layout.axis} of ${site.name} (rows are axis 0), as its operators have them`;
    throw invalid(`units of ${site.name}`, rule, site.axis === undefined ? "all" : `axis ${site.axis + 1}`);
  }
  const reasons = new Map<string, number[]>();
  for (const unit of units) {
    const reason = channels.pinned(layout.ids[unit]);
    if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), unit]);
  }
  const [first] = reasons;
  if (first) throw invalid(`units of ${site.name}`, `ones that can go without a trace; ${first[0]}`, first[1]);
  return units.map((unit) => channels.root(layout.ids[unit]));
}
