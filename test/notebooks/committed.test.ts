import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/package.js";
import { describeCommitted } from "../helpers/committed-notebook.js";

/** These take minutes: each has a file of its own in the long lane, `committed-NAME.test.ts`. */
const long = ["03-gan.ipynb"];
const names = readdirSync(join(packageRoot, "notebooks")).filter((name) => name.endsWith(".ipynb"));

for (const name of names.filter((each) => !long.includes(each))) describeCommitted(name);

it("knows the notebooks that take long", () => {
  expect(names).toEqual(expect.arrayContaining(long));
});
