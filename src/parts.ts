import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { MissingPartError } from "./errors.js";
import { packageRoot } from "./package.js";

/** The packages that are installed only where they are asked for, with their versions: package.json names them. */
const versions: Readonly<Record<string, string>> = (
  JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { peerDependencies: Record<string, string> }
).peerDependencies;

const require = createRequire(import.meta.url);

/** Whether a package is installed, seen from here. */
export function isInstalled(name: string): boolean {
  // Packages of data can not be imported, and others do not show their package.json.
  return [name, `${name}/package.json`].some((path) => {
    try {
      require.resolve(path);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * @throws MissingPartError, which names the command that installs those that are not, where any of these packages is
 *   not installed
 */
export function checkInstalled(part: string, names: readonly string[]): void {
  const missing = names.filter((name) => !isInstalled(name));
  if (missing.length > 0) throw new MissingPartError(part, installation(...missing));
}

/** The command that installs optional packages, each in the version that this package is made for. */
export function installation(...names: readonly string[]): string {
  return `install ${names.length > 1 ? "them" : "it"} with: npm install ${names.map(versioned).join(" ")}`;
}

/**
 * Loads an optional part.
 *
 * @param part what it is for, e.g. "the drawing of faces"
 * @param names the packages that it is made of
 * @param advice what else there is to know before they are installed
 * @throws MissingPartError, which names the command that installs them, where they do not load
 */
export async function loadPart<T>(
  part: string,
  names: readonly string[],
  load: () => Promise<T>,
  advice?: string,
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new MissingPartError(part, [installation(...names), advice].filter(Boolean).join("; "), { cause });
  }
}

function versioned(name: string): string {
  return `${name}@${versions[name].replace(/^[~^]/, "")}`;
}
