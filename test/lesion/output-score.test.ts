import { describe, expect, it } from "vitest";
import { outputPart } from "../../src/lesion/output-part.js";
import { checkScore, needsLabels, prepareScore, scoreFromText } from "../../src/lesion/output-score.js";
import { scoreNames, scoreOf } from "../../src/lesion/scores.js";

describe("a part of the output", () => {
  it.each<[string, number[], number[]]>([
    ["1,0-1", [2], [4, 5]],
    ["*", [3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ["2", [4], [8, 9, 10, 11]],
    ["*,3", [3], [3, 7, 11]],
    ["1-2,2-2", [2, 1], [6, 10]],
    ["2,3", [], [11]],
    ["*,mean", [3], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ["mean,1-2", [2], [1, 5, 9, 2, 6, 10]],
    ["mean,mean", [], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
  ])("%s has its own shape", (text, shape, places) => {
    const part = outputPart([3, 4], text);
    expect(part.shape).toEqual(shape);
    expect(Array.from(part.places)).toEqual(places);
  });

  it.each(["3", "1-3", "2-1", "", "1,", "-1", "1.5", "a", "0,0,0", "0--1", ":"])("%j is none", (text) => {
    expect(() => outputPart([3, 4], text)).toThrow(
      "invalid part of the output; expected places or ranges such as 2, 0-3 or *, or mean, with commas between, in an output [3, 4]",
    );
  });
});

describe("a class that no input is of", () => {
  const port = { name: "logits", shape: [4] };
  const told = (score: string, labels: number[]) => {
    const remarks: string[] = [];
    const inputs = { name: "some", labels: Uint8Array.from(labels), classes: 4 };
    const absent = checkScore(scoreFromText(score), port, inputs, (remark) => remarks.push(remark));
    return { absent, remarks };
  };

  it("is named where the score says 0 of it for want of a number", () => {
    expect(told("class-accuracy", [0, 2, 2])).toEqual({
      absent: [1, 3],
      remarks: [
        "no input is of class 1, 3: class-accuracy says 0 of these classes, and that no unit contributes to it",
      ],
    });
  });

  it("is nothing to say of other scores, nor where there is none", () => {
    for (const score of ["class-precision", "accuracy", "logits", "mean-output"]) {
      expect(told(score, [0])).toEqual({ absent: [], remarks: [] });
    }
    expect(told("class-accuracy", [3, 2, 1, 0])).toEqual({ absent: [], remarks: [] });
  });
});

describe("named scores", () => {
  const output = Float32Array.from({ length: 24 }, (_, o) => (o * o) % 7);
  const values = (name: string, shape: number[], labels?: Uint8Array) => {
    const inputs = 24 / shape.reduce((product, length) => product * length, 1);
    const score = prepareScore(scoreFromText(name), { shape }, inputs, labels, output);
    expect(score.name).toBe(name);
    const found = new Float64Array(2 + score.outputShape.reduce((product, length) => product * length, 1)).fill(-1);
    score.write(output, found, 1);
    expect([found[0], found[found.length - 1]]).toEqual([-1, -1]);
    return { shape: score.outputShape, values: Array.from(found.subarray(1, -1)) };
  };

  it("take parts of the output, and means of them over the inputs", () => {
    const [whole, mean] = [values("output", [3, 4]), values("mean-output", [3, 4])];
    expect([whole.shape, mean.shape]).toEqual([
      [2, 3, 4],
      [3, 4],
    ]);
    expect(whole.values).toEqual(Array.from(output));
    for (const part of ["1", "*,3", "1-2,0-1", "2,2", "*"]) {
      const { shape, places } = outputPart([3, 4], part);
      const some = values(`output:${part}`, [3, 4]);
      expect(some.shape).toEqual([2, ...shape]);
      expect(some.values).toEqual([0, 1].flatMap((b) => Array.from(places, (place) => output[12 * b + place])));
      const ofMean = values(`mean-output:${part}`, [3, 4]);
      expect(ofMean.shape).toEqual(shape);
      expect(ofMean.values).toEqual(Array.from(places, (place) => mean.values[place]));
    }
  });

  it.each(["*,mean", "mean,1-2", "1,mean", "mean"])("take the mean over axes: %s", (part) => {
    const { shape, places, averaged } = outputPart([3, 4], part);
    const whole = (b: number) =>
      Array.from({ length: places.length / averaged }, (_, o) => {
        const some = places.subarray(o * averaged, (o + 1) * averaged);
        return some.reduce((sum, place) => sum + output[12 * b + place], 0) / averaged;
      });
    expect(values(`output:${part}`, [3, 4])).toEqual({ shape: [2, ...shape], values: [...whole(0), ...whole(1)] });
    const ofMean = values(`mean-output:${part}`, [3, 4]);
    expect(ofMean.shape).toEqual(shape);
    ofMean.values.forEach((value, o) => expect(value).toBeCloseTo((whole(0)[o] + whole(1)[o]) / 2, 12));
  });

  it("take the log-probability of a class, or of each input's own", () => {
    const labels = Uint8Array.of(0, 2, 1, 1, 0, 2);
    const probabilities = values("probabilities", [4]).values;
    const near = (found: number[], classOf: (b: number) => number) =>
      found.forEach((value, b) => expect(value).toBeCloseTo(Math.log(probabilities[4 * b + classOf(b)]), 12));
    const own = values("log-probability", [4], labels);
    expect(own.shape).toEqual([6]);
    near(own.values, (b) => labels[b]);
    const third = values("log-probability:3", [4]);
    expect(third.shape).toEqual([6]);
    near(third.values, () => 3);
    const mean = -own.values.reduce((sum, value) => sum + value, 0) / 6;
    expect(values("cross-entropy", [4], labels).values[0]).toBeCloseTo(mean, 12);
  });

  it("say themselves whether they need labels", () => {
    const without = [
      "logits",
      "probabilities",
      "log-probability:3",
      "output",
      "output:3",
      "mean-output",
      "mean-output:*",
    ];
    const names = [...scoreNames, ...without];
    expect(names.filter((name) => !needsLabels(scoreFromText(name)))).toEqual([
      ...scoreNames.filter((name) => without.includes(name)),
      ...without,
    ]);
    for (const name of scoreNames) expect(scoreOf(name).name).toBe(name);
  });

  it("are checked before anything is computed", () => {
    const port = { name: "out", shape: [3, 4] };
    const classes = { name: "out", shape: [4] };
    const labelled = { name: "made up", labels: Uint8Array.of(1), classes: 4 };
    for (const text of [
      "guess",
      "output:",
      "mean-",
      "log-probability:",
      "log-probability:x",
      "outputs",
      "accuracy:1",
    ]) {
      expect(() => scoreFromText(text)).toThrow(
        "invalid score; expected one of class-precision, class-accuracy, accuracy, logits, probabilities, log-probability, cross-entropy, log-probability:CLASS, output, mean-output, output:PART, mean-output:PART or a function; received",
      );
      expect(() => checkScore(text as never, port, undefined)).toThrow("invalid score");
    }
    expect(() => checkScore(7 as never, port, undefined)).toThrow("invalid score");
    expect(() => checkScore("output:3", port, undefined)).toThrow("invalid part of the output");
    expect(() => checkScore("mean-output:1,1,1", port, undefined)).toThrow("invalid part of the output");
    expect(() => checkScore("log-probability:4", classes, labelled)).toThrow(
      "invalid score; expected the log-probability of a class from 0 to 3; received 4",
    );
    expect(() => checkScore("log-probability:1", port, undefined)).toThrow(
      "invalid output; expected one number for each",
    );
    expect(() => checkScore("log-probability", classes, undefined)).toThrow("invalid inputs; expected labelled inputs");
    for (const score of ["output:2", "mean-output:*,0-1", () => 1] as const) checkScore(score, port, undefined);
    for (const score of ["log-probability", "log-probability:3", "accuracy"] as const)
      checkScore(score, classes, labelled);
  });
});
