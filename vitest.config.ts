import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { long, slow } from "./test/lanes.js";

const listed = { ...slow, ...long };

/** Starts the longest files first, so that no core is left alone with one of them at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const seconds = ({ project, moduleId }: TestSpecification) =>
      listed[moduleId.slice(project.config.root.length + 1).replaceAll("\\", "/")] ?? 0;
    return (await super.sort(files)).sort((a, b) => seconds(b) - seconds(a));
  }
}

const absent = Object.keys(listed).find((file) => !existsSync(join(import.meta.dirname, file)));
if (absent) throw new Error(`test/lanes.ts names ${absent}, which is not there`);

const all = {
  globalSetup: ["test/temporary.setup.ts"],
  setupFiles: ["test/processor-time.setup.ts", "test/native-rules.setup.ts"],
  testTimeout: 300_000,
  hookTimeout: 300_000,
  // What a page or a kernel shows is waited for as long as it takes beside other tests (the default is a second).
  expect: { poll: { timeout: 60_000 } },
  pool: "forks",
  // Vitest would leave a core idle; and tests wait as well, for kernels, browsers and timers: one more than there are
  // cores.
  maxWorkers: availableParallelism() + 1,
} as const;
const built = { ...all, globalSetup: [...all.globalSetup, "test/build.setup.ts"] };

export default defineConfig({
  test: {
    ...all,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...all,
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: Object.keys(listed),
          setupFiles: [...all.setupFiles, "test/fast-lane.setup.ts"],
        },
      },
      { test: { ...built, name: "slow", include: Object.keys(slow) } },
      { test: { ...built, name: "long", include: Object.keys(long) } },
    ],
  },
});
