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

/** Runs the command of this package and returns how long it took, in seconds. @throws where it fails */
export function timedCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const main = join(packageRoot, "dist", "cli", "main.js");
    const child = spawn(process.execPath, [main, ...argv], { stdio: ["ignore", "ignore", "pipe"], signal });
    let said = "";
    child.stderr.on("data", (part: Buffer) => {
      said += part.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve((performance.now() - start) / 1000);
      else reject(new Error(`${argv.slice(0, 2).join(" ")} failed: ${said}`));
    });
  });
}
