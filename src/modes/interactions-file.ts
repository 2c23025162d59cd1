import { FileError } from "../errors.js";
import { readRegular } from "../files.js";
import { openZip } from "../formats/zip.js";
import type { JsonObject } from "../json.js";
import { type InteractionIndex, interactionIndices } from "./interaction-index.js";
import { Interactions } from "./interactions.js";
import { fromNpz, isObject, metaOf, readNpz } from "./npz.js";
import { checkName } from "./save-interactions.js";

/**
 * Reads what {@link Interactions.save} wrote, exactly.
 *
 * @throws RangeError for another ending; FileError for what is not there, damaged, or of another kind
 * @example
 * const game = await gameFrom(["a", "b", "c"], (intact) => (intact.has("a") && intact.has("b") ? 2 : 0));
 * await (await interactions(game)).save("interactions.npz");
 * loadInteractions("interactions.npz").pair("a", "b").values[0]; // 2
 */
export function loadInteractions(path: string): Interactions {
  checkName(path);
  const bytes = readRegular(path);
  const zip = openZip(bytes, path);
  const arrays = readNpz(bytes, path);
  const doubles = (name: string) => {
    const found = arrays.get(name);
    if (found === undefined) return undefined;
    if (!(found.values instanceof Float64Array))
      throw new FileError(path, `has an array ${name} that is not of float64`);
    return { shape: found.shape, values: found.values };
  };
  const found = doubles("interactions");
  const sets = arrays.get("subsets");
  const meta = metaOf(zip, path);
  const about = meta.interactions;
  if (!found || !sets || sets.shape.length !== 2 || !isObject(about)) {
    throw new FileError(
      path,
      "holds no interactions: the arrays interactions and subsets, and what meta.json says of them",
    );
  }
  const { index, order, provenance } = about;
  if (!interactionIndices.includes(index as InteractionIndex) || order !== sets.shape[1] || !isObject(provenance)) {
    throw new FileError(path, "has a meta.json whose interactions are not an index, an order and a provenance");
  }
  const numbers = Array.from(sets.values as ArrayLike<number>);
  const subsets = Array.from({ length: sets.shape[0] }, (_, row) =>
    numbers.slice(row * order, (row + 1) * order).filter((unit) => unit !== -1),
  );
  const modes = arrays.has("modes") ? fromNpz(bytes, path) : undefined;
  try {
    return new Interactions({
      index: index as InteractionIndex,
      order,
      units: meta.units as string[],
      outputShape: found.shape.slice(1),
      subsets,
      values: found.values,
      standardErrors: doubles("interaction_standard_error")?.values,
      meanStandardErrors: doubles("interaction_mean_standard_error")?.values,
      vAll: doubles("v_all")?.values,
      vNone: doubles("v_none")?.values,
      modes,
      provenance: provenance as JsonObject,
    });
  } catch (cause) {
    throw new FileError(path, (cause as Error).message, { cause });
  }
}
