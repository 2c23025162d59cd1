import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { uniformIndex } from "../../src/coalitions/random.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { planJob } from "../../src/jobs/plan-job.js";
import { reduceJob } from "../../src/jobs/reduce-job.js";
import { alone, bytes, filesIn, gameOf, isRunning } from "./kit.js";

/** Then a job may come to its end, however slow the machine is. */
const mostKills = 3;

/**
 * Runs a job again and again, killing the process with -9 at a moment that the seed decides, until it is done: its
 * bytes are those of one process that nothing disturbed, and nothing is left behind. Blocks take some 50 ms, and are on
 * the disk after a tenth of a second at most, so that what is tested is going on.
 *
 * @returns how often it was killed
 */
export async function killedUntilDone(folder: string, seed: number): Promise<number> {
  const options = { estimator: "permutation", orderings: 120, seed } as const;
  const random = randomStream(seed);
  const game = await gameOf("slow", 6, 2);
  await planJob(game, { folder, ...options, chunks: 1 + uniformIndex(random, 10) });
  for (let kills = 0; ; kills++) {
    const argv = [join(import.meta.dirname, "run-job.mjs"), folder, String(1 + uniformIndex(random, 2))];
    const child = spawn(process.execPath, argv, { stdio: "ignore" });
    const ended = once(child, "exit");
    // From when it begins, however long that takes on a machine with other work.
    const atWork = join(folder, "driver.json");
    while (!existsSync(atWork) && isRunning(child)) await sleep(10);
    const moment = uniformIndex(random, 1000);
    const end = ended.then(([status]) => status as number | null);
    const code = await (kills < mostKills ? Promise.race([end, sleep(moment)]) : end);
    if (code === undefined) {
      child.kill("SIGKILL");
      await ended;
      rmSync(atWork, { force: true });
      continue;
    }
    expect(code).toBe(0);
    expect(bytes((await reduceJob(folder)).modes)).toBe(bytes(await alone(6, options)));
    const left = filesIn(folder).filter((name) => !/^(plan\.json|chunks\/00000\/chunk-\d{7}\.bin)$/.test(name));
    expect(left).toEqual([]);
    return kills;
  }
}
