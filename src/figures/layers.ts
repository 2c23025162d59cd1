import { invalid } from "../errors.js";

/**
 * Units by the part of their name before the last slash, in the order in which they come: `layer1` has `layer1/filter0`, ...
 *
 * @throws RangeError for a name without a layer
 */
export function unitsByLayer(units: readonly string[]): Map<string, string[]> {
  const layers = new Map<string, string[]>();
  for (const unit of units) {
    const cut = unit.lastIndexOf("/");
    if (cut < 1) throw invalid("unit", "a name such as layer1/filter0", unit);
    const layer = unit.slice(0, cut);
    const members = layers.get(layer);
    if (members) members.push(unit);
    else layers.set(layer, [unit]);
  }
  return layers;
}

/** The units of one layer. @throws RangeError for a layer that is not there */
export function unitsOfLayer(units: readonly string[], layer: string): readonly string[] {
  const layers = unitsByLayer(units);
  const members = layers.get(layer);
  if (!members) throw invalid("layer", `one of ${[...layers.keys()].join(", ")}`, layer);
  return members;
}
