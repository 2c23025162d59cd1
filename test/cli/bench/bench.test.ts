import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { bench, expectMeasured, main } from "../../helpers/bench.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { available, chromium } from "../../helpers/optional.js";

/** A module in which a process sends itself SIGINT, some milliseconds after it listens to it and only while it does. */
const interruptedAfter = (milliseconds: number) =>
  `data:text/javascript,${encodeURIComponent(`let waiting;
process.on("newListener", (name) => {
  if (name === "SIGINT") waiting = setTimeout(() => process.kill(process.pid, "SIGINT"), ${milliseconds});
});
process.on("removeListener", (name) => {
  if (name === "SIGINT") clearTimeout(waiting);
});`)}`;

describe("bench", () => {
  it("answers one question: equal predictions, figure, baseline, ratio, peak memory", () => {
    const { status, stdout, stderr } = bench("mlp", "--only", "walk", "--json");
    expect([status, stderr]).toEqual([0, ""]);
    const answer = JSON.parse(stdout);
    const { name, numbers } = answer;
    expect(name).toBe("walk");
    expectMeasured(answer);
    expect(numbers).toMatchObject({ units: 100, inputs: 1024, classes: 10, bits_equal: true });
  });

  it.skipIf(!onnxRuntime)(
    "measures batches of an ONNX network against coalitions one by one and passes without lesions, on equal outputs",
    () => {
      const { status, stdout } = bench("networks", "--only", "onnx", "--json");
      expect(status).toBe(0);
      const answer = JSON.parse(stdout);
      const { numbers } = answer;
      expectMeasured(answer);
      expect(numbers.rows.map(({ units }: { units: number }) => units)).toEqual([16, 8]);
      for (const row of numbers.rows) {
        expect(row.largestError).toBeLessThan(1e-4);
        // The same arithmetic, for each coalition, but for what lesions cost: nothing else by which these can differ so
        // much.
        expect(row.forward / row.oneByOne).toBeGreaterThan(0.1);
        expect(row.forward / row.oneByOne).toBeLessThan(10);
      }
    },
  );

  it("measures the walk of experts, shared beginnings and scores without decoding, on equal values", () => {
    const { status, stdout } = bench("experts", "--json", "--repeat", "1");
    expect(status).toBe(0);
    const { results } = JSON.parse(stdout);
    expect(results.map(({ name }: { name: string }) => name)).toEqual(["walk", "prefixes", "scores"]);
    for (const answer of results) expectMeasured(answer);
    const [walk, prefixes, scores] = results.map(({ numbers }: { numbers: object }) => numbers);
    expect(walk).toMatchObject({ units: 32, largestError: 0 });
    expect(prefixes).toMatchObject({ questions: 30, bits_equal: true });
    expect(prefixes.tokens.shared).toBeLessThan(prefixes.tokens.whole);
    expect(scores).toMatchObject({ questions: 15, lengths: { prompt: 64, answer: 32 } });
  });

  it("measures workers and live figures: same bytes, updates that arrive", () => {
    const workers = bench("mlp", "--only", "workers", "--json", "--repeat", "1");
    expect([workers.status, workers.stderr]).toEqual([0, ""]);
    const { numbers, ...answer } = JSON.parse(workers.stdout);
    expectMeasured({ numbers, ...answer });
    expect(numbers).toMatchObject({ workers: 2, same_bytes: true });
    const live = bench("notebook", "--only", "live", "--json", "--repeat", "1");
    expect(live.status).toBe(0);
    const shown = JSON.parse(live.stdout);
    expectMeasured(shown);
    expect(shown.numbers.updates).toBeGreaterThan(1);
  });

  it.skipIf(!available("Chromium", chromium()))("measures clicks on pages: below 6 MB, and drawn", () => {
    const { status, stdout } = bench("page", "--only", "digits", "--json", "--repeat", "5");
    expect(status).toBe(0);
    const answer = JSON.parse(stdout);
    expectMeasured(answer);
    expect(answer.numbers.megabytes).toBeLessThan(6);
    expect(answer.numbers.start).toBeGreaterThan(0);
  });

  it.each(["run", "sweep"])("stops at Ctrl-C (%s)", async (question) => {
    // In the midst of its work; on a fast machine it may be done by then, and so is asked earlier.
    for (let wait = 1000; ; wait = Math.floor(wait / 2)) {
      const argv = ["--import", interruptedAfter(wait), main, "bench", "mlp", "--only", question];
      const child = spawn(process.execPath, argv, { stdio: "pipe" });
      let said = "";
      child.stderr.on("data", (part: Buffer) => {
        said += part.toString();
      });
      child.stdout.resume();
      const [status, signal] = await once(child, "close");
      if (status === 0 && wait > 0) continue;
      expect([status, signal, said]).toEqual([130, null, "interrupted\n"]);
      break;
    }
  });

  it("says what it can measure where asked for something else", () => {
    const { status, stderr } = bench("languages");
    expect([status, stderr]).toEqual([
      1,
      'error: invalid target; expected one of mlp, gan, networks, notebook, page, experts, mixtral, job, estimators; received "languages"\n',
    ]);
    const question = bench("mlp", "--only", "errors");
    expect(question.status).toBe(1);
    expect(question.stderr).toContain("invalid question; expected one of walk, run, workers, deep, sweep");
    const decoder = bench("estimators", "--only", "terms", "--decoder", "here");
    expect([decoder.status, decoder.stderr]).toEqual([
      1,
      'error: invalid decoder; expected none but for the question decoder of estimators; received "here"\n',
    ]);
    expect(bench("estimators", "--only", "decoder", "--decoder", "/nowhere").stderr).toContain("/nowhere");
  });
});
