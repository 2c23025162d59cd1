import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a program that can be called by its name; undefined where there is none. */
export function onPath(program: string): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, program + ending);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // not here
      }
    }
  }
  return undefined;
}
