import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { execute } from "../helpers/notebooks.js";

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await startKernel(kernelSpec());
});
afterAll(async () => {
  await kernel?.stop();
});

async function hint(code: string): Promise<string | undefined> {
  const { outputs } = await execute(kernel, code);
  expect(outputs).toMatchObject([{ output_type: "error", ename: "TypeScriptError" }]);
  const [output] = outputs;
  return output.output_type === "error" ? output.traceback.find((line) => line.startsWith("Hint: "))?.slice(6) : "";
}

describe("a cell in Python gets a hint", () => {
  it.each([
    ["%matplotlib inline", "no magics"],
    ["%%time\n1 + 1", "await timed("],
    ["!ls -la", "execSync"],
    ["import numpy as np", "no numpy"],
    ["import os", "import * as name"],
    ["from os import path", "import { name }"],
    ["print(1)", "console.log(x) prints"],
    ["const known = 1;\nx = known", "a new variable is declared: let x = known"],
    ["const a = None;", "null"],
    ["let b = True", "true"],
    ["for i in range(3):\n    print(i)", "braces"],
    ["def f(x):\n  return x", "function name(x: number)"],
    ["const y = [x * 2 for x in list]", "list.map"],
    ['const c = f"{1}"', "backticks"],
    ["# words", "comments begin with //"],
    ["let z = true and false", "x && y"],
    ["Array?", "Shift+Tab"],
  ])("%j", async (code, words) => {
    expect(await hint(code)).toContain(words);
  });

  it.each([
    "const q: number = 'f'",
    "const o = { a: 1 };\no.b",
    "nothingOfThisName + 1",
    "class A {\n  #x = nothing;\n}",
  ])("and none where the mistake is TypeScript's own: %j", async (code) => {
    expect(await hint(code)).toBeUndefined();
  });
});

describe("a name that another entry point has gets that one said", () => {
  it.each([
    ['import * as sm from "shapley-modes";\nsm.clusterUnits', 'import { clusterUnits } from "shapley-modes/analysis"'],
    ['import { lesionPage } from "shapley-modes";\nlesionPage', 'import { lesionPage } from "shapley-modes/pages"'],
    [
      'import * as sm from "shapley-modes";\nlet x: sm.UnitClusters | null = null;',
      'import { UnitClusters } from "shapley-modes/analysis"',
    ],
    ['import { shapley } from "shapley-modes/analysis"', 'import { shapley } from "shapley-modes"'],
    ['import { forestFigure } from "shapley-modes"', 'import { forestFigure } from "shapley-modes/figures"'],
  ])("%j", async (code, place) => {
    expect(await hint(code)).toMatch(new RegExp(`^\\w+ stands in another place: ${place}$`));
  });

  it("and none where there is no such name", async () => {
    expect(await hint('import { clusterUnitz } from "shapley-modes"')).toBeUndefined();
  });
});
