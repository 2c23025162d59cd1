// What npm would run, or warn of, when this package is installed. npm 11 warns of each package with scripts of which
// `allowScripts` says nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/package.js";

const read = (name: string) => JSON.parse(readFileSync(join(packageRoot, name), "utf8"));
const { scripts, allowScripts, files } = read("package.json") as {
  scripts: Record<string, string>;
  allowScripts: Record<string, boolean>;
  files: string[];
};

describe("scripts of npm", () => {
  it("of this package are none that an installation of the tarball runs, which has no scripts/", () => {
    expect(files).not.toContain("scripts");
    const run = ["preinstall", "install", "postinstall", "prepare"];
    expect(run.filter((name) => name in scripts)).toEqual([]);
    for (const name of ["dependencies", "prepack"]) expect(scripts[name]).toBe("node scripts/build.mjs --if-stale");
  });

  it("of packages that a clone installs are each allowed or refused", () => {
    const { packages } = read("package-lock.json") as { packages: Record<string, { hasInstallScript?: boolean }> };
    const withScripts = Object.keys(packages).filter((path) => packages[path].hasInstallScript);
    expect(withScripts.length).toBeGreaterThan(3);
    const names = withScripts.map((path) => path.split("node_modules/").at(-1)!);
    expect(names.filter((name) => !(name in allowScripts))).toEqual([]);
  });
});
