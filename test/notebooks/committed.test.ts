import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/package.js";
import { describeCommitted } from "../helpers/committed-notebook.js";
import { longNotebooks } from "../helpers/long-notebooks.js";

const names = readdirSync(join(packageRoot, "notebooks")).filter((name) => name.endsWith(".ipynb"));

for (const name of names.filter((each) => !longNotebooks.includes(each))) describeCommitted(name);

it("knows the notebooks that take long", () => {
  expect(names).toEqual(expect.arrayContaining([...longNotebooks]));
});
