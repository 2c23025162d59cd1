import { describe, expect, it } from "vitest";
import { checkLayers } from "../../../src/networks/tfjs/layers-check.js";

const model = (kind: string, config: object) => ({
  class_name: "Sequential",
  config: { layers: [{ class_name: kind, config: { name: "here", ...config } }] },
});

describe("checkLayers", () => {
  it.each([
    ["DepthwiseConv2D", { dilation_rate: [2, 2] }, "dilation_rate of DepthwiseConv2D here"],
    ["ConvLSTM2D", { dilation_rate: [2, 2] }, "dilation_rate of ConvLSTM2D here"],
    ["MaxPooling1D", { data_format: "channels_first" }, "data_format of MaxPooling1D here"],
    ["AveragePooling1D", { data_format: "channels_first" }, "data_format of AveragePooling1D here"],
    ["GlobalMaxPooling1D", { data_format: "channels_first" }, "data_format of GlobalMaxPooling1D here"],
    ["Resizing", { height: 2, width: 2 }, "layer here; expected one that TensorFlow.js computes as Keras does"],
    ["CenterCrop", { height: 2, width: 2 }, 'received "CenterCrop"'],
    ["CategoryEncoding", { num_tokens: 2 }, 'received "CategoryEncoding"'],
  ])("refuses what TensorFlow.js computes otherwise than Keras: %s %o", (kind, config, message) => {
    expect(() => checkLayers(model(kind, config))).toThrow(message);
    expect(() => checkLayers(model(kind, config), true)).not.toThrow();
  });

  it("takes them as far as they mean the same", () => {
    expect(() => checkLayers(model("DepthwiseConv2D", { dilation_rate: [1, 1] }))).not.toThrow();
    expect(() => checkLayers(model("MaxPooling1D", { data_format: "channels_last" }))).not.toThrow();
    expect(() => checkLayers(model("MaxPooling2D", { data_format: "channels_first" }))).not.toThrow();
  });
});
