import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll } from "vitest";
import { launchBrowser } from "./browser.js";

/**
 * One page of Chromium for all tests of a file, one after the other: opening a window takes more than a second of
 * computing, going to another address a fraction of it. The browser starts when the page is first asked for.
 *
 * @param options those of the context; without a network unless they say otherwise
 * @param args flags of Chromium besides the one for root
 * @returns gives the page: empty, nobody listens to it, in a window of the given size
 */
export function sharedPage(
  options: BrowserContextOptions = {},
  args: readonly string[] = [],
): (viewport?: { width: number; height: number }) => Promise<Page> {
  let browser: Browser | undefined;
  let page: Page | undefined;
  afterAll(() => browser?.close());
  return async (viewport) => {
    browser ??= await launchBrowser(args);
    page ??= await (await browser.newContext({ offline: true, ...options })).newPage();
    await page.removeAllListeners();
    await page.goto("about:blank");
    if (viewport) await page.setViewportSize(viewport);
    return page;
  };
}
