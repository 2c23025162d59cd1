import { describe, expect, it } from "vitest";
import { notebookToHtml } from "../../src/notebook/page/notebook-html.js";
import { missingManager, statesMime, viewMime, type WidgetRecord } from "../../src/notebook/page/widget-states.js";
import { notebookText, type Output, parseNotebook } from "../../src/notebook/run/nbformat.js";
import { runNotebook } from "../../src/notebook/run/run-notebook.js";
import { codeCells, notebookOf } from "../helpers/notebooks.js";

const cells = notebookOf(
  'import { checkbox, column, interact, output, progressBar, row, select, slider } from "shapley-modes/widgets";',
  `await interact({ n: [1, 9], layer: ["hidden1", "hidden2"] }, ({ n }) => (
     { data: [{ type: "bar" as const, y: [n] }], layout: { title: { text: "n is " + n } } }));`,
  'const k = await slider("lesioned units", { max: 200 }); k.value = 20;',
  'const bar = await progressBar("rows", { max: 5 }); for (let i = 0; i < 5; i++) bar.value++;',
  'const place = await output(); await place.capture(() => console.log("<kept>"));',
  'const gone = await checkbox("gone"); gone.close();',
);

type Widgets = { [statesMime]: { version_major: number; version_minor: number; state: Record<string, WidgetRecord> } };

describe("a notebook that is run", () => {
  it("keeps its widgets as they were last, the same ones in every run, and its page shows them and the figure", async () => {
    const stale = { ...cells, metadata: { widgets: { [statesMime]: { state: { old: {} } }, other: 1 } } };
    const runs = [await runNotebook(stale), await runNotebook(cells)];
    const [{ notebook, failure }] = runs;
    expect(failure).toBeUndefined();
    const [widgets, again] = runs.map((run) => run.notebook.metadata.widgets as unknown as Widgets);
    expect(widgets).toEqual({ ...again, other: 1 });
    const { version_major, version_minor, state } = widgets[statesMime];
    expect([version_major, version_minor]).toEqual([2, 0]);
    const byName = (name: string) => Object.values(state).filter(({ model_name }) => model_name === `${name}Model`);
    expect(byName("IntSlider").map((each) => each.state.value)).toEqual([1, 20]);
    expect(byName("IntSlider")[0]).toMatchObject({
      model_module: "@jupyter-widgets/controls",
      model_module_version: "2.0.0",
    });
    expect(byName("FloatProgress")[0].state.value).toBe(5);
    expect(byName("Checkbox")).toEqual([]);
    for (const { state: each } of Object.values(state)) {
      for (const reference of [each.layout, each.style, ...((each.children as unknown[]) ?? [])]) {
        if (reference !== undefined) expect(state).toHaveProperty(String(reference).replace("IPY_MODEL_", ""));
      }
    }

    const html = await notebookToHtml(parseNotebook(notebookText(notebook), "n.ipynb"));
    expect(html).toContain("n is 1");
    expect(html.match(/<figure class="drawing"/g)).toHaveLength(1);
    expect(html).toContain(
      '<div class="control"><span>lesioned units</span> <b>20</b> <span class="soft">slider from 0 to 200</span></div>',
    );
    expect(html).toContain('<span>layer</span> <b>hidden1</b> <span class="soft">one of hidden1, hidden2</span>');
    expect(html).toContain('<span>rows</span> <b>100 %</b> <span class="soft">progress</span>');
    expect(html).toContain('<pre class="stdout">&lt;kept&gt;');
    // The closed one is left in the words that it was shown in.
    expect(html).toContain("gone: no (checkbox)");
    expect(html).not.toContain(missingManager.slice(1, 20));
  });

  it("without widgets keeps none, nor those of an earlier run", async () => {
    const stale = { ...notebookOf("1"), metadata: { widgets: { [statesMime]: { state: { old: {} } } } } };
    const { notebook } = await runNotebook(stale);
    expect(notebook.metadata).not.toHaveProperty("widgets");
  });
});

describe("a page of a notebook that nobody vouches for", () => {
  const model = (name: string, state: object) => ({
    model_name: `${name}Model`,
    model_module: "@jupyter-widgets/controls",
    model_module_version: "2.0.0",
    state,
  });
  const bad = '</div></main><script>window.ran = 1</script><img src=x onerror="window.ran = 1">';

  async function pageOf(records: object, id = "a"): Promise<string> {
    const notebook = notebookOf("1");
    const view = { version_major: 2, version_minor: 0, model_id: id };
    codeCells(notebook)[0].outputs = [
      { output_type: "display_data", data: { [viewMime]: view, "text/plain": "in words" }, metadata: {} } as Output,
    ];
    const metadata = { widgets: { [statesMime]: { version_major: 2, version_minor: 0, state: records } } };
    return notebookToHtml(parseNotebook(JSON.stringify({ ...notebook, metadata }), "n.ipynb"));
  }

  it.each([
    ["IntSlider", { description: bad, value: bad, min: bad, max: bad }],
    ["FloatRangeSlider", { description: bad, value: [bad, bad], min: bad }],
    ["Dropdown", { description: bad, _options_labels: [bad, bad], index: 0 }],
    ["Text", { description: bad, value: bad }],
    ["Checkbox", { description: bad, value: bad }],
    ["Button", { description: bad }],
    ["Label", { value: bad }],
    ["HTML", { value: bad }],
    ["IntProgress", { description: bad, value: bad, max: bad }],
    ["Output", { outputs: [{ output_type: "display_data", data: { "text/html": bad, "text/plain": bad } }] }],
    ["Output", { outputs: [{ output_type: "stream", name: bad, text: bad }, { output_type: bad }, 5, null] }],
    ["Output", { outputs: [{ output_type: "error", ename: bad, evalue: bad, traceback: [bad] }] }],
  ])("no state of a %s becomes markup", async (name, state) => {
    const html = await pageOf({ a: model(name, state) });
    const plain = await pageOf({ a: model(name, { description: "x" }) });
    expect(html).not.toMatch(/<script>window|<img[^>]*onerror/i);
    expect(html.match(/<script/g)).toEqual(plain.match(/<script/g));
    expect(html.match(/<\/main>/g)).toHaveLength(1);
  });

  it("boxes that hold themselves many times over, and outputs that show themselves, have an end", async () => {
    const many = Array.from({ length: 50 }, () => "IPY_MODEL_a");
    const box = model("VBox", { children: ["IPY_MODEL_b", ...many, "IPY_MODEL_none", 5] });
    const html = await pageOf({ a: box, b: model("Label", { value: "inside" }) });
    const shown = html.match(/inside/g)?.length ?? 0;
    expect(shown).toBeGreaterThan(100);
    expect(shown).toBeLessThan(400);
    const view = { version_major: 2, version_minor: 0, model_id: "a" };
    const itself = { output_type: "display_data", data: { [viewMime]: view, "text/plain": "again" } };
    const outputs = Array.from({ length: 50 }, () => itself);
    expect((await pageOf({ a: model("Output", { outputs }) })).length).toBeLessThan(200_000);
  });

  it.each([
    ["no such model", { b: model("Text", {}) }],
    ["a kind that is not known", { a: model("Figure", {}) }],
    ["a record that is none", { a: 5 }],
    ["a state that is none", { a: { model_name: 5, state: [] } }],
    ["records that are none", []],
  ])("with %s shows the widget in words", async (_, records) => {
    expect(await pageOf(records)).toContain("<pre>in words</pre>");
  });
});
