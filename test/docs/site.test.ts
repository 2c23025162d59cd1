// The site as a reader has it: opened from the disk with the network off, on a telephone and on a screen.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenLinks, pagesIn } from "../../scripts/site-links.mjs";
import { packageRoot } from "../../src/package.js";
import { launchBrowser } from "../helpers/browser.js";
import { available, chromium } from "../helpers/optional.js";

const site = join(packageRoot, "site");

beforeAll(() => {
  const made = spawnSync(process.execPath, [join(packageRoot, "scripts", "docs.mjs"), "--if-stale"], {
    encoding: "utf8",
  });
  expect(made.stderr).toBe("");
  expect(made.status).toBe(0);
}, 600_000);

describe("the site", () => {
  it("has the pages, the reference of every entry point and the notebooks, and no link that leads nowhere", () => {
    const pages = pagesIn(site).map((page) => relative(site, page).replaceAll("\\", "/"));
    const { exports } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { exports: object };
    const entries = Object.keys(exports)
      .filter((place) => place !== "./package.json")
      .map((place) => place.replace(/^\.\/?/, "").replace(/^./, "_$&"));
    expect(pages).toEqual(expect.arrayContaining(entries.map((entry) => `modules/shapley-modes${entry}.html`)));
    expect(pages).toEqual(
      expect.arrayContaining(["index.html", "documents/Glossary.html", "notebooks/01-quickstart.html"]),
    );
    expect(brokenLinks(site)).toEqual([]);
  });
});

describe("the search for broken links", () => {
  it("finds what leads nowhere and what is loaded from elsewhere", () => {
    const folder = mkdtempSync(join(tmpdir(), "links-"));
    try {
      mkdirSync(join(folder, "sub"));
      writeFileSync(join(folder, "sub", "b.html"), '<h1 id="there">b</h1><a href="../a.html#no">a</a>');
      writeFileSync(
        join(folder, "a.html"),
        '<a href="sub/b.html#there">good</a><a href="https://example.org">good</a><img src="data:image/gif;base64,">' +
          '<a href="c.html">c</a><script src="https://example.org/x.js"></script><a href="../a.html">out</a><a href="#here">here</a>',
      );
      expect(brokenLinks(folder).sort()).toEqual(
        [
          "a.html: #here: there is no such place on the page",
          "a.html: ../a.html: is outside the site",
          "a.html: c.html: there is no such file",
          "a.html: https://example.org/x.js: is loaded from elsewhere",
          `${join("sub", "b.html")}: ../a.html#no: there is no such place on the page`,
        ].sort(),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe.runIf(available("Chromium (apt-get install chromium)", chromium()))("in a browser without a network", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser([]);
  });
  afterAll(() => browser?.close());

  /** All pages that somebody wrote, and some of each kind of the reference. */
  const looked = () => {
    const all = pagesIn(site).map((page) => relative(site, page).replaceAll("\\", "/"));
    const of = (kind: string) => all.filter((page) => page.startsWith(`${kind}/`));
    return [
      "index.html",
      ...of("documents"),
      ...of("notebooks"),
      ...of("modules"),
      "functions/shapley-modes.shapley.html",
      "classes/shapley-modes.ShapleyModes.html",
      "interfaces/shapley-modes.Network.html",
    ];
  };

  it("nothing is asked for, nothing fails, nothing is wider than the page: 390 pixels light, and 1100 pixels dark", async () => {
    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    const wrong: string[] = [];
    let name = "";
    page.on("request", (request) => {
      if (!/^(file|data|blob|about):/.test(request.url())) wrong.push(`${name} asks for ${request.url()}`);
    });
    page.on("pageerror", (error) => wrong.push(`${name}: ${error.message}`));
    for (name of looked()) {
      await page.setViewportSize({ width: 390, height: 800 });
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(pathToFileURL(join(site, name)).href);
      for (const width of [390, 1100]) {
        const over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (Number(over) > 0) wrong.push(`${name} is ${over} pixels wider than the screen of ${width}`);
        await page.emulateMedia({ colorScheme: "dark" });
        await page.setViewportSize({ width: 1100, height: 800 });
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
      }
    }
    await context.close();
    expect(wrong).toEqual([]);
  });

  it("finds a function by its search, from the disk", async () => {
    const page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    await page.goto(pathToFileURL(join(site, "index.html")).href);
    await page.locator("#tsd-search-trigger").click();
    await page.locator("#tsd-search-input").pressSequentially("shapleyToDisk");
    await page.locator("#tsd-search-results li", { hasText: "shapleyToDisk" }).first().waitFor();
    await page.close();
  });
});
