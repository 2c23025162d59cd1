import { randomStream } from "../../coalitions/random-streams.js";
import { invalid, validSeed } from "../../errors.js";
import { normalNumbers } from "../../networks/dcgan/parameters.js";
import type { InputRows, Network } from "../../networks/network.js";
import { shapeSize } from "../../shape-size.js";

/** How many rows are drawn. */
const count = 8;

/**
 * Rows to try a network on, each number standard normal. @throws RangeError for a network that takes other numbers,
 * whose inputs are to be given
 */
export function drawnRows({ inputs, mostRows }: Network, seed: number): InputRows {
  const random = randomStream(validSeed(seed));
  const data = inputs.map(({ name, shape, numbers = "float32" }) => {
    if (numbers !== "float32")
      throw invalid("inputs", `some, as its input ${name} takes ${numbers}, which are not drawn`, undefined);
    return normalNumbers(random, (mostRows === 1 ? 2 : count) * shapeSize(shape));
  });
  return { count: mostRows === 1 ? 2 : count, data };
}
