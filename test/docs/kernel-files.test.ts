// The table of kernels/README.md and the kernel's folder: the same files.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/package.js";

it("the kernel's README has each file of its folder once, and no other", () => {
  const text = readFileSync(join(packageRoot, "kernels", "README.md"), "utf8");
  const table = text.slice(text.indexOf("| file |")).split("\n\n")[0];
  const names = table
    .split("\n")
    .slice(2)
    .flatMap((row) => Array.from(row.split("|")[1].matchAll(/`([^`]+)`/g), (match) => match[1]));
  expect(names.sort()).toEqual(readdirSync(join(packageRoot, "kernels", "shapley-modes")).sort());
});
