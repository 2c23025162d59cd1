import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/folders.js";
import { killedUntilDone } from "./kills.js";

const root = temporaryFolder();
afterAll(root.remove);

describe("fifty jobs killed with -9 at random moments", () => {
  it("come to the bytes of one process, and leave nothing behind", async () => {
    let kills = 0;
    let seed = 100;
    // Their processes mostly wait: five jobs go on at a time.
    const lane = async () => {
      while (seed < 150) {
        const own = seed++;
        const killed = await killedUntilDone(join(root.folder, `job-${own}`), own);
        kills += killed;
      }
    };
    await Promise.all(Array.from({ length: 5 }, lane));
    expect(kills).toBeGreaterThan(50);
  }, 1_800_000);
});
