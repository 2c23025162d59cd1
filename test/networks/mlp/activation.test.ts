import { describe, expect, it } from "vitest";
import { activationText, givenSlopes } from "../../../src/networks/mlp/activation.js";

describe("the option activation", () => {
  it.each([
    ["relu", [0]],
    ["identity", [1]],
    ["linear", [1]],
    ["leaky-relu:0.01", [0.01]],
    ["leaky-relu:-.5e-1", [-0.05]],
    ["relu, leaky-relu:0.2,identity", [0, 0.2, 1]],
  ])("%s", (activation, slopes) => {
    expect(givenSlopes({ activation })).toEqual(slopes);
    expect(givenSlopes({ activation: activationText(slopes) })).toEqual(slopes);
  });

  it.each([
    "",
    "ReLU",
    "tanh",
    "gelu",
    "leaky-relu",
    "leaky-relu:",
    "leaky-relu:x",
    "leaky-relu:0x1",
    "relu,",
    "leaky-relu:1e999",
  ])("refuses %j and says what can be said", (activation) => {
    expect(() => givenSlopes({ activation })).toThrow(
      "invalid activation; expected relu, leaky-relu:SLOPE (the paper's",
    );
  });

  it("has to agree with negativeSlope", () => {
    expect(givenSlopes({})).toBeUndefined();
    expect(givenSlopes({ negativeSlope: 0.2 })).toEqual([0.2]);
    expect(givenSlopes({ activation: "relu", negativeSlope: [0, 0] })).toEqual([0, 0]);
    expect(() => givenSlopes({ activation: "relu", negativeSlope: 0.01 })).toThrow(
      'invalid activation; expected the same as negativeSlope, leaky-relu:0.01; received "relu"',
    );
    expect(() => givenSlopes({ negativeSlope: Number.NaN })).toThrow("invalid negativeSlope");
    expect(() => givenSlopes({ activation: 5 as never })).toThrow(TypeError);
  });

  it("is one word where all layers have the same", () => {
    expect([activationText([0, 0]), activationText([0.01, 0])]).toEqual(["relu", "leaky-relu:0.01,relu"]);
  });
});
