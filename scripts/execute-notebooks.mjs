// Executes the notebooks of the repository as they are committed: with their outputs, so that whoever reads them without a kernel
// sees every table and figure, but without the Plotly library and without lines that say how long something took. Needs
// `npm run build` first, and Chromium for the pictures.
//
//   node scripts/execute-notebooks.mjs [01-quickstart ...]
import { spawnSync } from "node:child_process";
import { readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../dist/package.js";

const folder = join(packageRoot, "notebooks");
const all = readdirSync(folder).filter((name) => name.endsWith(".ipynb"));
const wanted = process.argv.slice(2).map((name) => `${name.replace(/\.ipynb$/, "")}.ipynb`);
const missing = wanted.find((name) => !all.includes(name));
if (missing) throw new Error(`there is no notebook ${missing} in notebooks/`);

const env = { ...process.env, SHAPLEY_MODES_INLINE_PLOTLY: "0", SHAPLEY_MODES_PROGRESS: "0" };
for (const name of wanted.length > 0 ? wanted : all) {
  const path = join(folder, name);
  const executed = join(folder, `.${name}.executed`); // a command does not replace its own input
  const argv = [join(packageRoot, "dist", "cli", "main.js"), "notebook", "run", path, "--out", executed];
  const { status } = spawnSync(process.execPath, argv, { stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
  renameSync(executed, path);
}
