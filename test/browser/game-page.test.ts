import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gameFrom } from "../../src/games/from-function.js";
import { mimeBundle } from "../../src/notebook/display/bundle.js";
import { documentHtml } from "../../src/pages/document.js";
import { lesionPage } from "../../src/pages/lesion-page.js";
import type { LesionPage } from "../../src/pages/page.js";
import { frameHtml, frameScript, pageMime } from "../../src/pages/page-frame.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { expectFits, exported, frameOf, opened, ready, startBrowser } from "./live-page.js";

const executablePath = chromium();
const place = temporaryFolder();

/** Texts of all elements that fit. */
const texts = (page: Page | Frame, selector: string) => page.locator(selector).allInnerTexts();
const sentence = (page: Page | Frame, section: number) =>
  page.locator(`section:nth-of-type(${section}) .sentence`).innerText();

describe.runIf(available("Chromium", executablePath))("the page of a game in Chromium", () => {
  let browser: Browser;
  let shop: LesionPage;
  let html: string;

  beforeAll(async () => {
    browser = await startBrowser();
    const game = await gameFrom(
      ["left glove", "right glove", "<i>hat</i>"],
      (intact) => (intact.has("left glove") && intact.has("right glove") ? 10 : 0) + (intact.has(2) ? 4 : 0),
    );
    shop = await lesionPage(game, { title: "Shop & <b>more</b>", score: "worth", unitTitle: "Item" });
    html = documentHtml(shop, undefined);
  });

  afterAll(async () => {
    await browser?.close();
    place.remove();
  });

  it("is small, asks for nothing, shows names as they are, and has values of groups at a press", async () => {
    expect(html.length).toBeLessThan(60_000);
    const { page, complaints, close } = await opened(browser, place.folder, html);
    await ready(page);
    expect(await page.locator("#page i, #page h1 b").count()).toBe(0);
    expect(await texts(page, ".card .name")).toEqual(["left glove", "right glove", "<i>hat</i>"]);
    expect(await page.locator(".big").innerText()).toBe("0");
    await page.click(".card:nth-child(1)");
    expect(await texts(page, ".card .amount")).toEqual(["adds +0", "adds +10", "adds +4"]);
    await page.click(".card:nth-child(2)");
    await page.click(".card:nth-child(3)");
    expect(await page.locator(".big").innerText()).toBe("14");
    expect(await sentence(page, 1)).toBe("left glove, right glove and <i>hat</i> are in: worth 14.");
    // What a unit adds is the same whether it is in or out.
    expect(await texts(page, ".card .amount")).toEqual(["adds +10", "adds +10", "adds +4"]);
    await page.click("text=Nobody in");
    expect(await page.locator(".big").innerText()).toBe("0");
    expect(complaints).toEqual([]);
    await close();
  });

  it("walks an order step by step, in the reader's own order, to what everybody is worth", async () => {
    const { page, close } = await opened(browser, place.folder, html);
    await ready(page);
    const below = () => page.evaluate("document.querySelectorAll('h2')[2].getBoundingClientRect().top + scrollY");
    const before = await below();
    await page.click(".chips button:has-text('right glove')");
    expect(await sentence(page, 2)).toBe(
      "right glove comes to nobody: the worth goes from 0 to 0, so right glove is given +0.",
    );
    await page.click("text=Next one arrives");
    expect(await sentence(page, 2)).toContain("the worth goes from 0 to 10, so left glove is given +10.");
    await page.click("text=Next one arrives");
    expect(await sentence(page, 2)).toContain("0 (nobody) + 0 + 10 + 4 = 14 (everybody).");
    expect(await below()).toBe(before);
    const next = page.locator("text=Next one arrives");
    expect(await next.getAttribute("aria-disabled")).toBe("true");
    // It keeps the focus, and does nothing more.
    expect(await next.evaluate((press) => press === document.activeElement)).toBe(true);
    await page.keyboard.press("Enter");
    expect(await texts(page, ".step .amount")).toEqual(["+0", "+10", "+4"]);
    await page.click("text=Another order");
    expect(await page.locator(".step:not(.ahead)").count()).toBe(0);
    await close();
  });

  it("comes to the Shapley values: exactly over all orders, near them over many", async () => {
    const { page, close } = await opened(browser, place.folder, html);
    await ready(page);
    expect(await texts(page, ".mean .amount.value")).toEqual(["+5", "+5", "+4"]);
    for (let i = 0; i < 20; i++) await page.click("text=100 more");
    expect(await sentence(page, 3)).toContain("2,000 orders played.");
    const means = (await texts(page, ".mean:not(.head) .amount:not(.value)")).map(Number);
    // The mean of 2000 fair draws of 0 or 10 is off by more than 5 standard errors, 0.56, once in two million seeds.
    means.forEach((mean, unit) => {
      expect(Math.abs(mean - [5, 5, 4][unit])).toBeLessThan(0.56);
    });
    await page.click("button:has-text('All 6 orders')");
    expect(await texts(page, ".mean:not(.head) .amount:not(.value)")).toEqual(["+5", "+5", "+4"]);
    expect(await sentence(page, 3)).toBe(
      "All 6 orders have been played, each once, in place of the 2,000 before: the means are the Shapley values. The Shapley values add up to 14, which is what everybody together has more than nobody.",
    );
    // What is exact stays so.
    expect(await page.locator("text=100 more").getAttribute("aria-disabled")).toBe("true");
    await page.click("text=100 more", { force: true });
    expect(await texts(page, ".mean:not(.head) .amount:not(.value)")).toEqual(["+5", "+5", "+4"]);
    await page.click("text=All arrive");
    await page.click("text=Start over");
    expect(await sentence(page, 2)).toBe("Nobody is here yet.");
    expect(await sentence(page, 3)).toContain("No order has been played yet.");
    await close();
  });

  it("is played with the keyboard alone", async () => {
    const { page, close } = await opened(browser, place.folder, html);
    await ready(page);
    for (const press of ["Tab", "Space", "Tab", "Tab", "Enter"]) await page.keyboard.press(press);
    expect(await page.locator(".big").innerText()).toBe("4");
    expect(await page.evaluate("document.activeElement.getAttribute('aria-pressed')")).toBe("true");
    await close();
  });

  it.each([
    [390, "light"],
    [390, "dark"],
    [1100, "dark"],
  ] as const)("fits %i pixels, %s", async (width, scheme) => {
    const { page, close } = await opened(browser, place.folder, html, { width, scheme });
    await ready(page);
    await expectFits(page);
    if (width < 600) await page.locator(".card").first().tap();
    await close();
  });

  it("with many outputs shows one of them, their mean, and all modes in a table", async () => {
    const game = await gameFrom(5, (intact) => [intact.size, intact.has(0) ? 3 : 0, -intact.size]);
    const live = await lesionPage(game, { outputs: ["size", "first", "minus"], unitTitle: "unit" });
    const { page, complaints, close } = await opened(browser, place.folder, documentHtml(live, undefined), {
      width: 390,
    });
    await ready(page);
    await expectFits(page);
    await page.click("text=Everybody in");
    expect(await page.locator(".big").innerText()).toBe("1");
    await page.click(".choice button:has-text('minus')");
    expect(await page.locator(".big").innerText()).toBe("−5");
    expect(await texts(page, "table.modes tbody tr:first-child td")).toEqual(["+1", "+3", "−1"]);
    expect(await texts(page, ".mean .amount.value")).toEqual(["−1", "−1", "−1", "−1", "−1"]);
    expect(complaints).toEqual([]);
    await close();
  });

  it("works in an exported notebook, isolated and as high as it is, whether the notebook is trusted or not", async () => {
    const { data } = await mimeBundle(shop, { png: false });
    expect(data["text/plain"]).toBe("Page that answers: Shop & <b>more</b>.");
    for (const trusted of [false, true]) {
      // As a file holds it.
      const html = await exported(
        JSON.parse(JSON.stringify({ [pageMime]: data[pageMime], "text/plain": "x" })),
        trusted,
      );
      const { page, complaints, close } = await opened(browser, place.folder, html);
      const frame = await frameOf(page);
      await frame.click(".card:nth-child(3)");
      expect(await frame.locator(".big").innerText()).toBe("4");
      // Who asks is told the height again.
      const height = () => page.evaluate("document.querySelector('iframe').style.height");
      const printed = () => page.evaluate("document.querySelector('iframe').style.getPropertyValue('--printed')");
      await expect.poll(async () => Number.parseFloat(String(await printed()))).toBeGreaterThan(300);
      const known = await height();
      await page.evaluate("document.querySelector('iframe').style.height = '77px'");
      await page.evaluate("document.querySelector('iframe').contentWindow.postMessage({ shapleyModesAsk: true }, '*')");
      await expect.poll(height).toBe(known);
      await page.emulateMedia({ media: "print" });
      await expect
        .poll(() => frame.evaluate("document.documentElement.scrollHeight - innerHeight"))
        .toBeLessThanOrEqual(0);
      await page.emulateMedia({ media: "screen" });
      expect(await frame.evaluate("self.origin")).toBe("null");
      expect(
        await frame.evaluate("(() => { try { return String(parent.document); } catch (e) { return e.name; } })()"),
      ).toBe("SecurityError");
      await expect
        .poll(() => frame.evaluate("document.documentElement.scrollHeight - innerHeight"))
        .toBeLessThanOrEqual(0);
      expect(complaints).toEqual([]);
      await close();
    }
  });

  it("works in the output of a cell, as JupyterLab puts it into its page", async () => {
    const held = `<!doctype html><html><body><link rel="icon" href="data:,"><div>${frameHtml(shop, undefined)}<script>${frameScript}</script></div></body></html>`;
    const { page, complaints, close } = await opened(browser, place.folder, held);
    const frame = await frameOf(page);
    await frame.click("text=Everybody in");
    expect(await frame.locator(".big").innerText()).toBe("14");
    expect(complaints).toEqual([]);
    await close();
  });

  it("of a foreign notebook does nothing but say that it can not answer, whatever it holds", async () => {
    const hostile = "<img src=x onerror=alert(1)></script><script>alert(2)</script>";
    for (const facts of [
      {},
      { units: hostile, outputShape: [1e9] },
      { ...shop.facts, units: [hostile, hostile, hostile] },
    ]) {
      const held = {
        ...shop,
        title: hostile,
        about: hostile,
        facts,
        numbers: facts.units === hostile ? "" : shop.numbers,
      };
      const { page, complaints, close } = await opened(browser, place.folder, await exported({ [pageMime]: held }));
      const frame = await frameOf(page);
      expect(await frame.locator("img").count()).toBe(0);
      if ("score" in facts) expect(await frame.locator("h1").innerText()).toBe(hostile);
      else expect(await frame.locator("#said").innerText()).toMatch(/^This page can not answer here: /);
      expect(complaints).toEqual([]);
      await close();
    }
  });

  it("says what is wrong, beside its picture, where its numbers are damaged or no scripts run", async () => {
    const still = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const damaged = documentHtml({ ...shop, numbers: "AAAA" }, still);
    const { page, close } = await opened(browser, place.folder, damaged);
    await ready(page);
    expect(await page.locator("#said").innerText()).toMatch(/^This page can not answer here: /);
    expect(await page.locator("#still img").isVisible()).toBe(true);
    await close();
    const context = await browser.newContext({ javaScriptEnabled: false });
    const tab = await context.newPage();
    await tab.setContent(documentHtml(shop, still));
    expect(await tab.locator("#said").innerText()).toContain("This page answers where scripts may run");
    expect(await tab.locator("#still img").isVisible()).toBe(true);
    await context.close();
  });
});
