import { invalid } from "../errors.js";
import type { JsonObject } from "../json.js";
import { rowsSha256 } from "../lesion/game-inputs.js";
import { type Lesion, lesionInputs, lesionOfKind } from "../lesion/lesion.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { inputRows } from "../networks/input-rows.js";
import type { InputRows, Network } from "../networks/network.js";

/** What provenance says of the game that some modes are of; nothing where they come without. */
export function statedGame({ provenance }: ShapleyModes): JsonObject {
  return (provenance.game ?? {}) as JsonObject;
}

/** @throws RangeError where modes say that they are of another network */
export function checkNetwork(modes: ShapleyModes, sha256: string | undefined): void {
  const { network_sha256: stated } = statedGame(modes);
  if (typeof stated !== "string" || sha256 === undefined || stated === sha256) return;
  throw invalid("modes", `those of this network, whose sha256 is ${sha256}`, `those of ${stated}`);
}

/**
 * The lesion of a page: that which the modes were computed with, so that what the reader sees is what they are about.
 *
 * @param given the lesion that was asked for; needed where it takes inputs that the page does not have
 * @param rows the page's inputs
 * @param sameInputs whether the modes are of these
 * @throws RangeError for another lesion than the modes say, or one whose inputs are not at hand
 */
export function lesionOfModes(
  modes: ShapleyModes,
  network: Network,
  given: Lesion | undefined,
  rows: InputRows,
  sameInputs: boolean,
): Lesion {
  const stated = statedGame(modes);
  const asked = given === undefined ? undefined : lesionInputs(given);
  if (typeof stated.lesion !== "string") return given ?? "zero";
  const kind = stated.lesion;
  if (asked && asked.kind !== kind) throw invalid("lesion", `that of the modes, ${kind}`, given);
  const constant = () => {
    const { lesion_constant: number } = stated;
    const other = given !== undefined && (given as { constant: number }).constant !== number;
    if (other || typeof number !== "number") throw invalid("lesion", `that of the modes, ${number}`, given);
    return number;
  };
  return lesionOfKind(kind, constant, (known) => {
    const reference = stated.lesion_inputs_sha256;
    if (asked?.inputs !== undefined) {
      const sha256 = rowsSha256(inputRows(network, asked.inputs, `lesion ${known}`));
      if (typeof reference !== "string" || reference === sha256) return given as Lesion;
      throw invalid(`lesion ${known}`, `the inputs of the modes' lesion, whose sha256 is ${reference}`, sha256);
    }
    const overRows = typeof reference === "string" ? reference === rowsSha256(rows) : sameInputs;
    if (known === "mean" && overRows) return "mean";
    throw invalid("lesion", `{ ${known}: inputs }, with the inputs that the modes' lesion took`, given);
  });
}
