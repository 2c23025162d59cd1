import { describe, expect, it } from "vitest";
import type { KernelClient } from "../../src/notebook/run/client.js";
import { useKernel } from "./use-kernel.js";
import { type Cell, shownModels, textsOf, widgetFrontEnd } from "./widget-front-end.js";

let kernel: KernelClient;
let front: ReturnType<typeof widgetFrontEnd>;

useKernel(async (started) => {
  kernel = started;
  front = widgetFrontEnd(kernel);
  const names =
    "button, cellSignal, checkbox, column, interact, link, output, progressBar, range, row, select, slider, text";
  const code = `import { display } from "shapley-modes"; import { ${names} } from "shapley-modes/widgets";`;
  expect((await front.run(code)).reply.status).toBe("ok");
});

const value = async (code: string) => textsOf((await front.run(code)).outputs).join("");

describe("a control", () => {
  let first: Cell;

  it("opens its models before it is shown, each with a module, a version and a view", async () => {
    first = await front.run('const k = await slider("lesioned units", { min: 0, max: 200 });');
    const { messages, outputs } = first;
    const kinds = messages.map(({ type }) => type).filter((type) => type !== "execute_input");
    expect(kinds).toEqual(["comm_open", "comm_open", "comm_open", "display_data"]);
    const states = messages.slice(1, 4).map(({ content }) => (content.data as { state: object }).state);
    expect(states).toMatchObject([
      { _model_module: "@jupyter-widgets/base", _model_module_version: "2.0.0", _model_name: "LayoutModel" },
      { _model_module: "@jupyter-widgets/controls", _model_name: "SliderStyleModel", _view_name: "StyleView" },
      {
        _model_module: "@jupyter-widgets/controls",
        _model_module_version: "2.0.0",
        _model_name: "IntSliderModel",
        _view_name: "IntSliderView",
        description: "lesioned units",
        min: 0,
        max: 200,
        step: 1,
        value: 0,
      },
    ]);
    const [layout, style, slider] = messages.slice(1, 4).map(({ content }) => content.comm_id);
    expect(states[2]).toMatchObject({ layout: `IPY_MODEL_${layout}`, style: `IPY_MODEL_${style}` });
    expect(messages[3].content.target_name).toBe("jupyter.widget");
    expect(messages[3].metadata).toEqual({ version: "2.1.0" });
    expect(shownModels(outputs)).toEqual([slider]);
    expect(outputs[0]).toMatchObject({
      data: {
        "application/vnd.jupyter.widget-view+json": { version_major: 2, version_minor: 0 },
        "text/plain": expect.stringMatching(/^lesioned units: 0 \(slider from 0 to 200\)\n.*pip install ipywidgets/),
      },
    });
  });

  it("follows the user: the front end's value is echoed to all, kept, and told to who listens, in the cell that made it", async () => {
    const listening = await front.run('k.onChange((now) => console.log("k is", now))');
    const answers = await front.set(front.latest("IntSlider"), { value: 20 });
    expect(answers).toMatchObject([
      { type: "comm_msg", content: { data: { method: "echo_update", state: { value: 20 }, buffer_paths: [] } } },
    ]);
    expect(await value("k.value")).toBe("20");
    await front.until(() => textsOf(first.outputs).length > 0);
    expect(textsOf(first.outputs)).toEqual(["k is 20\n"]);
    // What ends the listening is no result to be seen.
    expect(listening.outputs).toEqual([]);
  });

  it("follows code: front ends are told, and so is who listens", async () => {
    const cell = await front.run(
      'const own = await slider("own", { max: 9 }); own.onChange((now) => console.log(now)); own.value = 4; own.value = 4; own.value = 5;',
    );
    await front.until(() => textsOf(cell.outputs).join("").includes("5"));
    expect(textsOf(cell.outputs)).toEqual(["4\n5\n"]);
    const sent = cell.messages.filter(({ type }) => type === "comm_msg").map(({ content }) => content.data);
    expect(sent).toEqual([4, 5].map((now) => ({ method: "update", state: { value: now }, buffer_paths: [] })));
  });

  it("refuses what a front end may not set, and says what its value is", async () => {
    const id = front.latest("IntSlider");
    for (const wrong of ["7", 1.5, 10, -1, null]) {
      const answers = await front.set(id, { value: wrong });
      expect(answers.map(({ content }) => content.data)).toEqual([
        { method: "update", state: { value: 5 }, buffer_paths: [] },
      ]);
    }
    for (const data of [null, 5, {}, { method: "update" }, { method: "update", state: null }, { method: "custom" }]) {
      await front.tell(id, data as object);
    }
    await front.set(id, { _model_name: "Other", constructor: 1, nothing: 2 });
    expect(front.models.get(id)).toMatchObject({ _model_name: "IntSliderModel", value: 5 });
    expect(await value("own.value")).toBe("5");
  });

  it("answers request_state, and the control comm all states at once; comm_info names its comms", async () => {
    const id = front.latest("IntSlider");
    const [{ content }] = await front.tell(id, { method: "request_state" });
    expect(content.data).toMatchObject({ method: "update", state: { description: "own", value: 5 } });
    await kernel.tell("comm_open", { comm_id: "control", target_name: "jupyter.widget.control", data: {} });
    const [all] = await front.tell("control", { method: "request_states" });
    const { method, states } = all.content.data as { method: string; states: Record<string, unknown> };
    expect(method).toBe("update_states");
    expect(Object.keys(states).sort()).toEqual([...front.models.keys()].sort());
    expect(states[id]).toEqual({
      model_name: "IntSliderModel",
      model_module: "@jupyter-widgets/controls",
      model_module_version: "2.0.0",
      state: front.models.get(id),
    });
    const { comms } = await kernel.request("comm_info_request", { target_name: "jupyter.widget" });
    expect(Object.keys(comms as object).sort()).toEqual([...front.models.keys()].sort());
    expect((comms as Record<string, object>)[id]).toEqual({ target_name: "jupyter.widget" });
    await kernel.tell("comm_close", { comm_id: "control", data: {} });
    expect((await kernel.request("comm_info_request", {})).comms).not.toHaveProperty("control");
  });

  it("is a comm like others: an unknown target is closed, messages to nobody do nothing", async () => {
    const answers: unknown[] = [];
    await kernel.tell("comm_open", { comm_id: "stray", target_name: "matplotlib", data: {} }, (m) => answers.push(m));
    expect(answers).toMatchObject([{ type: "comm_close", content: { comm_id: "stray" } }]);
    expect(await front.tell("stray", { method: "update", state: {} })).toEqual([]);
    await kernel.tell("comm_close", { comm_id: "stray", data: {} });
  });

  it("as the last expression of its cell is shown once, of a later cell again", async () => {
    const made = await front.run('const once = checkbox("once"); await once');
    expect(shownModels(made.outputs)).toHaveLength(1);
    const again = await front.run("await once");
    expect(shownModels(again.outputs)).toEqual(shownModels(made.outputs));
  });

  it("closed goes from all front ends", async () => {
    await front.run('const gone = await text("gone");');
    const before = front.models.size;
    await front.run("gone.close(); gone.value = 'x';");
    expect(front.models.size).toBe(before - 3);
  });
});

describe("kinds of controls", () => {
  it.each([
    ['range("r", { max: 9, value: [2, 5] })', "IntRangeSlider", { value: [3, 4] }, "[ 3, 4 ]"],
    ['range("r", { max: 1 , step: 0.1 })', "FloatRangeSlider", { value: [0.2, 0.4] }, "[ 0.2, 0.4 ]"],
    ['slider("f", { max: 1 , step: 0.05 })', "FloatSlider", { value: 0.35 }, "0.35"],
    ['select("layer", ["hidden1", "hidden2"])', "Dropdown", { index: 1 }, "'hidden2'"],
    ['select("size", [8, 16, 32], { rows: 3, value: 32 })', "Select", { index: 0 }, "8"],
    ['checkbox("normed")', "Checkbox", { value: true }, "true"],
    ['text("name", { value: "a" })', "Text", { value: "<b>" }, "'<b>'"],
  ])("%s", async (code, name, state, expected) => {
    await front.run(`var control: any = await ${code};`);
    await front.set(front.latest(name), state);
    expect(await value("control.value")).toBe(expected);
  });

  it("a range in the wrong order and a choice that is none are refused", async () => {
    for (const [name, wrong] of [
      ["IntRangeSlider", { value: [5, 2] }],
      ["IntRangeSlider", { value: [5] }],
      ["Dropdown", { index: 2 }],
      ["Dropdown", { index: null }],
      ["Text", { value: 5 }],
      ["Checkbox", { value: "yes" }],
    ] as const) {
      const [{ content }] = await front.set(front.latest(name), wrong);
      expect(content.data).toMatchObject({ method: "update" });
    }
  });

  it("values are typed", async () => {
    const code = 'const layer = await select("layer", ["hidden1", "hidden2"], { show: false });';
    expect((await front.run(code)).reply.status).toBe("ok");
    expect((await front.run('layer.value = "hidden3";')).reply.evalue).toMatch(/'"hidden3"' is not assignable/);
    expect((await front.run('await select("layer", ["a", "b"], { value: "c" });')).reply.evalue).toMatch(
      /'"c"' is not assignable/,
    );
    const given = '{ k: [0, 9], layer: ["hidden1", "hidden2"], on: true, name: "x", own: layer }';
    const types = "const a: number = k, b: 'hidden1' | 'hidden2' = layer, c: boolean = on, d: string = name;";
    const used = `const e: "hidden1" | "hidden2" = own; const f: AbortSignal = signal; ${types}`;
    const good = `await interact(${given}, ({ k, layer, on, name, own }, { signal }) => { ${used} return [a, b, c, d, e, f.aborted]; });`;
    const { reply, outputs } = await front.run(good);
    expect(reply.status).toBe("ok");
    expect(textsOf(outputs)).toEqual(["[ 0, 'hidden1', true, 'x', 'hidden1', false ]"]);
    const wrong = (work: string) => front.run(`await interact(${given}, ${work});`).then(({ reply }) => reply.evalue);
    expect(await wrong("({ k }) => { const a: string = k; }")).toMatch(/'number' is not assignable to type 'string'/);
    expect(await wrong('({ layer }) => layer === "hidden3"')).toMatch(/no overlap/);
    expect(await wrong("({ other }) => other")).toMatch(/'other' does not exist/);
  });
});

describe("buttons", () => {
  it("work in the cell that made them, once at a time, and are disabled while they do", async () => {
    const cell = await front.run(`let finish = () => {};
      const run = await button("run", async () => {
        console.log("begun");
        await new Promise<void>((resolve) => { finish = resolve; });
        console.log("done");
      });`);
    const id = front.latest("Button");
    await front.click(id);
    await front.until(() => front.models.get(id)?.disabled === true && textsOf(cell.outputs).join("") === "begun\n");
    await front.click(id);
    await front.run("finish();");
    await front.until(
      () => front.models.get(id)?.disabled === false || textsOf(cell.outputs).join("").includes("done"),
    );
    expect(await value("1")).toBe("1");
    expect(textsOf(cell.outputs)).toEqual(["begun\ndone\n"]);
  });

  it("that fail say so on stderr of their cell, and can be pressed again", async () => {
    const cell = await front.run(
      'let presses = 0; await button("fail", () => { presses++; throw new RangeError("bad"); });',
    );
    await front.click(front.latest("Button"));
    await front.until(() => cell.outputs.length > 1);
    expect(cell.outputs[1]).toMatchObject({ output_type: "stream", name: "stderr" });
    expect(textsOf(cell.outputs)[0]).toMatch(/RangeError.*: bad[\s\S]*cell \[\d+\], line 1/);
    await front.click(front.latest("Button"));
    await front.until(() => (textsOf(cell.outputs)[0].match(/bad/g) ?? []).length >= 4);
    expect(await value("presses")).toBe("2");
  });

  it("are heard while a cell waits for them", async () => {
    const { cell, done } = front.start(`const pressed = new Promise<string>((resolve) => {
        void button("go on", () => resolve("pressed"));
      });
      await pressed`);
    await front.until(() => shownModels(cell.outputs).length === 1);
    await front.click(front.latest("Button"));
    expect((await done).reply.status).toBe("ok");
    expect(textsOf(cell.outputs)).toEqual(["'pressed'"]);
  });
});

describe("progress bars", () => {
  it("move at most ten times a second in a loop without a pause, and stand at the last value when the cell ends", async () => {
    const start = performance.now();
    const { messages } = await front.run(
      'const bar = await progressBar("rows", { max: 1e6 }); for (let i = 0; i < 1e6; i++) bar.value = i + 1;',
    );
    const seconds = (performance.now() - start) / 1000;
    const values = messages
      .filter(({ type }) => type === "comm_msg")
      .map(({ content }) => (content.data as { state: { value: number } }).state.value);
    expect(values.at(-1)).toBe(1e6);
    expect(values.length).toBeLessThanOrEqual(3 + 10 * seconds);
    expect(front.models.get(front.latest("FloatProgress"))).toMatchObject({ value: 1e6, max: 1e6 });
  });
});

describe("outputs", () => {
  it("take what is printed and displayed in them, also from another cell, and nothing else", async () => {
    const made = await front.run(
      'const place = await output(); await place.capture(() => { console.log("in"); console.error("error"); }); console.log("out");',
    );
    expect(textsOf(made.outputs)).toEqual(["out\n"]);
    const id = front.latest("Output");
    expect(front.models.get(id)).toMatchObject({ _model_module: "@jupyter-widgets/output" });
    const later = await front.run(`await place.capture(async () => {
        await display("one", { id: "d" });
        await new Promise((resolve) => setTimeout(resolve, 5));
        await display("two", { id: "d", update: true });
        return 1;
      })`);
    expect(textsOf(later.outputs)).toEqual(["1"]);
    expect(front.models.get(id)?.outputs).toEqual([
      { output_type: "stream", name: "stdout", text: "in\n" },
      { output_type: "stream", name: "stderr", text: "error\n" },
      { output_type: "display_data", data: { "text/plain": "'two'" }, metadata: {} },
    ]);
    await front.run("place.clear();");
    expect(front.models.get(id)?.outputs).toEqual([]);
  });

  it("lets through what updates a display elsewhere, and errors", async () => {
    const cell = await front.run(
      'await display("here", { id: "e" }); await place.capture(() => display("changed", { id: "e", update: true })); await place.capture(() => { throw new Error("bad"); });',
    );
    expect(textsOf(cell.outputs)).toEqual(["'changed'", "Error: bad"]);
  });
});

describe("boxes and links", () => {
  it("a column of rows is one view, with words among the widgets", async () => {
    const { outputs } = await front.run(
      'const a = await slider("a", { show: false }); await column("Which?", [a, "of 100"])',
    );
    expect(shownModels(outputs)).toEqual([front.latest("VBox")]);
    const children = front.models.get(front.latest("VBox"))?.children as string[];
    expect(children.map((child) => front.models.get(child.replace("IPY_MODEL_", ""))?._model_name)).toEqual([
      "LabelModel",
      "HBoxModel",
    ]);
  });

  it("linked controls follow each other, until they are unlinked", async () => {
    const cell = await front.run(`const one = await slider("one", { max: 9, value: 2 });
      const two = await slider("two", { max: 5 });
      const unlink = link(one, two);`);
    const [one, two] = front.all("IntSlider").slice(-2);
    expect(front.models.get(two)?.value).toBe(2);
    await front.set(two, { value: 4 });
    expect(await value("[one.value, two.value]")).toBe("[ 4, 4 ]");
    expect(front.models.get(one)?.value).toBe(4);
    await front.set(one, { value: 7 });
    await front.until(() => textsOf(cell.outputs).join("").includes("RangeError"));
    expect(textsOf(cell.outputs).join("")).toContain("invalid value; expected an integer from 0 to 5; received 7");
    expect(await value("unlink(); one.value = 1; [one.value, two.value]")).toBe("[ 1, 4 ]");
  });
});

describe("interrupts", () => {
  const loops = [
    ["computes without a pause", 'console.log("on"); while (true) {}'],
    ["computes without a pause after an await", 'await null; console.log("on"); while (true) {}'],
    ["waits", 'console.log("on"); await new Promise(() => {});'],
  ] as const;

  it.each(loops)(
    "end what a button started that %s, with no cell running; everything works after it",
    async (_, code) => {
      const cell = await front.run(`await button("loop", async () => { ${code} });`);
      const id = front.latest("Button");
      await front.click(id);
      await front.until(() => textsOf(cell.outputs).join("").includes("on"));
      expect(front.models.get(id)?.disabled).toBe(true);
      expect(await kernel.request("interrupt_request", {})).toEqual({ status: "ok" });
      expect(await value("6 * 7")).toBe("42");
      // It can be pressed again.
      const [{ content }] = await front.tell(id, { method: "request_state" });
      expect((content.data as { state: object }).state).toMatchObject({ disabled: false });
      await front.click(id);
      await front.until(() => textsOf(cell.outputs).join("").match(/on/g)?.length === 2);
      await kernel.request("interrupt_request", {});
      expect(await value("6 * 8")).toBe("48");
    },
  );

  it("give what watches its signal a moment to end by itself", async () => {
    const cell = await front.run(`await button("watch", async ({ signal }) => {
        const own = cellSignal()!;
        console.log("on");
        while (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
        console.log("ended", own.aborted);
      });`);
    await front.click(front.latest("Button"));
    await front.until(() => textsOf(cell.outputs).join("").includes("on"));
    await kernel.request("interrupt_request", {});
    await front.until(() => textsOf(cell.outputs).join("").includes("ended"));
    expect(textsOf(cell.outputs)).toEqual(["on\nended true\n"]);
  });

  it("end the cell and not its widgets", async () => {
    const { cell, done } = front.start(
      'const live = await slider("live"); live.onChange((now) => console.log("live", now)); await new Promise(() => {});',
    );
    await front.until(() => shownModels(cell.outputs).length === 1);
    await front.set(front.latest("IntSlider"), { value: 3 });
    await front.until(() => textsOf(cell.outputs).join("").includes("live 3"));
    kernel.interrupt();
    expect((await done).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    await front.set(front.latest("IntSlider"), { value: 4 });
    await front.until(() => textsOf(cell.outputs).join("").includes("live 4"));
  });

  it("an endless listener while a cell waits fails that cell, and the kernel goes on", async () => {
    const { cell, done } = front.start(
      'const stuck = await slider("stuck"); stuck.onChange(() => { console.log("on"); while (true); }); await new Promise(() => {});',
    );
    await front.until(() => shownModels(cell.outputs).length === 1);
    await front.set(front.latest("IntSlider"), { value: 3 });
    await front.until(() => textsOf(cell.outputs).join("").includes("on"));
    kernel.interrupt();
    expect((await done).reply).toMatchObject({ status: "error", ename: "Interrupted" });
    expect(await value("6 * 9")).toBe("54");
  });
});

describe("what is wrong", () => {
  it.each([
    ['slider("k", { min: 5, max: 5 })', "invalid max; expected a number above min, which is 5; received 5"],
    ['slider("k", { step: 0 })', "invalid step; expected a number above 0; received 0"],
    ['slider("k", { value: 101 })', "invalid value; expected an integer from 0 to 100; received 101"],
    ['slider("k", { max: NaN })', "invalid max; expected a finite number; received NaN"],
    ["slider(5 as any)", "invalid label; expected a text; received 5"],
    ['range("k", { value: [5, 2] })', "invalid value; expected [low, high] with the lower end first; received [5, 2]"],
    ['range("k", { value: 5 as any })', "invalid value; expected two numbers, [low, high]; received 5"],
    ['select("k", [])', "invalid choices; expected a list of one text or number or more; received []"],
    ['select("k", ["a", "a"])', 'invalid choices; expected choices that all differ; received "a"'],
    ['select("k", ["a", null as any])', "invalid choices[1]; expected a text or a number; received null"],
    ['select("k", ["a"], { value: "b" as any })', 'invalid value; expected one of a; received "b"'],
    ['checkbox("k", { value: 1 as any })', "invalid value; expected true or false; received 1"],
    ['text("k", { value: 1 as any })', "invalid value; expected a text; received 1"],
    ['button("k", 5 as any)', "invalid work; expected a function; received 5"],
    ['progressBar("k", { value: 101 })', "invalid value; expected a number from 0 to 100; received 101"],
    ["row()", "invalid children; expected one widget or text or more; received []"],
    ["column([[]])", "invalid children[0][0]; expected one widget or text or more; received []"],
    ["column(5 as any)", "invalid children[0]; expected a widget, a text or a list of them; received 5"],
    ["link(5 as any, 5 as any)", "invalid first; expected a control, as slider and select make them; received 5"],
    ["interact({ k: [0, 9] }, 5 as any)", "invalid draw; expected a function; received 5"],
    ["interact({ k: [9, 0] }, () => 1)", "invalid k.max; expected a number above min, which is 9; received 0"],
    [
      "interact({ k: [] as any }, () => 1)",
      "invalid k; expected [from, to], [from, to, step], a list of texts, true or false, a text, or a control; received []",
    ],
    ["interact({ k: [0, 1] }, () => 1, { settle: -1 })", "invalid settle; expected a number from 0 on; received -1"],
  ])("%s", async (code, message) => {
    const { reply, outputs } = await front.run(`await ${code}`);
    expect(reply.evalue).toBe(message);
    expect(shownModels(outputs)).toEqual([]);
  });
});
