import * as tf from "@tensorflow/tfjs";
import { DataFrame, Series } from "danfojs-node";
import { describe, expect, it } from "vitest";
import { shapley } from "../../../src/engine/shapley.js";
import { gameFrom } from "../../../src/games/from-function.js";
import { alignedNumbers } from "../../../src/modes/glance/numbers.js";
import { ShapleyModes } from "../../../src/modes/shapley-modes.js";
import { mimeBundle } from "../../../src/notebook/display/bundle.js";

async function forms(value: unknown): Promise<{ html: string; text: string }> {
  const { data } = await mimeBundle(value, { png: false });
  return { html: String(data["text/html"] ?? ""), text: String(data["text/plain"]) };
}

describe("Shapley Modes as a result", () => {
  const units = Array.from({ length: 20 }, (_, u) => `u<${u}>`);
  const worth = (u: number) => (u - 4) / 8;

  it("the summary tells units, outputs, estimator, evaluations, orderings, seed, largest error and gap, in HTML and text", async () => {
    const game = await gameFrom(4, (intact) => [intact.size, intact.has("3") && intact.has("1") ? 2 : 0]);
    const modes = await shapley(game, { orderings: 50, seed: 9 });
    const { html, text } = await forms(modes);
    const largest = Math.max(...(modes.standardErrors ?? []));
    expect(text).toContain("ShapleyModes: 4 units, outputs [2]");
    expect(text).toContain(
      `estimator permutation · orderings 50 · evaluations ${modes.provenance.evaluations} · seed 9`,
    );
    expect(text).toContain(`largest standard error ${Number(largest.toPrecision(3))} · efficiency gap`);
    for (const fact of ["permutation", "50", "9", String(Number(largest.toPrecision(3)))]) {
      expect(html).toContain(`<b>${fact}</b>`);
    }
  });

  it("of many units the five largest and the five smallest are listed, largest first, names escaped", async () => {
    const { html, text } = await forms(
      new ShapleyModes({ units, outputShape: [], values: Float64Array.from(units, (_, u) => worth(u)) }),
    );
    const listed = text.split("\n").flatMap((line) => /^u<(\d+)> +(-?[\d.]+)/.exec(line)?.slice(1) ?? []);
    const expected = [19, 18, 17, 16, 15, 4, 3, 2, 1, 0].flatMap((u) => [String(u), worth(u).toFixed(3)]);
    expect(listed).toEqual(expected);
    expect(text).toContain("… 10 more");
    expect(html).toContain("u&lt;19&gt;");
    expect(html).not.toContain("u<");
    expect(html.match(/<svg/g)).toHaveLength(10);
  });

  it("bars begin at zero, end at the contribution, and carry one standard error to both sides", async () => {
    const { html } = await forms(
      new ShapleyModes({
        units: ["up", "down"],
        outputShape: [],
        values: Float64Array.of(3, -1),
        meanStandardErrors: Float64Array.of(1, 0.5),
        standardErrors: Float64Array.of(1, 0.5),
      }),
    );
    // The scale runs from -1.5 to 4 over 236 of 240 pixels.
    const x = (value: number) => (2 + ((value + 1.5) / 5.5) * 236).toFixed(1);
    const rect = (from: number, to: number) =>
      `<rect x="${x(from)}" y="3" width="${(Number(x(to)) - Number(x(from))).toFixed(1)}"`;
    expect(html).toContain(rect(0, 3));
    expect(html).toContain(rect(-1, 0));
    expect(html).toContain(`M${x(2)} 8H${x(4)}`);
    expect(html).toContain(`M${x(-1.5)} 8H${x(-0.5)}`);
  });

  it("errors that are not known are not shown", async () => {
    const modes = new ShapleyModes({ units, outputShape: [], values: new Float64Array(20) });
    const { text } = await forms(modes);
    expect(text).not.toMatch(/error|gap|NaN|±/);
  });
});

describe("data frames as results", () => {
  it("a small frame is shown whole with names and types of columns and its shape", async () => {
    const { html, text } = await forms(new DataFrame({ unit: ["<a>", "b"], value: [1.25, -2], n: [1, 2] }));
    expect(text.split("\n")).toEqual([
      "   unit      value      n",
      "   string  float32  int32",
      "-  ------  -------  -----",
      "0  <a>        1.25      1",
      "1  b         -2.00      2",
      "DataFrame: 2 rows × 3 columns",
    ]);
    expect(html).toContain("&lt;a&gt;");
    expect(html).not.toContain("<a>");
  });

  it("of a long and wide frame the first and last rows and columns are shown", async () => {
    const columns = Object.fromEntries(
      Array.from({ length: 40 }, (_, c) => [`c${c}`, Array.from({ length: 100 }, (_, r) => r)]),
    );
    const { text } = await forms(new DataFrame(columns));
    expect(
      text
        .split("\n")
        .slice(3, -1)
        .map((line) => line.trim().split(/\s+/)[0]),
    ).toEqual(["0", "1", "2", "3", "4", "…", "95", "96", "97", "98", "99"]);
    expect(text.split("\n")[0].trim().split(/\s+/)).toEqual([
      "c0",
      "c1",
      "c2",
      "c3",
      "c4",
      "c5",
      "c6",
      "…",
      "c33",
      "c34",
      "c35",
      "c36",
      "c37",
      "c38",
      "c39",
    ]);
    expect(text).toContain("DataFrame: 100 rows × 40 columns");
  });

  it("a series, and missing values", async () => {
    const { text } = await forms(new Series([1.5, Number.NaN, 4]));
    expect(text).toMatch(/0 +1\.5\n1 +NaN\n2 +4\.0\nSeries: 3 rows$/);
    expect((await forms(new Series(["a", undefined, null]))).text).toMatch(/0 +a\n1 +undefined\n2 +null/);
  });
});

describe("tensors and typed arrays as results", () => {
  it("a tensor tells its type, shape, smallest, mean and largest value and a corner", async () => {
    const { html, text } = await forms(tf.range(0, 600).reshape([2, 20, 15]));
    expect(text).toContain("Tensor float32 [2, 20, 15], min 0, mean 299.5, max 599; the corner [0, 0:6, 0:8]");
    expect(text.split("\n")[2].trim().split(/\s+/)).toEqual(["15", "16", "17", "18", "19", "20", "21", "22", "…"]);
    expect(html).toContain("<table>");
  });

  it("scalars, empty and disposed tensors are a line", async () => {
    const gone = tf.zeros([3, 3]);
    gone.dispose();
    expect((await forms(tf.scalar(2.5))).text).toBe("Tensor float32 []: 2.5");
    expect((await forms(tf.zeros([0, 3]))).text).toBe("Tensor float32 [0, 3]");
    expect((await forms(gone)).text).toMatch(/^Tensor float32 \[3, 3\]: its values are gone/);
  });

  it("a long typed array is its first values; NaN is counted", async () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => (i % 2 ? Number.NaN : i));
    expect((await forms(values)).text).toMatch(
      /^Float64Array \[1000\], min 0, mean 499, max 998, 500 NaN; the first 8\n/,
    );
    expect((await forms(Float64Array.of(1, 2))).html).toBe("");
  });

  it("numbers of a column share their decimals, and none becomes 0 that is not", () => {
    expect(alignedNumbers([1.5, -22.25, 0])).toEqual(["1.50", "-22.25", "0.00"]);
    expect(alignedNumbers([1, 2])).toEqual(["1", "2"]);
    expect(alignedNumbers([0.5, 1e-9, Number.NaN])).toEqual(["0.5", "1e-9", "NaN"]);
    expect(alignedNumbers([1e-9, 2.5e-8])).toEqual(["1e-9", "2.5e-8"]);
    expect(alignedNumbers([-0])).toEqual(["0"]);
  });
});

describe("other values as results", () => {
  it.each([42, true, null, "text", Symbol("s"), 12n, [1, 2, 3], { a: 1 }])("%o is text alone", async (value) => {
    expect(Object.keys((await mimeBundle(value)).data)).toEqual(["text/plain"]);
  });

  it("an object is a tree that folds, with every kind of thing in it", async () => {
    const value: Record<string, unknown> = {
      list: [1, [2, { deep: true }]],
      map: new Map<unknown, unknown>([["k<", new Set(["in a set"])]]),
      date: new Date(0),
      error: new RangeError("bad <i>"),
      call: function named() {},
      make: class Made {},
      instance: new (class Point {
        x = 1;
      })(),
      bare: Object.assign(Object.create(null), { y: 2 }),
    };
    value.itself = value;
    const { html, text } = await forms(value);
    for (const part of [
      "k&lt;",
      "in a set",
      "1970-01-01T00:00:00.000Z",
      "RangeError: bad &lt;i&gt;",
      "[Function: named]",
      "[class Made]",
      "Point {x}",
      "deep: true",
      "[circular]",
    ]) {
      expect(html.replace(/<[^>]*>/g, "")).toContain(part);
    }
    expect(html).not.toContain("<i>");
    expect(html.match(/<details/g)?.length).toBe(html.match(/<\/details>/g)?.length);
    expect(html.match(/<details open/g)).toHaveLength(1);
    expect(text).toContain("[Circular *1]");
  });

  it("tensors, data frames and modes inside an object are a line each", async () => {
    const modes = new ShapleyModes({ units: ["a", "b"], outputShape: [], values: Float64Array.of(1, 2) });
    const value = { tensor: tf.zeros([2, 3]), frame: new DataFrame({ a: [1, 2] }), modes, list: [modes, modes] };
    const text = (await forms(value)).html.replace(/<[^>]*>/g, "\n");
    expect(text).toContain("Tensor float32 [2, 3]");
    expect(text).toContain("DataFrame: 2 rows × 1 column");
    expect(text).toContain("ShapleyModes { 2 units, one output }");
  });

  it("runs nothing of the object: no getter, no proxy trap; a throwing inspect is told", async () => {
    let calls = 0;
    const trap = () => {
      calls++;
      throw new Error("trapped");
    };
    const value = {
      padding: "x".repeat(200),
      get data() {
        return trap();
      },
      get layout() {
        return trap();
      },
      proxy: new Proxy({}, { get: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, has: trap }),
    };
    expect((await forms(value)).html).toContain("[getter]");
    await forms(value.proxy);
    expect(calls).toBe(0);
    const bad = {
      [Symbol.for("nodejs.util.inspect.custom")]: () => {
        throw new Error("no words");
      },
    };
    expect((await forms(bad)).text).toBe("[can not be shown: no words]");
  });

  it("is bounded, however large the object", async () => {
    const wide = Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`k${i}`, { i, rest: [i, [i]] }]));
    let deep: unknown = {};
    for (let i = 0; i < 1e4; i++) deep = { deep, padding: i };
    for (const value of [
      wide,
      deep,
      Array(1e9),
      Array.from({ length: 1e6 }, () => ({ a: [{}] })),
      { s: "x".repeat(1e6) },
    ]) {
      const { html, text } = await forms(value);
      expect(html.length).toBeLessThan(150_000);
      expect(text.length).toBeLessThan(25_000);
    }
    expect((await forms(wide)).html).toContain(`… ${1e5 - 50} more`);
  });

  it("an object shows itself by the method of the symbol, in a promise or not, and has text in any case", async () => {
    const own = { [Symbol.for("shapley-modes.mime")]: async () => ({ "text/html": "<b>mine</b>" }) };
    expect((await mimeBundle(own)).data).toMatchObject({
      "text/html": "<b>mine</b>",
      "text/plain": expect.any(String),
    });
  });
});
