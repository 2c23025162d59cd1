import { invalid } from "../errors.js";

/**
 * Indices of the units of each layer, in the order in which the layers come: a unit's layer is the part of its name before the
 * last slash.
 *
 * @throws RangeError for a name without one
 */
export function unitsByLayer(units: readonly string[]): Map<string, number[]> {
  const layers = new Map<string, number[]>();
  units.forEach((unit, index) => {
    const cut = unit.lastIndexOf("/");
    if (cut < 1) throw invalid("unit", "a name such as layer1/filter0", unit);
    const layer = unit.slice(0, cut);
    const members = layers.get(layer);
    if (members) members.push(index);
    else layers.set(layer, [index]);
  });
  return layers;
}
