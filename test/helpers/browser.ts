import { type Browser, chromium as driver } from "playwright-core";
import { chromium } from "./optional.js";

/**
 * Chromium for a test, which is given two minutes to start: beside other tests that takes longer than the half of one
 * that its driver waits.
 *
 * @param args flags besides the one for root
 */
export function launchBrowser(args: readonly string[] = ["--disable-gpu"]): Promise<Browser> {
  return driver.launch({ executablePath: chromium() ?? "", args: ["--no-sandbox", ...args], timeout: 120_000 });
}
