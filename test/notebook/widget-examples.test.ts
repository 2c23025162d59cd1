import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { packageRoot } from "../../src/package.js";
import { temporaryFolder } from "../helpers/folders.js";
import { execute } from "../helpers/notebooks.js";

const folder = join(packageRoot, "src", "notebook", "widgets");
const examples = readdirSync(folder).flatMap((file) =>
  [
    ...readFileSync(join(folder, file), "utf8").matchAll(
      /^ *\* @example\n((?: *\* .*\n)+?) *\*\/\n *(?:export (?:async )?function )?(\w+)/gm,
    ),
  ].map(([, lines, name]) => ({ name, code: lines.replace(/^ *\* /gm, "") })),
);
const entry = readFileSync(join(packageRoot, "src", "widgets.ts"), "utf8");
const exported = [...entry.matchAll(/^export \{(.*)\} from "\.\/notebook\/widgets\//gm)].flatMap(([, names]) =>
  names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => !name.startsWith("type ")),
);

describe("examples of widgets in doc comments", () => {
  const place = temporaryFolder();
  let kernel: KernelClient;
  beforeAll(async () => {
    kernel = await startKernel(kernelSpec(), { cwd: place.folder, env: { SHAPLEY_MODES_PROGRESS: "0" } });
    await execute(
      kernel,
      `import { gameFrom, shapley } from "shapley-modes"; import { ${exported.join(", ")} } from "shapley-modes/widgets";`,
    );
  });
  afterAll(async () => {
    await kernel?.stop();
    place.remove();
  });

  it("there is one for every function", () => {
    expect(exported.length).toBeGreaterThan(10);
    expect(examples.map(({ name }) => name).sort()).toEqual([...exported, "onChange"].sort());
  });

  it.each(examples)("$name's is a cell that compiles and runs", async ({ code }) => {
    const { reply, outputs } = await execute(kernel, code);
    expect([reply.status, reply.evalue]).toEqual(["ok", undefined]);
    expect(outputs.filter((output) => output.output_type === "stream" && output.name === "stderr")).toEqual([]);
  });
});
