import { type Browser, chromium as driver } from "playwright-core";
import { chromium } from "./optional.js";

/** Milliseconds that a browser has to start, and its pages to load: longer than a loaded machine takes. */
const patience = 120_000;

/**
 * Chromium for a test: beside other tests half a minute, which its driver would wait, can be too short for its start or
 * for a page.
 *
 * @param args flags besides the one for root
 */
export async function launchBrowser(args: readonly string[] = ["--disable-gpu"]): Promise<Browser> {
  const executablePath = chromium() ?? "";
  const browser = await driver.launch({ executablePath, args: ["--no-sandbox", ...args], timeout: patience });
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(patience);
    return context;
  };
  return browser;
}
