import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageRoot } from "../src/package.js";
import { packageVersion } from "../src/version.js";

test("the version that a browser reads is that of package.json", () => {
  expect(JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")).version).toBe(packageVersion);
});
