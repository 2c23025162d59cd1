import { describe, expect, it } from "vitest";
import { bench, expectMeasured } from "../../helpers/bench.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";

type Row = Readonly<Record<"leverage" | "antithetic" | "coverage" | "evaluating" | "fitting", number>>;
/** What `bench estimators` says of a network: a row for each score, or one. */
interface EstimatorsNumbers {
  readonly rows: readonly Row[];
  readonly row: Row;
}

describe("bench, all questions of a target", () => {
  it.skipIf(!onnxRuntime)(
    "measures lesioned images on the kernel, on ONNX Runtime and on tensors against plain forward passes, on equal images",
    () => {
      const { status, stdout } = bench("gan", "--json", "--repeat", "1");
      expect(status).toBe(0);
      const { results } = JSON.parse(stdout);
      expect(results.map(({ name }: { name: string }) => name)).toEqual([
        "kernel",
        "ordering",
        "onnx",
        "tensors",
        "disk",
      ]);
      for (const result of results) expectMeasured(result);
      for (const { numbers } of results.slice(0, 4)) expect(numbers.largestError).toBeLessThan(1e-4);
      const [kernel, ordering, , tensors, disk] = results;
      expect(disk.numbers).toMatchObject({ rows: 4, parts: 2 });
      expect(kernel.numbers.left_out_ms).toBeGreaterThan(0);
      expect(ordering.numbers.units).toBe(243);
      expect(results.slice(0, 4).map(({ numbers }: { numbers: object }) => numbers)).toMatchObject(
        Array(4).fill({ repetitions: 1 }),
      );
      expect(tensors.numbers.rows.map(({ backend }: { backend: string }) => backend)).toContain("wasm");
    },
    1_800_000,
  );

  it("measures that lesioned channels left out take less than multiplied by 0", () => {
    // Half the filters left out is a quarter of the products. Of one time each, a stall would be all.
    const { status, stdout } = bench("gan", "--only", "kernel", "--json", "--repeat", "9");
    expect(status).toBe(0);
    const { left_out_ms, multiplied_by_0_ms } = JSON.parse(stdout).numbers;
    expect(left_out_ms).toBeGreaterThan(0);
    expect(left_out_ms).toBeLessThan(multiplied_by_0_ms);
  });

  it("measures what chunks and files cost, on equal bytes", () => {
    // But for the chunk of a minute, which takes two.
    const results = ["overhead", "reduce", "files"].map((question) => {
      const { status, stdout } = bench("job", "--only", question, "--json", "--repeat", "1");
      expect(status).toBe(0);
      return JSON.parse(stdout);
    });
    for (const result of results) {
      expectMeasured(result);
      expect(result.numbers.same_bytes).toBe(true);
    }
    const [, reduce, files] = results;
    expect(reduce.numbers.bytes).toBeGreaterThan(1e8);
    expect(files.numbers).toMatchObject({ chunks: 10_000, folders: 100 });
  }, 1_800_000);

  it("answers the questions of a target for programs: errors of estimators fall with the root of the orderings", () => {
    // But for the memory of 50,000 outputs, which takes a minute; test/estimators/leverage-memory.test.ts bounds that.
    const names = ["errors", "terms", "coverage", "goals", "convolution", "generator", "decoder"];
    const results = names.map((question) => {
      const { status, stdout } = bench("estimators", "--only", question, "--json", "--repeat", "1");
      expect(status, question).toBe(0);
      return JSON.parse(stdout);
    });
    expect(results.map(({ name }: { name: string }) => name)).toEqual(names);
    const rows: { score: string; estimator: string; orderings: number; evaluations: number; error: number }[] =
      results[0].numbers.rows;
    for (const score of ["class-precision", "cross-entropy"]) {
      const [few, many] = [32, 512].map((orderings) => {
        const all = rows.filter((row) => row.score === score && row.orderings === orderings);
        return Object.fromEntries(all.map((row) => [row.estimator, row]));
      });
      // 16 seeds: the ratio 4 is estimated to within about a tenth
      for (const estimator of ["permutation", "antithetic"]) {
        expect(few[estimator].error / many[estimator].error).toBeGreaterThan(2.5);
        expect(few[estimator].error / many[estimator].error).toBeLessThan(6);
      }
      expect(many.antithetic.evaluations).toBe(many.permutation.evaluations);
      expect(many.antithetic.error).toBeLessThan(many.permutation.error);
    }
    const [convolution, generator, decoder] = results
      .slice(-3)
      .map(({ numbers }: { numbers: EstimatorsNumbers }) => numbers);
    for (const row of [...convolution.rows, generator.row, decoder.row]) {
      expect(row.leverage).toBeGreaterThan(row.antithetic);
      expect(row.coverage).toBeGreaterThan(0.9);
      for (const seconds of [row.evaluating, row.fitting]) expect(seconds).toBeGreaterThan(0);
    }
  }, 1_800_000);
});
