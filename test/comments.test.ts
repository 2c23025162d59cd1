// Comments keep to the columns that code keeps to: the formatter does not break them. Examples are as long as they are.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../src/package.js";

const most = 120;

it("no comment is wider than the code may be, but for tables, examples, rules of the linter and of style sheets", () => {
  const files = ["src", "kernels", "test"].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
  const wide = files.flatMap((file) => {
    let example = false;
    return readFileSync(join(packageRoot, file), "utf8")
      .split("\n")
      .flatMap((line, at) => {
        if (/^\s*\* @/.test(line)) example = line.includes("@example");
        if (/^\s*\*\//.test(line)) example = false;
        const isComment = /^\s*(\/\/|\/?\*)(?! (\||\{|biome-ignore))/.test(line);
        return line.length > most && isComment && !example ? [`${file}:${at + 1}`] : [];
      });
  });
  expect(files.length).toBeGreaterThan(100);
  expect(wide).toEqual([]);
});
