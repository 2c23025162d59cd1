import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it } from "vitest";
import { packageRoot } from "../src/package.js";
import { temporaryFolder } from "./helpers/folders.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
const library = pathToFileURL(join(packageRoot, "dist", "files.js")).href;
const path = join(folder, "result");
const size = 40_000_000;

it("a process that is killed while it writes leaves the older file or the newer one, never a part", async () => {
  // Writes the same file again and again, all of one letter, and says which before each.
  const program = `import { writeWhole } from ${JSON.stringify(library)};
    for (let i = 0; ; i++) {
      const letter = 97 + (i % 26);
      process.stdout.write(String.fromCharCode(letter));
      writeWhole(${JSON.stringify(path)}, Buffer.alloc(${size}, letter));
    }`;
  for (const after of [3, 4, 5, 6, 7, 8]) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (text) => {
      said += text;
      if (said.length >= after) setTimeout(() => child.kill("SIGKILL"), after);
    });
    const [, signal] = await once(child, "close");
    expect(signal).toBe("SIGKILL");
    expect(statSync(path).size).toBe(size);
    const bytes = readFileSync(path);
    expect(bytes.equals(Buffer.alloc(size, bytes[0]))).toBe(true);
    expect(said.slice(-2)).toContain(String.fromCharCode(bytes[0]));
  }
  // What those that were killed had begun lies beside it, under names of its own.
  expect(readdirSync(folder)).toContain("result");
});
