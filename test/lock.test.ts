import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FileError } from "../src/errors.js";
import { takeLock } from "../src/lock.js";
import { packageRoot } from "../src/package.js";

const newLock = () => join(mkdtempSync(join(tmpdir(), "lock-")), "a.lock");
const onLinux = process.platform === "linux";
const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];

async function ended(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "close");
}

describe("a lock", () => {
  it("is for one at a time, says whose it is, and is gone afterwards", () => {
    const lock = newLock();
    const free = takeLock(lock, "results");
    if (onLinux) expect(readFileSync(lock, "utf8")).toContain(` ${process.pid} ${startOf(process.pid)} `);
    expect(() => takeLock(lock, "results")).toThrow(FileError);
    expect(() => takeLock(lock, "results")).toThrow(
      `results: is being written already, by process ${process.pid} (its lock is ${lock}; remove that file if`,
    );
    free();
    expect(readdirSync(join(lock, ".."))).toEqual([]);
    takeLock(lock, "results")();
  });

  it("is taken over from a process that was killed, and from one of this process that was told to stop", async () => {
    const lock = newLock();
    const library = JSON.stringify(join(packageRoot, "dist", "lock.js"));
    const script = `const { takeLock } = await import(${library}); takeLock(${JSON.stringify(lock)}, "results"); console.log("has it"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout as NodeJS.ReadableStream, "data");
    expect(() => takeLock(lock, "results")).toThrow(`by process ${child.pid}`);
    await ended(child);
    const abort = new AbortController();
    takeLock(lock, "results", abort.signal);
    expect(() => takeLock(lock, "results")).toThrow(`by process ${process.pid}`);
    abort.abort();
    takeLock(lock, "results")();
    expect(readdirSync(join(lock, ".."))).toEqual([]);
  });

  it.runIf(onLinux)("is nobody's where the process is a zombie", async () => {
    // A shell that starts a process, and then becomes one that never waits for it: a zombie as long as that lives.
    // The process ends only once the shell is another program, since a shell may wait for its own.
    const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 61"], { stdio: ["ignore", "pipe", "ignore"] });
    const [text] = await once(parent.stdout, "data");
    const zombie = Number(text);
    const started = startOf(zombie);
    while (readFileSync(`/proc/${parent.pid}/comm`, "utf8").trim() !== "sleep") await sleep(5);
    process.kill(zombie, "SIGKILL");
    while (!readFileSync(`/proc/${zombie}/stat`, "utf8").includes(") Z ")) await sleep(5);
    const lock = newLock();
    writeFileSync(lock, `shapley-modes-lock/1 ${zombie} ${started} x\n`);
    takeLock(lock, "results")();
    await ended(parent);
  });

  it.runIf(onLinux)("is nobody's where another process has got the number", () => {
    const lock = newLock();
    const started = Number(startOf(process.ppid));
    writeFileSync(lock, `shapley-modes-lock/1 ${process.ppid} ${started} x\n`);
    expect(() => takeLock(lock, "results")).toThrow(`by process ${process.ppid}`);
    writeFileSync(lock, `shapley-modes-lock/1 ${process.ppid} ${started - 1} x\n`);
    takeLock(lock, "results")();
  });

  it("of an older version holds a number alone", () => {
    const lock = newLock();
    writeFileSync(lock, String(process.ppid));
    expect(() => takeLock(lock, "results")).toThrow(`by process ${process.ppid}`);
    writeFileSync(lock, "2147480000");
    takeLock(lock, "results")();
  });

  it.each(["precious", "", "shapley-modes-lock/1 x y z", "shapley-modes-checkpoint/2 1 2"])(
    "does not replace a file of others (%j)",
    (content) => {
      const lock = newLock();
      writeFileSync(lock, content);
      expect(() => takeLock(lock, "results")).toThrow(`${lock}: is in the way: it is no lock of shapley-modes`);
      expect(readFileSync(lock, "utf8")).toBe(content);
      expect(readdirSync(join(lock, ".."))).toEqual(["a.lock"]);
    },
  );

  it("goes to one of many processes that find a stale one at the same moment", async () => {
    const lock = newLock();
    writeFileSync(lock, "2147480000");
    const library = JSON.stringify(join(packageRoot, "dist", "lock.js"));
    const at = Date.now() + 1500;
    const script = `const { takeLock } = await import(${library});
      while (Date.now() < ${at});
      try { takeLock(${JSON.stringify(lock)}, "results"); console.log("has it"); process.stdin.resume(); }
      catch (error) { console.log(error.message.includes("is being written already") ? "refused" : error.stack); }`;
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const closed = children.map((child) => once(child, "close"));
    const outputs = await Promise.all(
      children.map(async ({ stdout }) => String((await once(stdout, "data"))[0]).trim()),
    );
    // Who has it holds it until all have said what became of them.
    for (const { stdin } of children) stdin.end();
    await Promise.all(closed);
    expect(outputs.sort()).toEqual(["has it", ...Array.from({ length: 5 }, () => "refused")]);
  });
});
