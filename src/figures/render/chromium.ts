import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { MissingPartError } from "../../errors.js";
import { loadPart } from "../../parts.js";
import { browserFolder } from "./browser-folder.js";
import type { BrowserContext, Page } from "./playwright.js";

/**
 * Milliseconds that Chromium has to start, and a page of it to load: a loaded machine takes more than its driver's half
 * a minute.
 */
const patience = 120_000;

/** Where Chromium or Chrome is looked for, after `CHROMIUM_PATH` and in this order, then in the folders of PATH. */
const usualPaths = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];
const usualNames = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * Nothing that reaches out, nothing that asks, nothing that a server without a screen lacks. The browser's own services
 * try all the same: no address resolves, names and numbers alike. A host that can not be one (`^`) is turned down at
 * once; `~NOTFOUND`, which a build that does not take the first rule falls back on, still has Chromium probe for IPv6,
 * a UDP connect without a packet.
 */
export const offlineFlags: readonly string[] = [
  "--host-resolver-rules=MAP * ^NOTFOUND, MAP * ~NOTFOUND",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Figures in space are drawn by the processor. Unsafe for pages of strangers; here are only our own.
  "--enable-unsafe-swiftshader",
];

/** After this many milliseconds without work the browser is closed, so that it never keeps a process alive. */
let idleTime = 1000;

/**
 * Lets the browser stay for some seconds after its last figure, in a process that goes on by itself, such as a kernel:
 * the next figure need not wait for it to start. It ends with the process all the same.
 */
export function keepChromium(seconds: number): void {
  idleTime = seconds * 1000;
}

/**
 * The path of the Chromium (or Chrome) that draws static pictures; undefined where there is none. `CHROMIUM_PATH`, when
 * set, is the only place looked at.
 */
export function chromiumPath(): string | undefined {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return isExecutable(chosen) ? chosen : undefined;
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const inPath = folders.flatMap((folder) => usualNames.map((name) => join(folder, name)));
  return [...usualPaths, ...inPath].find(isExecutable);
}

/**
 * Works with a fresh page of the one browser that all figures share: started when first used, offline, closed a second
 * after its last use (`keepChromium` changes it) or by `closeChromium`.
 *
 * @throws MissingPartError where there is no Chromium, or not what drives it
 */
export function withPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
  return inBrowser(async (running) => {
    const page = await emptyPage(running);
    try {
      return await work(page);
    } finally {
      await page.close();
    }
  });
}

/** The page that the browser has from its start, for the first who asks: opening another takes it half a second. */
async function emptyPage(running: BrowserContext): Promise<Page> {
  const first = firstPages.get(running);
  firstPages.delete(running);
  return first && !first.isClosed() ? first : running.newPage();
}

/** Works with the running browser, which is closed some time after the last of such works has ended. */
async function inBrowser<T>(work: (running: BrowserContext) => Promise<T>): Promise<T> {
  clearTimeout(idle);
  users++;
  try {
    return await work(await runningBrowser());
  } finally {
    if (--users === 0) idle = setTimeout(() => void closeChromium(), idleTime).unref();
  }
}

/**
 * Closes the browser now and waits until its process and its temporary folder are gone. Without a browser it does
 * nothing.
 */
export async function closeChromium(): Promise<void> {
  clearTimeout(idle);
  const closing = browser;
  browser = undefined;
  pages.clear();
  turns.clear();
  await (await closing?.catch(() => undefined))?.close();
  await cleared;
}

/**
 * Works with a page in which a script has been run once, kept for the next figure: reading Plotly takes longer than
 * drawing. One piece of work at a time; a page in which one failed is not used again.
 *
 * @throws MissingPartError where there is no Chromium, or not what drives it
 */
export async function withScriptPage<T>(script: string, work: (page: Page) => Promise<T>): Promise<T> {
  const turn = (turns.get(script) ?? Promise.resolve()).then(() => {
    return inBrowser(async (running) => {
      const kept = pages.get(script);
      const page = kept?.context() === running && !kept.isClosed() ? kept : await emptyPage(running);
      try {
        if (page !== kept) {
          await page.setContent(blankPage);
          await page.addScriptTag({ path: script });
          pages.set(script, page);
        }
        return await work(page);
      } catch (error) {
        pages.delete(script);
        await page.close().catch(() => undefined);
        throw error;
      }
    });
  });
  turns.set(
    script,
    turn.then(
      () => undefined,
      () => undefined,
    ),
  );
  return turn;
}

/** Nothing to see, and no icon to ask for. */
const blankPage = '<!doctype html><html><head><link rel="icon" href="data:,"></head><body></body></html>';

let browser: Promise<BrowserContext> | undefined;
/** Resolves when the folder of the browser that ended last is gone. */
let cleared: Promise<void> | undefined;
const pages = new Map<string, Page>();
/** Of each browser the page that it started with, until somebody works with it. */
const firstPages = new WeakMap<BrowserContext, Page>();
const turns = new Map<string, Promise<void>>();
let users = 0;
let idle: NodeJS.Timeout | undefined;

function runningBrowser(): Promise<BrowserContext> {
  if (browser) return browser;
  const forget = () => {
    if (browser === own) browser = undefined;
  };
  const own = launch(forget).catch((error) => {
    forget();
    throw error;
  });
  browser = own;
  return own;
}

/** @param gone called when the browser has ended */
async function launch(gone: () => void): Promise<BrowserContext> {
  const executablePath = chromiumPath();
  if (!executablePath) {
    const chosen = process.env.CHROMIUM_PATH;
    const where = chosen ? `CHROMIUM_PATH names ${chosen}, which can not be run; ` : "";
    throw new MissingPartError(
      "Chromium",
      `${where}install it (Debian: apt-get install chromium) or set CHROMIUM_PATH, or save the figure as .html or .json`,
    );
  }
  const { chromium } = await loadPart("the driver of Chromium", ["playwright-core"], () => import("playwright-core"));
  const asRoot = process.getuid?.() === 0;
  const folder = browserFolder();
  try {
    const started = await chromium.launchPersistentContext(folder.profile, {
      executablePath,
      args: [...offlineFlags, ...(asRoot ? ["--no-sandbox"] : [])],
      artifactsDir: join(folder.path, "artifacts"),
      env: { ...process.env, TMPDIR: folder.path },
      offline: true,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      timeout: patience,
    });
    started.setDefaultTimeout(patience);
    folder.removeAtExit();
    const [first] = started.pages();
    if (first) firstPages.set(started, first);
    const forget = endWithProcess();
    started.once("close", () => {
      forget();
      gone();
      cleared = folder.remove();
    });
    return started;
  } catch (cause) {
    await folder.remove();
    const [problem] = String((cause as Error).message).split("\n");
    throw new MissingPartError("Chromium", `${executablePath} does not start (${problem})`, { cause });
  }
}

/**
 * Lets a signal that ends this process end it by `process.exit`, which takes the browser and its folder along. Where
 * somebody else listens to the signal (a kernel that is interrupted), it is theirs, and the process lives on.
 */
function endWithProcess(): () => void {
  const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
  const handlers = Object.entries(signals).map(([signal, number]) => {
    const handler = () => {
      if (process.listenerCount(signal) === 1) process.exit(128 + number);
    };
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
