import { inflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { modesPicture } from "../../src/engine/progress/modes-picture.js";
import { Meter } from "../../src/engine/progress/progress.js";
import { endedText, runningText } from "../../src/engine/progress/progress-text.js";
import { openReporter } from "../../src/engine/progress/reporter.js";
import { shapley } from "../../src/engine/shapley.js";
import { gameFrom } from "../../src/games/from-function.js";
import { progress } from "../../src/notebook/tools/progress.js";
import { compact, duration } from "../../src/words.js";

const kernelKey = Symbol.for("shapley-modes.kernel");
interface Shown {
  readonly data: Record<string, string>;
  readonly id: string;
  readonly update: boolean;
}
let shown: Shown[];
let abort: AbortController;

/** Stands in for the kernel: what it is asked to display. */
beforeEach(() => {
  shown = [];
  abort = new AbortController();
  (globalThis as Record<symbol, unknown>)[kernelKey] = {
    signal: () => abort.signal,
    display: (data: Record<string, string>, _: object, { displayId, update }: { displayId: string; update: boolean }) =>
      shown.push({ data, id: displayId, update }),
  };
});
afterEach(() => {
  delete (globalThis as Record<symbol, unknown>)[kernelKey];
  vi.restoreAllMocks();
});

/** Lets time go by `seconds` for each evaluation, without waiting. */
async function slowGame(seconds: number) {
  let now = 1e6;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  return gameFrom(4, (intact) => {
    now += 1000 * seconds;
    return [intact.size, -intact.size];
  });
}

const texts = () => shown.map(({ data }) => data["text/plain"]);

describe("progress of shapley in a notebook", () => {
  it("is one display that is updated, and ends as one line", async () => {
    await shapley(await slowGame(0.1), { orderings: 40 });
    expect(new Set(shown.map(({ id }) => id)).size).toBe(1);
    expect(shown.map(({ update }) => update)).toEqual(shown.map((_, i) => i > 0));
    expect(shown.length).toBeGreaterThan(5);
    expect(texts()[0]).toMatch(/^4 units: \d+ of 122 evaluations \(\d+ %\), 10.0\/s, \d+ s left/);
    expect(texts().at(-2)).toMatch(/s left, largest standard error 0\.0$/);
    expect(shown[0].data["text/html"]).toContain('<progress max="122" value="');
    expect(texts().at(-1)).toBe("4 units: 122 evaluations in 12 s");
    expect(shown.at(-1)?.data["text/html"]).toBe("<div>4 units: 122 evaluations in 12 s</div>");
  });

  it("says no time left by what came before the first evaluations, such as the start of threads", () => {
    let now = 1e6;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const left: number[] = [];
    const meter = new Meter(1100, { units: 4, outputs: 1 }, ({ secondsLeft }) => left.push(secondsLeft), undefined);
    now += 10_000;
    for (let second = 0; second <= 10; second++, now += 1000) meter.evaluated(100);
    expect(left).toEqual([Number.NaN, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const limited = new Meter(1100, { units: 4, outputs: 1 }, ({ secondsLeft }) => left.push(secondsLeft), undefined);
    limited.mostSeconds = 12;
    now += 10_000;
    limited.evaluated(100);
    expect(left.at(-1)).toBe(2);
  });

  it("has no more time left than a run may take", async () => {
    await shapley(await slowGame(0.1), { estimator: "permutation", orderings: 400, until: { seconds: 5 } });
    const left = texts().flatMap((text) =>
      [...text.matchAll(/([\d.]+) s left/g)].map(([, seconds]) => Number(seconds)),
    );
    expect(left.length).toBeGreaterThan(5);
    expect(Math.max(...left)).toBeLessThanOrEqual(5);
  });

  it("is the same in two runs but for the times", async () => {
    await shapley(await slowGame(0.1), { orderings: 40 });
    const withoutTimes = () => texts().map((text) => text.replace(/[\d.]+ s\b|[\d.]+\/s/g, ""));
    const first = withoutTimes();
    shown = [];
    await shapley(await slowGame(0.1), { orderings: 40 });
    expect(withoutTimes()).toEqual(first);
  });

  it("is nothing for what takes less than a second, and where it is not wanted", async () => {
    await shapley(await slowGame(0.001), { orderings: 40 });
    await shapley(await slowGame(0.1), { orderings: 40, progress: false });
    process.env.SHAPLEY_MODES_PROGRESS = "0";
    await shapley(await slowGame(0.1), { orderings: 40 });
    delete process.env.SHAPLEY_MODES_PROGRESS;
    expect(shown).toEqual([]);
  });

  it.each(["interrupted", "failing"])("ends as one line when the run is %s", async (how) => {
    const game = await slowGame(0.1);
    let asked = 0;
    const broken = {
      ...game,
      evaluate(coalitions: Parameters<typeof game.evaluate>[0]) {
        if ((asked += coalitions.count) > 50) {
          if (how === "failing") throw new Error("broken");
          abort.abort(new Error("enough"));
        }
        return game.evaluate(coalitions);
      },
    };
    await shapley(broken, { orderings: 40 }).catch(() => {});
    expect(texts().at(-1)).toMatch(/^4 units: stopped at 50 of 122 evaluations after 5 s$/);
    expect(texts().filter((text) => text.includes("stopped"))).toHaveLength(1);
  });

  it("has a picture of the modes so far where that is asked for, and none in the end", async () => {
    await shapley(await slowGame(0.1), { orderings: 40, progress: { picture: true, title: "squares" } });
    const pictures = shown.map(({ data }) => /src="data:image\/png;base64,([^"]+)"/.exec(data["text/html"])?.[1]);
    expect(pictures.filter(Boolean).length).toBeGreaterThan(3);
    expect(pictures.at(-1)).toBeUndefined();
    expect(texts()[0]).toMatch(/^squares: /);
    // Two outputs of opposite sign: the first row has one colour, the second the other.
    const { width, height, pixels } = decodePng(Buffer.from(String(pictures.at(-2)), "base64"));
    expect([width, height]).toEqual([4, 2]);
    expect(pixels.slice(0, 4)).toEqual(new Array(4).fill([166, 88, 125]));
    expect(pixels.slice(4)).toEqual(new Array(4).fill([54, 75, 116]));
  });
});

describe("progress of shapley outside a notebook", () => {
  beforeEach(() => {
    delete (globalThis as Record<symbol, unknown>)[kernelKey];
  });

  it("is shown only where it is asked for", () => {
    expect(openReporter("a", "steps", undefined)).toBeUndefined();
    expect(openReporter("a", "steps", false)).toBeUndefined();
    expect(openReporter("a", "steps", true)).toBeDefined();
  });
});

describe("progress(items, work)", () => {
  it("gives what the work returned, in order, for lists, iterables and numbers", async () => {
    expect(await progress([3, 4], (item, index) => 10 * item + index)).toEqual([30, 41]);
    expect(await progress(new Set(["a"]), async (item) => `${item}!`)).toEqual(["a!"]);
    expect(await progress(3, (i: number) => i * i)).toEqual([0, 1, 4]);
    async function* later() {
      yield 5;
    }
    expect(await progress(later(), (item) => item)).toEqual([5]);
  });

  it("loops with for await as well", async () => {
    const seen: number[] = [];
    for await (const i of progress<number>(3)) seen.push(i);
    expect(seen).toEqual([0, 1, 2]);
  });

  it("shows how far it is, and what stays says how it ended", async () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const work = () => {
      now += 500;
    };
    await progress(["x", "y", "z", "w"], work, { title: "nets", unit: "networks" });
    expect(texts()).toEqual([
      "nets: 2 of 4 networks (50 %), 2.00/s, 1 s left",
      "nets: 3 of 4 networks (75 %), 2.00/s, 1 s left",
      "nets: 4 of 4 networks (100 %), 2.00/s, 0 s left",
      "nets: 4 networks in 2 s",
    ]);
    shown = [];
    const failing = progress(9, (i: number) => {
      work();
      if (i === 5) throw new RangeError("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(texts().at(-1)).toBe("progress: stopped at 5 of 9 steps after 3 s");
  });

  it("ends with the signal's reason", async () => {
    const counted: number[] = [];
    const loop = progress(1000, (i: number) => {
      counted.push(i);
      if (i === 3) abort.abort(new Error("enough"));
    });
    await expect(loop).rejects.toThrow("enough");
    expect(counted).toEqual([0, 1, 2, 3]);
  });

  it("refuses what can not be looped over", async () => {
    await expect(progress({} as never, () => 0)).rejects.toThrow(
      "invalid items; expected a list, an iterable or a number",
    );
    await expect(progress(-1, () => 0)).rejects.toThrow("invalid items; expected a positive integer; received -1");
  });
});

describe("the words of progress", () => {
  it.each([
    [8.4, "8 s"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
    [Number.POSITIVE_INFINITY, "-"],
  ])("%d seconds are %s", (seconds, text) => expect(duration(seconds)).toBe(text));

  it("keep three digits of a rate", () => {
    expect([compact(13_249), compact(4.046), compact(250)]).toEqual(["13.2k", "4.05", "250"]);
  });

  it("name the largest standard error once it is known", () => {
    const state = { done: 1500, total: 3000, seconds: 2, rate: 750, secondsLeft: 2 };
    expect(runningText({ ...state, largestStandardError: Number.NaN }, "evaluations")).toBe(
      "1,500 of 3,000 evaluations (50 %), 750/s, 2 s left",
    );
    expect(runningText({ ...state, largestStandardError: 0.00421 }, "evaluations")).toContain("standard error 0.0042");
    expect(endedText(state, "evaluations", "stopped")).toBe("stopped at 1,500 of 3,000 evaluations after 2 s");
  });
});

describe("modesPicture", () => {
  it("averages more units and outputs than it has pixels for", () => {
    const values = Float64Array.from({ length: 400 * 300 }, (_, i) => (Math.floor(i / 300) < 200 ? 1 : -1));
    const { width, height, pixels } = decodePng(Buffer.from(modesPicture(values, 400, 300)));
    expect([width, height]).toEqual([192, 96]);
    expect([pixels[0], pixels[191], pixels.at(-1)]).toEqual([
      [166, 88, 125],
      [54, 75, 116],
      [54, 75, 116],
    ]);
  });

  it("is white where nothing is known", () => {
    expect(decodePng(Buffer.from(modesPicture(new Float64Array(2), 2, 1))).pixels).toEqual(
      new Array(2).fill([255, 255, 255]),
    );
  });
});

/** Reads a PNG of 8-bit RGB whose rows have no filter. */
function decodePng(bytes: Buffer): { width: number; height: number; pixels: number[][] } {
  expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT")
      data.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(data));
  const pixels = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const from = row * (1 + 3 * width) + 1 + 3 * column;
      pixels.push([...raw.subarray(from, from + 3)]);
    }
  }
  return { width, height, pixels };
}
