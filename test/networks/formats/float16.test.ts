import { describe, expect, test } from "vitest";
import { bfloat16Bits, bfloat16Value, float16Bits, float16Value } from "../../../src/formats/float16.js";
import { fc } from "../../helpers/properties.js";

/** All finite magnitudes of half precision by their definition, ascending; the index of each is its bits. */
const magnitudes = Array.from({ length: 0x7c00 }, (_, bits) => {
  const exponent = bits >> 10;
  return exponent === 0 ? (bits / 1024) * 2 ** -14 : (1 + (bits & 1023) / 1024) * 2 ** (exponent - 15);
});

/** Bits of the nearest half-precision number, found by search: 65536 stands for infinity, ties go to even bits. */
function nearestBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  let low = 0;
  let high = 0x7c00;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (magnitudes[middle] <= magnitude) low = middle;
    else high = middle;
  }
  const below = magnitude - magnitudes[low];
  const above = (magnitudes[low + 1] ?? 65_536) - magnitude;
  return sign | (below < above || (below === above && low % 2 === 0) ? low : low + 1);
}

describe("half precision", () => {
  test("every number of it survives, bit by bit", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = float16Value(bits);
      if (Number.isNaN(value)) expect(float16Bits(value) & 0x7fff).toBe(0x7e00);
      else if (float16Bits(value) !== bits) expect.fail(`${bits} became ${float16Bits(value)}`);
    }
  });

  test("numbers in between go to the nearest, and ties to the even one, also where they are subnormal", () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const tie = (magnitudes[bits] + magnitudes[bits + 1]) / 2; // exact in single precision
      const even = bits % 2 === 0 ? bits : bits + 1;
      if (float16Bits(tie) !== even) expect.fail(`${tie} became ${float16Bits(tie)}, not ${even}`);
      if (float16Bits(-tie) !== (0x8000 | even)) expect.fail(`${-tie} became ${float16Bits(-tie)}`);
    }
  });

  test("any single-precision number goes to the nearest", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        expect(float16Bits(value)).toBe(nearestBits(value));
      }),
      { numRuns: 2000 },
    );
  });

  test("overflows to infinity from 65520, underflows to zero of the same sign", () => {
    expect(float16Bits(65_519.996)).toBe(0x7bff);
    expect(float16Bits(65_520)).toBe(0x7c00);
    expect(float16Bits(-1e30)).toBe(0xfc00);
    expect(float16Bits(2 ** -25)).toBe(0);
    expect(float16Bits(-(2 ** -26))).toBe(0x8000);
  });
});

describe("bfloat16", () => {
  test("every number of it survives, bit by bit", () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = bfloat16Value(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(bfloat16Value(bfloat16Bits(value)))).toBe(true);
      else if (bfloat16Bits(value) !== bits) expect.fail(`${bits} became ${bfloat16Bits(value)}`);
    }
  });

  test("goes to the nearest, ties to even", () => {
    expect(bfloat16Bits(1 + 2 ** -8)).toBe(0x3f80);
    expect(bfloat16Bits(1 + 2 ** -8 + 2 ** -20)).toBe(0x3f81);
    expect(bfloat16Bits(1 + 3 * 2 ** -8)).toBe(0x3f82);
    expect(bfloat16Bits(3.4e38)).toBe(0x7f80);
  });
});
