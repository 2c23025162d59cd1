// Says how the tests went, from Vitest's JSON reports: which were left out, and last `N passed, N failed` alone on its line.
//
//   node scripts/test-totals.mjs report.json...
//
// With CI=true a test may be left out only where `.ci/run` can not provide what it needs: any other counts as failed. Exit code 1 where one failed.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";

/** What `.ci/run` can not provide, and the files whose tests need it. */
const notProvided = {
  "the authors' published networks (MSA_XAI_DIR)": [
    "test/published/published-modes.test.ts",
    "test/networks/mlp/published.test.ts",
  ],
  "decoders' numbers of an independent implementation (DECODER_REFERENCE_DIR)": [
    "test/decoders/reference.test.ts",
    "test/decoders/tensor-products.test.ts",
  ],
  "TensorFlow's native library or a graphics card": [
    "test/tensors/graphics-card.test.ts",
    "test/tensors/native-rules.test.ts",
  ],
};

/**
 * @param {{ success: boolean, testResults: { name: string, status: string, assertionResults: { status: string, fullName: string }[] }[] }} report
 * @param {string} root folder that the files' names are told from
 * @param {boolean} strict whether a test is not to be left out without a reason above
 * @returns {{ lines: string[], failed: number }}
 */
export function totals({ success, testResults }, root, strict) {
  const lines = [];
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const { name, status, assertionResults } of testResults) {
    const file = relative(root, name).replaceAll("\\", "/");
    const count = (state) => assertionResults.filter((test) => test.status === state).length;
    const left = assertionResults.length - count("passed") - count("failed");
    const [reason] = Object.entries(notProvided).find(([, files]) => files.includes(file)) ?? [];
    passed += count("passed");
    failed += count("failed");
    // A file that could not be read, or a hook of it, fails without a test of its own.
    if (status === "failed" && count("failed") === 0) failed++;
    if (left === 0) continue;
    if (strict && !reason) failed += left;
    else skipped += left;
    const why = reason
      ? `needs ${reason}`
      : strict
        ? "failed: nothing that it needs is absent here"
        : "what it needs is absent";
    lines.push(`left out: ${left} of ${file}: ${why}`);
  }
  // Errors that belong to no test.
  if (!success && failed === 0) failed = 1;
  if (passed === 0 && failed === 0) failed = 1;
  lines.push(`${skipped} skipped`, `${passed} passed, ${failed} failed`);
  return { lines, failed };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
  const report = {
    success: reports.every(({ success }) => success),
    testResults: reports.flatMap(({ testResults }) => testResults),
  };
  const { lines, failed } = totals(report, process.cwd(), process.env.CI === "true");
  console.log(lines.join("\n"));
  process.exitCode = failed > 0 ? 1 : 0;
}
