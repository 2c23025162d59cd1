import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { installKernel } from "../../src/notebook/run/kernelspec.js";
import { type CodeCell, notebookText, readNotebook } from "../../src/notebook/run/nbformat.js";
import { hasTag, injectParameters } from "../../src/notebook/run/parameters.js";
import { packageRoot } from "../../src/package.js";
import { packageVersion } from "../../src/version.js";
import { codeCells } from "../helpers/notebooks.js";
import { available, chromium, pythonWithJupyter } from "../helpers/optional.js";
import { sharedPage } from "../helpers/shared-page.js";

const names = [
  "01-quickstart",
  "02-mlp-regularisation",
  "03-gan",
  "04-experts",
  "05-your-own-network",
  "06-observed-lesions",
  "07-cnn-regularisation",
];
const figures = [
  "A1",
  "A2",
  "A3",
  "A4",
  "A5",
  "A6",
  "A7",
  "B1",
  "B2",
  "B3",
  "B4",
  "B5",
  "B6",
  "B7",
  "C1",
  "C2",
  "C3",
  "C4",
  "C5",
  "C6",
];
const folder = mkdtempSync(join(tmpdir(), "notebooks-"));
const results = join(folder, "results");
const again = join(folder, "again");
const jupyter = available("Jupyter", pythonWithJupyter());

/** nbclient, writing the notebook back with its outputs: what `jupyter execute --inplace` does in later versions. */
const inplace = `
import sys, nbformat
from nbclient import NotebookClient
path = sys.argv[1]
notebook = nbformat.read(path, as_version=4)
NotebookClient(notebook, timeout=600).execute()
nbformat.write(notebook, path)
`;

function reproduce(out: string, experiment = "all") {
  const argv = ["reproduce", experiment, "--profile", "smoke", "--out", out];
  return spawnSync(process.execPath, [join(packageRoot, "dist", "cli", "main.js"), ...argv], { encoding: "utf8" });
}

describe("reproduce all --profile smoke", () => {
  let run: ReturnType<typeof reproduce>;
  beforeAll(() => {
    run = reproduce(results);
  }, 900_000);

  it("ends well and leaves executed notebooks, pages, figures A1 to B7, the agreement table and what became of the claims", () => {
    expect(run.stderr).not.toContain("error");
    expect(run.status).toBe(0);
    for (const name of names) {
      const notebook = readNotebook(join(results, `${name}.ipynb`));
      const cells = codeCells(notebook);
      expect(cells.map((cell) => cell.execution_count)).toEqual(cells.map((_, i) => i + 1));
      expect(cells.flatMap((cell) => cell.outputs).filter((output) => output.output_type === "error")).toEqual([]);
      expect(existsSync(join(results, `${name}.html`))).toBe(true);
    }
    for (const figure of figures) expect(existsSync(join(results, `${figure}.html`))).toBe(true);
    for (const file of ["B5.gif", "gan-claims.md", "gan-claims.json", "cnn-agreement.md", "cnn-A1.html", "cnn-A7.html"])
      expect(existsSync(join(results, file))).toBe(true);
    expect(run.stdout).toMatch(/\d of 8 claims about layers hold, \d of them in no control/);
    const { claims } = JSON.parse(readFileSync(join(results, "cnn-agreement.json"), "utf8"));
    expect(run.stdout).toContain(
      `${claims.filter(({ holds }: { holds: boolean }) => holds).length} of 5 orders that the paper reports of MLPs hold`,
    );
    const experts = JSON.parse(readFileSync(join(results, "experts-agreement.json"), "utf8"));
    expect(experts).toMatchObject({ profile: "smoke", seed: 1, decoders: ["experts-1"] });
    expect(run.stdout).toMatch(/\d+ of \d+ tests of the paper's sentences about experts hold/);
    const agreement = JSON.parse(readFileSync(join(results, "agreement.json"), "utf8"));
    expect(agreement).toMatchObject({ profile: "smoke", seed: 1, orderings: 200 });
    expect(agreement.rows.length).toBeGreaterThan(10);
    expect(run.stdout).toContain(
      `${agreement.numbersWithin} of ${agreement.rows.length} numbers and ${agreement.ordersHeld} of ${agreement.orders.length} orders agree`,
    );
    expect(readFileSync(join(results, "agreement.md"), "utf8")).toContain(
      "| A2 | index of distributed computation | L1 |",
    );
  });

  it("checks before it shows: the table of gaps and errors comes before any figure", () => {
    for (const name of names) {
      const outputs = codeCells(readNotebook(join(results, `${name}.ipynb`))).map((cell) =>
        JSON.stringify(cell.outputs),
      );
      const checked = outputs.findIndex((text) => text.includes("efficiency gap"));
      const drawn = outputs.findIndex((text) => text.includes("application/vnd.plotly.v1+json"));
      expect(checked).toBeGreaterThan(0);
      expect(drawn).toBeGreaterThan(checked);
      expect(outputs.at(-1)).toContain(`shapley-modes  ${packageVersion}`);
    }
  });

  const fresh = sharedPage();
  it.runIf(available("Chromium", chromium()))("makes pages that draw every figure with the network off", async () => {
    for (const [page, plots] of [
      ["01-quickstart", 2],
      ["02-mlp-regularisation", 8],
      ["03-gan", 13],
      ["04-experts", 8],
      ["05-your-own-network", 9],
      ["06-observed-lesions", 1],
      ["07-cnn-regularisation", 9],
      ...figures.map((name) => [name, 1]),
    ]) {
      const tab = await fresh();
      const complaints: string[] = [];
      tab.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      tab.on("pageerror", (error) => complaints.push(error.message));
      tab.on("request", (request) => !/^(file|data|blob):/.test(request.url()) && complaints.push(request.url()));
      await tab.goto(`file://${join(results, `${page}.html`)}`);
      await tab.waitForFunction(
        (n) => document.querySelectorAll(".js-plotly-plot .main-svg").length >= (n as number),
        plots,
      );
      expect(await tab.locator(".js-plotly-plot").count()).toBe(plots);
      expect(complaints).toEqual([]);
    }
  });
});

describe.runIf(jupyter)("jupyter execute", () => {
  const prefix = join(folder, "env");
  const env = { ...process.env, JUPYTER_PATH: join(prefix, "share", "jupyter") };
  /** A copy of a notebook of the package, with other parameters. */
  function copyOf(name: string, copy: string, parameters: Record<string, string>): string {
    const notebook = readNotebook(join(packageRoot, "notebooks", `${name}.ipynb`));
    writeFileSync(join(folder, copy), notebookText(injectParameters(notebook, { profile: "smoke", ...parameters })));
    return join(folder, copy);
  }
  beforeAll(() => {
    installKernel({ prefix });
  });

  const command = available("the command jupyter", existsSync("/usr/bin/jupyter"));

  it.each(command ? names.slice(1, 2) : names.slice(0, 2))("runs %s with the installed kernel", (name) => {
    const copy = copyOf(name, `${name}.ipynb`, { out: again });
    execFileSync("/usr/bin/python3", ["-c", inplace, copy], { env, stdio: "pipe" });
    const cells = codeCells(readNotebook(copy));
    expect(cells.every((cell: CodeCell) => cell.execution_count !== null)).toBe(true);
    expect(JSON.stringify(cells.map((cell) => cell.outputs))).toContain("application/vnd.plotly.v1+json");
    expect(cells.some((cell) => hasTag(cell, "injected-parameters"))).toBe(true);
  });

  it.runIf(command)("the command itself runs the quickstart", () => {
    const copy = copyOf("01-quickstart", "command.ipynb", { out: again });
    execFileSync("/usr/bin/jupyter", ["execute", copy], { env, stdio: "pipe" });
    expect(existsSync(join(again, "quickstart-modes.npz"))).toBe(true);
  });
});

it("reproduce gives the same bytes in another process", () => {
  // Jupyter has run the same notebooks, where it is: the same numbers from whoever runs them.
  if (!jupyter) expect(reproduce(again, "mlp").status).toBe(0);
  for (const file of [
    "agreement.json",
    "agreement.md",
    "quickstart-modes.npz",
    "quickstart-modes.csv",
    "A2.html",
    "A3.html",
  ]) {
    expect(readFileSync(join(again, file)).equals(readFileSync(join(results, file)))).toBe(true);
  }
});
