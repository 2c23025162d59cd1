import { expect, test } from "vitest";
import { chunksOfOrderings, orderingsIn, orderingsPerChunk } from "../../src/estimators/ordering-chunks.js";
import { additiveGame } from "../../src/games/closed-form.js";

test.each([
  [{ units: 100, outputs: 10 }, 4],
  [{ units: 243, outputs: 98_304 }, 16],
  // The bounds: 2^22 numbers, from which on merging takes time, and 2^27, from which on an ordering does.
  [{ units: 16, outputs: 2 ** 18 - 1 }, 4],
  [{ units: 16, outputs: 2 ** 18 }, 16],
  [{ units: 512, outputs: 2 ** 18 - 1 }, 16],
  [{ units: 512, outputs: 2 ** 18 }, 4],
  // A part of the outputs is cut as the whole is.
  [{ units: 16, outputs: 8, wholeOutputs: 2 ** 18 }, 16],
])("chunks are the larger the more there is to merge, and hold all orderings: %o", (size, most) => {
  expect(orderingsPerChunk(size)).toBe(most);
  const request = { ...size, orderings: 70, seed: 1 };
  const { chunks } = chunksOfOrderings(request, additiveGame(Array(size.units).fill(1)));
  const sizes = Array.from({ length: chunks }, (_, chunk) => orderingsIn(request, chunk));
  expect(sizes.reduce((sum, orderings) => sum + orderings, 0)).toBe(70);
  expect(sizes.slice(0, -1).every((orderings) => orderings === most)).toBe(true);
  expect(sizes.every((orderings) => orderings % 2 === 0 && orderings > 0)).toBe(true);
});
