import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { expect } from "vitest";
import { offlineFlags } from "../../src/figures/render/chromium.js";
import { notebookToHtml } from "../../src/notebook/page/notebook-html.js";
import { parseNotebook } from "../../src/notebook/run/nbformat.js";
import { launchBrowser } from "../helpers/browser.js";

/** A browser as a reader has it, but offline. */
export function startBrowser(): Promise<Browser> {
  return launchBrowser(offlineFlags);
}

/** How a reader looks at a page. */
export interface View {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
}

/**
 * Pages that are there, by whether they are touched, and not in use: opening a window takes more than a second of
 * computing.
 */
const idle = new WeakMap<Browser, Map<boolean, Page[]>>();

/** A page that nobody looks at: one that was closed, or a new one. */
async function freePage(browser: Browser, hasTouch: boolean): Promise<{ page: Page; leave(): Promise<void> }> {
  const kinds = idle.get(browser) ?? new Map<boolean, Page[]>();
  idle.set(browser, kinds);
  const free = kinds.get(hasTouch) ?? [];
  kinds.set(hasTouch, free);
  const page = free.pop() ?? (await (await browser.newContext({ offline: true, hasTouch })).newPage());
  return {
    page,
    async leave() {
      await page.removeAllListeners();
      await page.goto("about:blank");
      free.push(page);
    },
  };
}

/** A page in a tab of its own, ready; whatever it asks for or complains of. */
export async function opened(
  browser: Browser,
  folder: string,
  html: string,
  { width = 1100, scheme = "light" }: View = {},
) {
  const { page, leave } = await freePage(browser, width < 600);
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: scheme });
  const complaints: string[] = [];
  page.on("console", (message) => message.type() !== "log" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => !/^(file|data|blob|about):/.test(request.url()) && complaints.push(request.url()));
  const file = join(folder, `page-${width}-${scheme}.html`);
  writeFileSync(file, html);
  await page.goto(`file://${file}`);
  return { page, complaints, close: leave };
}

/** Waits until a page, or the one in a frame, has drawn itself. */
export async function ready(page: Page | Frame): Promise<void> {
  await page.waitForSelector("html[data-ready]", { state: "attached" });
}

/** The frame of the one live page of a page, ready. */
export async function frameOf(page: Page): Promise<Frame> {
  const handle = await page.waitForSelector("iframe.lesion-page");
  const frame = (await handle.contentFrame()) as Frame;
  await ready(frame);
  return frame;
}

/** An executed notebook of one cell with these outputs, as `notebook html` makes a page of it. */
export function exported(data: Record<string, unknown>, trusted = false): Promise<string> {
  const output = { output_type: "execute_result", execution_count: 1, metadata: {}, data };
  const cell = { cell_type: "code", id: "c", execution_count: 1, metadata: {}, outputs: [output], source: "page" };
  const text = JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 });
  return notebookToHtml(parseNotebook(text, "n.ipynb"), { trusted });
}

/** Expects a page to be no wider than its window. */
export async function expectFits(page: Page | Frame): Promise<void> {
  expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
}
