// Stores of modes that somebody else may bring: nothing waits for ever, and nothing unpacks to more than it may.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shapley } from "../../src/engine/shapley.js";
import { FileError } from "../../src/errors.js";
import { gameFrom } from "../../src/games/from-function.js";
import { loadModes, saveModes } from "../../src/modes/save.js";
import { openModes } from "../../src/modes/stored-modes.js";

const folder = mkdtempSync(join(tmpdir(), "strange-stores-"));
const store = join(folder, "modes.zarr");
let files: string[];

beforeAll(async () => {
  const game = await gameFrom(["a", "b", "c"], (intact) => [intact.size, intact.size ** 2]);
  await saveModes(await shapley(game, { orderings: 20, blocks: 4, progress: false }), store);
  files = (readdirSync(store, { recursive: true }) as string[])
    .map((name) => join(store, name))
    .filter((path) => statSync(path).isFile());
});

afterAll(() => rmSync(folder, { recursive: true }));

const readWhole = async () => void (await (await openModes(store)).part(0, 2));

/** Puts something in the place of a file for a while. */
async function instead(path: string, put: () => void, look: () => Promise<void>): Promise<void> {
  const bytes = readFileSync(path);
  rmSync(path);
  put();
  await look();
  rmSync(path);
  writeFileSync(path, bytes);
}

describe("a store of modes", () => {
  it("with a device in a file's place is refused, not read to no end", async () => {
    expect(files.length).toBeGreaterThan(10);
    for (const path of files) {
      const device = () => symlinkSync("/dev/zero", path);
      await instead(path, device, async () => {
        expect(() => loadModes(store), path).toThrow(FileError);
        await expect(readWhole(), path).rejects.toThrow(FileError);
      });
    }
    loadModes(store);
    await readWhole();
  });

  it("with a chunk that unpacks to more than its numbers is refused, before it is in memory", async () => {
    const bomb = gzipSync(Buffer.alloc(60_000_000));
    for (const path of files.filter((name) => /modes\/c\/|blocks\/c\//.test(name)).slice(0, 2)) {
      await instead(
        path,
        () => writeFileSync(path, bomb),
        async () => {
          const before = process.memoryUsage().arrayBuffers;
          expect(() => loadModes(store), path).toThrow(/can not be read \(.*larger than/);
          await expect(readWhole(), path).rejects.toThrow("can not be read");
          expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
        },
      );
    }
  });
});
