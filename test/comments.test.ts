// Comments keep to the columns that the formatter keeps code to: it does not break them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../src/package.js";

const most = 120;

it("no comment is wider than the code may be, but for tables, rules of the linter and of style sheets", () => {
  const files = ["src", "kernels", "test"].flatMap((folder) =>
    readdirSync(join(packageRoot, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name)),
  );
  const wide = files.flatMap((file) =>
    readFileSync(join(packageRoot, file), "utf8")
      .split("\n")
      .flatMap((line, at) =>
        line.length > most && /^\s*(\/\/|\/?\*)(?! (\||\{|biome-ignore))/.test(line) ? [`${file}:${at + 1}`] : [],
      ),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(wide).toEqual([]);
});
