import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { MissingPartError } from "../../src/errors.js";
import { chromiumPath, closeChromium, withPage } from "../../src/figures/render/chromium.js";
import { renderStatic } from "../../src/figures/render/render-static.js";
import { packageRoot } from "../../src/package.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { samples } from "./samples.js";

afterEach(() => vi.unstubAllEnvs());

describe("without Chromium", () => {
  it("a picture is refused with the command that installs it, and what works without", async () => {
    vi.stubEnv("CHROMIUM_PATH", "/nowhere");
    expect(chromiumPath()).toBeUndefined();
    const drawn = renderStatic(samples[0].draw(), "png");
    await expect(drawn).rejects.toThrow(MissingPartError);
    await expect(drawn).rejects.toThrow(
      "Chromium is not available; CHROMIUM_PATH names /nowhere, which can not be run; install it (Debian: apt-get install chromium) or set CHROMIUM_PATH, or save the figure as .html or .json",
    );
  });
});

describe("chromiumPath", () => {
  it("is CHROMIUM_PATH where that can be run, else nothing: no other place is looked at", () => {
    vi.stubEnv("CHROMIUM_PATH", process.execPath);
    expect(chromiumPath()).toBe(process.execPath);
    vi.stubEnv("CHROMIUM_PATH", packageRoot.concat("/package.json"));
    expect(chromiumPath()).toBeUndefined();
  });
});

describe.runIf(available("Chromium (apt-get install chromium)", chromium()))("with Chromium", () => {
  const place = temporaryFolder("b-"); // short, so that a browser's socket fits
  afterAll(async () => {
    await closeChromium();
    place.remove();
  });

  it("figures share one browser; closeChromium leaves no process and no temporary folder", async () => {
    vi.stubEnv("TMPDIR", place.folder);
    await Promise.all([withPage(async () => {}), withPage(async () => {})]);
    // In a page, so that the browser is not closed as idle; a helper has the browser's own command until it has its.
    const processes = await withPage(async () => {
      await expect.poll(() => browsers(descendants(process.pid))).toHaveLength(1);
      return descendants(process.pid);
    });
    expect(processes.length).toBeGreaterThan(0);
    expect(readdirSync(place.folder)).not.toEqual([]);
    await closeChromium();
    expect(processes.filter((pid) => isRunning(pid))).toEqual([]);
    expect(readdirSync(place.folder)).toEqual([]);
    await closeChromium();
  });

  it("after closeChromium the next figure starts a browser anew", async () => {
    const png = () => renderStatic(samples[0].draw(), "png", { scale: 1 });
    const first = await png();
    await closeChromium();
    expect(Buffer.compare(await png(), first)).toBe(0);
  });

  it("a failing page is closed and the browser goes on", async () => {
    await expect(withPage(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await withPage((page) => page.evaluate("1 + 1"))).toBe(2);
  });

  it("the network is off", async () => {
    expect(await withPage((page) => page.evaluate("navigator.onLine"))).toBe(false);
  });

  it.each([
    ["that does not close it ends by itself", ""],
    ["that is ended by process.exit takes it along", "process.exit(0);"],
    ["that is ended by SIGTERM takes it along", "process.kill(process.pid, 'SIGTERM');"],
  ])("a program %s, leaving no process and no temporary folder", async (_, end) => {
    const built = pathToFileURL(join(packageRoot, "dist", "figures", "render", "render-static.js")).href;
    const script = join(place.folder, "program.mjs");
    const folder = temporaryFolder();
    writeFileSync(
      script,
      `import { renderStatic } from ${JSON.stringify(built)};
const svg = await renderStatic({ data: [{ y: [1, 2] }], layout: {} }, "svg");
console.log(svg.length > 1000);
${end}`,
    );
    try {
      const env = { ...process.env, TMPDIR: folder.folder };
      const running = promisify(execFile)(process.execPath, [script], { env, timeout: 250_000 });
      const stdout = end.includes("SIGTERM")
        ? await running.catch((error: { code: number; stdout: string }) => {
            expect(error.code).toBe(143);
            return error.stdout;
          })
        : (await running).stdout;
      expect(stdout).toBe("true\n");
      expect(using(folder.folder)).toEqual([]);
      expect(readdirSync(folder.folder)).toEqual([]);
    } finally {
      folder.remove();
    }
  });
});

describe.runIf(process.platform === "linux" && available("Chromium (apt-get install chromium)", chromium()))(
  "a program that is killed",
  () => {
    it("takes the browser along, and what it leaves in the temporary folder goes when the next browser starts", async () => {
      const place = temporaryFolder();
      const scratch = temporaryFolder("b-");
      const built = (name: string) =>
        JSON.stringify(pathToFileURL(join(packageRoot, "dist", "figures", "render", name)).href);
      const run = (end: string) => {
        const script = join(place.folder, "program.mjs");
        writeFileSync(
          script,
          `import { renderStatic } from ${built("render-static.js")};
import { keepChromium } from ${built("chromium.js")};
keepChromium(60);
await renderStatic({ data: [{ y: [1, 2] }], layout: {} }, "png");
${end}`,
        );
        const env = { ...process.env, TMPDIR: scratch.folder };
        return promisify(execFile)(process.execPath, [script], { env, timeout: 250_000 });
      };
      try {
        await expect(run("process.kill(process.pid, 'SIGKILL');")).rejects.toMatchObject({ signal: "SIGKILL" });
        await expect.poll(() => using(scratch.folder), { timeout: 60_000 }).toEqual([]);
        expect(readdirSync(scratch.folder)).toHaveLength(1);
        await run("process.exit(0);");
        expect(readdirSync(scratch.folder)).toEqual([]);
      } finally {
        place.remove();
        scratch.remove();
      }
    });

    it("a temporary folder with a long path is no hindrance", async () => {
      const place = temporaryFolder();
      const long = join(place.folder, "l".repeat(90));
      mkdirSync(long);
      vi.stubEnv("TMPDIR", long);
      try {
        expect(await withPage((page) => page.evaluate("1 + 1"))).toBe(2);
        await closeChromium();
        expect(readdirSync(long)).toEqual([]);
        expect(readdirSync("/tmp").filter((name) => name.includes(`-${process.pid}-`))).toEqual([]);
      } finally {
        place.remove();
      }
    });
  },
);

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/**
 * The processes of this machine (Linux; elsewhere none). A process that has ended but was not waited for is left out.
 */
function processes(): Process[] {
  if (!existsSync("/proc/self/stat")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent), command }];
      } catch {
        return [];
      }
    });
}

/** The processes below one. */
function descendants(pid: number): number[] {
  const all = processes();
  const below = (parent: number): number[] =>
    all.filter((each) => each.parent === parent).flatMap((each) => [each.pid, ...below(each.pid)]);
  return below(pid);
}

/** The browsers themselves among processes, without their helpers. */
function browsers(pids: readonly number[]): Process[] {
  return processes().filter(
    ({ pid, command }) =>
      pids.includes(pid) && command.includes("--remote-debugging-p") && !command.includes("--type="),
  );
}

function isRunning(pid: number): boolean {
  return processes().some((each) => each.pid === pid);
}

/** Processes that name a folder in their command or work in it. */
function using(folder: string): Process[] {
  return processes().filter(({ pid, command }) => {
    try {
      return command.includes(folder) || readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}
