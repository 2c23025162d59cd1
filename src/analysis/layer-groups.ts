import { invalid } from "../errors.js";

/**
 * Units by layer, as groups: a unit's layer is the part of its name before the last slash. Layers and units are in the order in
 * which they come.
 *
 * @throws RangeError for a unit whose name has no layer
 */
export function layerGroups(units: readonly string[]): Record<string, string[]> {
  const layers = new Map<string, string[]>();
  for (const unit of units) {
    const cut = unit.lastIndexOf("/");
    if (cut < 1) throw invalid("unit", "a name such as layer1/filter0", unit);
    const layer = unit.slice(0, cut);
    const members = layers.get(layer);
    if (members) members.push(unit);
    else layers.set(layer, [unit]);
  }
  return Object.fromEntries(layers);
}
