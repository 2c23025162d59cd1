import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statesMime, viewMime, type WidgetRecord } from "../../src/notebook/page/widget-states.js";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { notebookText } from "../../src/notebook/run/nbformat.js";
import { runNotebook } from "../../src/notebook/run/run-notebook.js";
import { launchBrowser } from "../helpers/browser.js";
import { temporaryFolder } from "../helpers/folders.js";
import { codeCells, notebookOf } from "../helpers/notebooks.js";
import { available, chromium } from "../helpers/optional.js";
import { notebookProgram, startNotebookServer } from "./notebook-server.js";
import { type WidgetPage, widgetManagerScript, widgetPage } from "./widget-page.js";

const executablePath = chromium();
const script = widgetManagerScript();

const controls = `await column(
  await slider("slider", { max: 200, value: 40, show: false }),
  await slider("fraction", { max: 1, step: 0.05, value: 0.25, show: false }),
  await range("range of units", { max: 100, value: [20, 60], show: false }),
  await select("choice", ["hidden1", "hidden2"], { show: false }),
  await select("list", [8, 16, 32], { rows: 3, value: 16, show: false }),
  await checkbox("ticked", { value: true, show: false }),
  await text("field", { value: "<b>words</b>", show: false }),
  ["beside", await button("press", () => console.log("pressed"), { show: false })],
  await progressBar("bar", { value: 70, show: false }),
);`;

describe.runIf(
  available(
    "Chromium and Jupyter's widget manager (apt-get install chromium; npm ci)",
    executablePath !== undefined && script !== undefined,
  ),
)("Jupyter's own widget manager, in Chromium", () => {
  const place = temporaryFolder();
  let kernel: KernelClient;
  let browser: Browser;
  let front: WidgetPage;

  beforeAll(async () => {
    kernel = await startKernel(kernelSpec(), { cwd: place.folder });
    browser = await launchBrowser();
    front = await widgetPage(browser, String(script), place.folder, kernel);
    const names = "button, checkbox, column, interact, output, progressBar, range, select, slider, text";
    await front.run(`import { ${names} } from "shapley-modes/widgets";`);
  });

  afterAll(async () => {
    await browser?.close();
    await kernel?.stop();
    place.remove();
  });

  const output = (index: number) => front.page.locator(".output").nth(index);
  const shows = (index: number, text: string) =>
    expect.poll(() => output(index).textContent(), { timeout: 120_000 }).toBe(text);
  it("shows an interaction, and draws again as the slider moves and the choice changes", async () => {
    await front.run(
      'const seen = await interact({ k: [0, 200], layer: ["hidden1", "hidden2"] }, ({ k, layer }) => { console.log(k + " of " + layer); });',
    );
    await shows(0, "0 of hidden1");
    const handle = front.page.locator(".widget-slider .noUi-handle");
    await handle.focus();
    for (let i = 0; i < 3; i++) await handle.press("ArrowRight");
    await shows(0, "3 of hidden1");
    const track = await front.page.locator(".noUi-target").boundingBox();
    if (!track) throw new Error("the slider is not there");
    await handle.hover();
    await front.page.mouse.down();
    await front.page.mouse.move(track.x + track.width / 2, track.y, { steps: 20 });
    await front.page.mouse.up();
    await expect.poll(() => output(0).textContent(), { timeout: 120_000 }).toMatch(/^(9\d|10\d) of hidden1$/);
    await front.page.locator("select").selectOption("hidden2");
    await expect.poll(() => output(0).textContent(), { timeout: 120_000 }).toMatch(/^(9\d|10\d) of hidden2$/);
  });

  it("moves the controls when code does", async () => {
    await front.run('seen.controls.k.value = 150; seen.controls.layer.value = "hidden1";');
    await expect.poll(() => front.page.locator(".widget-readout").first().textContent()).toBe("150");
    expect(await front.page.locator("select").first().inputValue()).toBe("hidden1");
    await shows(0, "150 of hidden1");
  });

  it("shows every kind of control with its label and value, and passes on what is done to it", async () => {
    await front.run(
      `const [field, tick, press, bar] = [
         await text("field", { value: "<b>" }), await checkbox("tick"), await button("press", () => console.log("pressed")), await progressBar("bar", { value: 30 })];
       field.onChange((now) => console.log("field", now)); tick.onChange((now) => console.log("tick", now));`,
    );
    await front.page.locator('input[type="text"]').waitFor();
    expect(await front.page.locator('input[type="text"]').inputValue()).toBe("<b>");
    await front.page.locator('input[type="text"]').fill("words");
    await front.page.locator('input[type="text"]').press("Enter");
    await expect
      .poll(() => front.page.locator(".output").allTextContents(), { timeout: 120_000 })
      .toContain("field words\n");
    await front.page.locator('input[type="checkbox"]').check();
    await expect
      .poll(() => front.page.locator(".output").allTextContents(), { timeout: 120_000 })
      .toContain("tick true\n");
    await front.page.getByRole("button", { name: "press" }).click();
    await expect
      .poll(() => front.page.locator(".output").allTextContents(), { timeout: 120_000 })
      .toContain("pressed\n");
    await expect.poll(() => front.page.getByRole("button", { name: "press" }).isEnabled()).toBe(true);
    const width = () => front.page.locator(".progress-bar").evaluate((bar) => (bar as HTMLElement).style.width);
    expect(await width()).toBe("30%");
    await front.run("bar.value = 80;");
    await expect.poll(width).toBe("80%");
  });

  it("shows what is printed in an Output widget", async () => {
    await front.run('const area = await output(); await area.capture(() => console.log("inside"));');
    await expect.poll(() => front.page.locator(".widget-output").textContent()).toContain("inside");
    await front.run("area.clear();");
    await expect.poll(() => front.page.locator(".widget-output").textContent()).not.toContain("inside");
  });

  it("asks for nothing and complains of nothing", async () => {
    expect(await front.wrong()).toEqual([]);
    expect(front.requests).toEqual([]);
  });

  it.each([
    ["8", "2.0.0", "2.0.0", ".noUi-handle"],
    ["7, which VS Code takes for kernels that are not Python's", "1.5.0", "1.2.0", ".ui-slider-handle"],
  ])("opens the widgets of a saved notebook, with ipywidgets %s", async (_, controlsVersion, baseVersion, handle) => {
    const { notebook, failure } = await runNotebook(
      notebookOf(
        'import { button, checkbox, column, progressBar, range, select, slider, text } from "shapley-modes/widgets";',
        controls,
      ),
    );
    expect(failure).toBeUndefined();
    const [, cell] = codeCells(notebook);
    const view = cell.outputs.flatMap((each) =>
      "data" in each ? [each.data[viewMime] as { model_id: string }] : [],
    )[0];
    const metadata = JSON.parse(JSON.stringify(notebook.metadata));
    const { state } = metadata.widgets[statesMime] as { state: Record<string, WidgetRecord> };
    const versioned = Object.entries(state).map(([id, { model_name, model_module, state: own }]) => {
      const version = (module: unknown) => (module === "@jupyter-widgets/base" ? baseVersion : controlsVersion);
      const record = {
        model_name,
        model_module,
        model_module_version: version(model_module),
        state: {
          ...own,
          _model_module_version: version(model_module),
          _view_module_version: version(own._view_module),
        },
      };
      return [id, record];
    });
    metadata.widgets[statesMime].state = Object.fromEntries(versioned);
    const saved = await widgetPage(browser, String(script), place.folder);
    await saved.openSaved(metadata, view.model_id);
    await saved.page.locator(".widget-vbox .widget-slider, .widget-vbox .widget-hslider").first().waitFor();
    expect(await saved.page.locator(handle).count()).toBe(4);
    const labels = await saved.page.locator(".widget-label").allTextContents();
    for (const label of ["slider", "fraction", "range of units", "choice", "list", "field", "bar", "beside"]) {
      expect(labels.map((each) => each.trim())).toContain(label);
    }
    const readouts = await saved.page.locator(".widget-readout").allTextContents();
    expect(readouts.map((each) => each.replace(/[\s\u2009]+/g, " "))).toEqual([
      "40",
      "0.25",
      expect.stringMatching(/^20 – 60$/),
    ]);
    expect(await saved.page.locator('input[type="checkbox"]').isChecked()).toBe(true);
    expect(await saved.page.locator('input[type="text"]').inputValue()).toBe("<b>words</b>");
    expect(await saved.wrong()).toEqual([]);
    expect(saved.requests).toEqual([]);
  });
});

const program = notebookProgram();

describe.runIf(
  available("Notebook 6 and Chromium (apt-get install jupyter-notebook chromium)", program && executablePath),
)("Notebook 6 without widgets, in Chromium", () => {
  const place = temporaryFolder();
  afterAll(() => place.remove());

  it("shows an interaction in words with what to install, its first drawing, and later ones in its place", async () => {
    const cells = notebookOf(
      `import { interact } from "shapley-modes/widgets";
const seen = await interact({ k: [0, 9] }, ({ k }) => { console.log("drawn with " + k); });`,
      "seen.controls.k.value = 7;",
    );
    const kernelspec = { name: "shapley-modes", display_name: "TypeScript (Shapley Modes)", language: "typescript" };
    writeFileSync(join(place.folder, "plain.ipynb"), notebookText({ ...cells, metadata: { kernelspec } }));
    const server = await startNotebookServer(String(program), place.folder);
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${server.url}/notebooks/plain.ipynb`);
      await page.waitForFunction(() => globalThis.Jupyter?.notebook?.kernel?.is_connected());
      const output = (index: number) => page.locator(`.cell:nth-child(${index + 1}) .output`).innerText();
      await page.evaluate(() => globalThis.Jupyter.notebook.execute_cells([0]));
      await expect.poll(() => output(0), { timeout: 120_000 }).toContain("drawn with 0");
      expect(await output(0)).toMatch(
        /^k: 0 \(slider from 0 to 9\)\s+\(No control to be seen\?.*pip install ipywidgets/,
      );
      await page.waitForFunction(() => document.querySelector(".cell .input_prompt")?.textContent?.includes("[1]"));
      await page.evaluate(() => globalThis.Jupyter.notebook.execute_cells([1]));
      await expect.poll(() => output(0), { timeout: 120_000 }).toContain("drawn with 7");
      expect(await output(0)).not.toContain("drawn with 0");
      expect(await output(1)).toBe("");
    } finally {
      await browser.close();
      await server.stop();
    }
  });
});
