import { describe, expect, test } from "vitest";
import { loadInputs } from "../../src/datasets/inputs.js";
import { loadMnist } from "../../src/datasets/mnist.js";

describe("loadMnist", () => {
  test("has 10,000 test and 60,000 training images of 28 x 28 pixels", () => {
    for (const [set, count] of [["test", 10_000] as const, ["train", 60_000] as const]) {
      const mnist = loadMnist(set);
      expect(mnist.count).toBe(count);
      expect(mnist.labels.length).toBe(count);
      expect(mnist.images.length).toBe(count * 784);
    }
  });

  test("is in canonical order", () => {
    expect([...loadMnist("test").labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect([...loadMnist("train").labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  });

  test("refuses another set", () => {
    expect(() => loadMnist("validation" as "test")).toThrow(
      'invalid MNIST set; expected one of train, test; received "validation"',
    );
  });
});

describe("loadInputs", () => {
  test("takes a range, both ends included, and divides the grey levels by 255", () => {
    const { inputs, labels, count, features, classes, name } = loadInputs("mnist-test:1-3");
    expect({ count, features, classes, name }).toEqual({
      count: 3,
      features: 784,
      classes: 10,
      name: "mnist-test:1-3",
    });
    expect([...labels]).toEqual([2, 1, 0]);
    const greys = loadMnist("test").images.subarray(784, 4 * 784);
    expect(inputs).toEqual(Float32Array.from(greys, (grey) => grey / 255));
    expect(Math.max(...inputs)).toBe(1);
  });

  test("takes a whole set where no range is given", () => {
    expect(loadInputs("mnist-test").count).toBe(10_000);
    expect(loadInputs("mnist-test").sha256).toBe(loadInputs("mnist-test:0-9999").sha256);
    expect(loadInputs("mnist-train:59999-59999").count).toBe(1);
  });

  test("checksums the inputs, not the name", () => {
    const sums = ["mnist-test:0-1", "mnist-test:0-2", "mnist-train:0-1"].map((name) => loadInputs(name).sha256);
    expect(new Set(sums).size).toBe(3);
    expect(loadInputs("mnist-test:00-01").sha256).toBe(sums[0]);
  });

  test.each([
    ["mnist-test:0-10000", "expected images 0 to 9999 of mnist-test"],
    ["mnist-train:60000-60000", "expected images 0 to 59999 of mnist-train"],
    ["mnist-test:5-4", "expected a range whose first image is not after its last"],
    ["mnist-test:", "expected mnist-test or mnist-train, or a part of them"],
    ["mnist-test:3", "expected mnist-test or mnist-train, or a part of them"],
    ["mnist-test:-1-3", "expected mnist-test or mnist-train, or a part of them"],
    ["mnist-test:0-1.5", "expected mnist-test or mnist-train, or a part of them"],
    ["mnist", "expected mnist-test or mnist-train, or a part of them"],
    ["cifar-test:0-3", "expected mnist-test or mnist-train, or a part of them"],
  ])("refuses %s", (name, rule) => {
    expect(() => loadInputs(name)).toThrow(RangeError);
    expect(() => loadInputs(name)).toThrow(`invalid inputs; ${rule}`);
    expect(() => loadInputs(name)).toThrow(`received ${JSON.stringify(name)}`);
  });

  test("refuses what is not a name", () => {
    expect(() => loadInputs(3 as unknown as string)).toThrow(TypeError);
  });
});
