import { realpathSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { FileError } from "../errors.js";

/**
 * The path of a file that another one names: in that one's folder or below, also where links lead; where the other one
 * is a link itself, as in a cache of downloaded models, in the folder of what it leads to.
 *
 * @throws FileError where it leads elsewhere
 */
export function pathBeside(file: string, name: string): string {
  const folder = dirname(resolve(file));
  const path = resolve(folder, name);
  const leadsOut = (from: string, to: string) => {
    const way = relative(from, to);
    return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
  };
  if (isAbsolute(name) || leadsOut(folder, path)) {
    throw new FileError(file, `names a file outside of its folder: ${JSON.stringify(name.slice(0, 200))}`);
  }
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return path; // absent: whoever reads it says so
  }
  if ([realpathSync(folder), dirname(realpathSync(file))].every((from) => leadsOut(from, real))) {
    throw new FileError(path, "is a link to a file outside of the model's folder");
  }
  return path;
}
