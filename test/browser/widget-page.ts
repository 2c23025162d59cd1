import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { statesMime, viewMime } from "../../src/notebook/page/widget-states.js";
import type { KernelClient } from "../../src/notebook/run/client.js";
import type { Message } from "../../src/notebook/run/wire.js";

/**
 * Script of Jupyter's own widget manager for pages, with the widgets of ipywidgets 7 and 8 inside; undefined where it
 * is absent.
 */
export function widgetManagerScript(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve("@jupyter-widgets/html-manager/dist/libembed-amd.js");
  } catch {
    return undefined;
  }
}

/** The part of RequireJS that the script needs: modules have names, and all of them are in it. */
const loader = `
var modules = {};
function define(name, needs, make) { modules[name] = { needs: needs, make: make }; }
define.amd = {};
function load(name) {
  if (name === "module") return { id: "", uri: "" };
  var found = modules[name];
  if (!("value" in found)) found.value = found.make.apply(null, found.needs.map(load));
  return found.value;
}`;

/**
 * A front end of a page: a manager, comms whose messages go to the kernel, and outputs below each other, replaced by
 * their identifiers.
 */
const frontEnd = `
var manager, comms = {}, places = {}, wrong = [];
window.addEventListener("error", function (event) { wrong.push(event.message); });
window.addEventListener("unhandledrejection", function (event) { wrong.push(String(event.reason)); });
var say = console.error;
console.error = function () { wrong.push(Array.from(arguments).map(String).join(" ")); say.apply(console, arguments); };
function begin() { manager = new (load("@jupyter-widgets/html-manager").HTMLManager)(); }
function element(parent) { return (parent || document.body).appendChild(document.createElement("div")); }
function show(id, where) {
  return manager.get_model(id).then(function (model) { return manager.create_view(model); })
    .then(function (view) { return manager.display_view(view, where); });
}
function commOf(id) {
  var comm = {
    comm_id: id, target_name: "jupyter.widget", received: function () {}, closed: function () {}, sent: 0,
    on_msg: function (f) { comm.received = f; }, on_close: function (f) { comm.closed = f; },
    close: function () { return ""; },
    send: function (data, callbacks) {
      var name = id + "/" + ++comm.sent;
      window.toKernel(id, name, data).then(function () {
        var status = callbacks && callbacks.iopub && callbacks.iopub.status;
        if (status) status({ content: { execution_state: "idle" } });
      });
      return name;
    }
  };
  return (comms[id] = comm);
}
function take(message) {
  var content = message.content, id = content.comm_id;
  if (message.type === "comm_open") {
    return void manager.handle_comm_open(commOf(id), { content: content, metadata: message.metadata, buffers: [] });
  }
  if (message.type === "comm_msg") {
    return void comms[id].received({ content: content, parent_header: { msg_id: message.parent }, buffers: [] });
  }
  if (message.type === "comm_close") return void comms[id].closed({ content: content });
  var data = content.data, display = (content.transient || {}).display_id;
  if (message.type === "stream") data = { "text/plain": content.text };
  if (!data) return;
  var place = message.type === "update_display_data" ? places[display] : element();
  if (display) places[display] = place;
  if (data["${viewMime}"]) return void show(data["${viewMime}"].model_id, place);
  place.className = "output";
  place.textContent = data["text/plain"];
}
function open(states) {
  return manager.set_state(states).then(function () { return Object.keys(states.state); });
}`;

/** A page without a network that shows a kernel's widgets by Jupyter's own manager. */
export async function widgetPage(browser: Browser, script: string, folder: string, kernel?: KernelClient) {
  const context = await browser.newContext({ offline: true, viewport: { width: 800, height: 700 } });
  const page = await context.newPage();
  const requests: string[] = [];
  page.on("request", (request) => !request.url().startsWith("data:") && requests.push(request.url()));
  const empty = join(folder, "empty.html");
  writeFileSync(empty, "<!doctype html><html><body style='font: 14px sans-serif'></body></html>");
  await page.goto(pathToFileURL(empty).href);
  requests.length = 0;
  const pass = (message: Message) =>
    page.evaluate((each) => (globalThis as unknown as Front).take(each), message as never);
  // In the order in which they came: the next one is passed when the page has taken the one before.
  let passing: Promise<unknown> = Promise.resolve();
  const forward = (message: Message) => {
    passing = passing.then(() => pass(message));
  };
  await page.exposeFunction("toKernel", async (id: string, name: string, data: object) => {
    await kernel?.tell("comm_msg", { comm_id: id, data }, (message) => forward({ ...message, parent: name }));
    await passing;
  });
  await page.addScriptTag({ content: loader });
  await page.addScriptTag({ path: script });
  await page.addScriptTag({ content: frontEnd });
  await page.evaluate(() => (globalThis as unknown as Front).begin());
  return {
    page,
    requests,
    /** What went wrong in the page. */
    wrong: (): Promise<string[]> => page.evaluate(() => (globalThis as unknown as Front).wrong),
    /** Runs a cell whose messages the page gets; the reply. */
    async run(code: string) {
      const reply = await kernel?.request("execute_request", { code, silent: false }, forward);
      await passing;
      return reply;
    },
    /** Shows a widget of a notebook that was saved. */
    async openSaved(metadata: Record<string, unknown>, model: string) {
      const states = (metadata.widgets as Record<string, unknown>)[statesMime];
      await page.evaluate(
        ([saved, id]) => {
          const front = globalThis as unknown as Front;
          return front.open(saved).then(() => front.show(id, front.element()));
        },
        [states as never, model] as const,
      );
    },
  };
}

export type WidgetPage = Awaited<ReturnType<typeof widgetPage>>;

/** What the scripts above leave in the page. */
interface Front {
  readonly wrong: string[];
  begin(): void;
  take(message: never): void;
  open(states: never): Promise<void>;
  show(model: string, place: unknown): Promise<void>;
  element(): unknown;
}
