import { invalid } from "../errors.js";
import { isList, isText } from "../kinds.js";

/**
 * Units by layer, as groups: a unit's layer is the part of its name before the last slash. Layers and units are in the
 * order in which they come.
 *
 * @throws RangeError for a unit whose name has no layer
 * @example
 * layerGroups(["layer1/filter0", "layer1/filter1", "layer2/filter0"]).layer1; // the first two
 */
export function layerGroups(units: readonly string[]): Record<string, string[]> {
  isList("units", units, "names");
  const groups = [...unitsByLayer(units)].map(
    ([layer, members]) => [layer, members.map((unit) => units[unit])] as const,
  );
  return Object.fromEntries(groups);
}

/** Indices of the units of each layer, as {@link layerGroups} has their names. */
export function unitsByLayer(units: readonly string[]): Map<string, number[]> {
  const layers = new Map<string, number[]>();
  units.forEach((unit, index) => {
    isText("unit", unit, "a name such as layer1/filter0");
    const cut = unit.lastIndexOf("/");
    if (cut < 1) throw invalid("unit", "a name such as layer1/filter0", unit);
    const layer = unit.slice(0, cut);
    const members = layers.get(layer);
    if (members) members.push(index);
    else layers.set(layer, [index]);
  });
  return layers;
}

/** The units of one layer. @throws RangeError for a layer that is not there */
export function unitsOfLayer(units: readonly string[], layer: string): readonly string[] {
  const layers = layerGroups(units);
  if (!Object.hasOwn(layers, layer)) throw invalid("layer", `one of ${Object.keys(layers).join(", ")}`, layer);
  return layers[layer];
}
