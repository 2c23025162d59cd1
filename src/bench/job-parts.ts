import { spawn } from "node:child_process";
import { join } from "node:path";
import { gameFromSpec } from "../games/from-spec.js";
import type { Game } from "../games/game.js";
import { generatorGame } from "../lesion/generator-game.js";
import { loadGenerator } from "../networks/dcgan/file.js";
import { builtModule, packageRoot } from "../package.js";

/** v(S) = |S|^2 / n of ten units: next to no work, so that what is measured is the job's own. */
export const nextToNothing = (units: number) => ({
  units,
  value: (intact: { readonly size: number }) => intact.size ** 2 / units,
});

/** The game {@link nextToNothing}, such that other processes can make it. */
export function quickGame(units: number): Promise<Game> {
  return gameFromSpec({ module: builtModule("bench/job-parts"), export: "nextToNothing", arguments: [units] });
}

/** The images of one face, of a generator in a file: a game of a module, as other processes make it. */
export const facesOf = async (file: string): Promise<Game> => generatorGame(await loadGenerator(file), { faces: 1 });

/** What a process of this command took, in seconds, its start included. */
export interface CommandTimes {
  /** On the clock: with other work on the machine that counts too. */
  readonly clock: number;
  /** Of a processor, which the process says at its end. */
  readonly processor: number;
}

/** Runs the command of this package. @throws where it fails */
export function timedCommand(argv: readonly string[], signal: AbortSignal): Promise<CommandTimes> {
  const said = `import { writeSync } from "node:fs";
process.on("exit", () => { const { user, system } = process.cpuUsage(); writeSync(3, String((user + system) / 1e6)); });`;
  const main = join(packageRoot, "dist", "cli", "main.js");
  const options = ["--import", `data:text/javascript,${encodeURIComponent(said)}`, main];
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...options, ...argv], {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      signal,
    });
    const texts = ["", ""];
    for (const [at, stream] of [child.stderr, child.stdio[3]].entries()) {
      stream?.on("data", (part: Buffer) => {
        texts[at] += part.toString();
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      const clock = (performance.now() - start) / 1000;
      if (code === 0) resolve({ clock, processor: Number(texts[1]) });
      else reject(new Error(`${argv.slice(0, 2).join(" ")} failed: ${texts[0]}`));
    });
  });
}
