import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { installKernel } from "../../src/notebook/run/kernelspec.js";
import { packageRoot } from "../../src/package.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, pythonWithJupyter } from "../helpers/optional.js";

const python = pythonWithJupyter();
const script = join(packageRoot, "test", "notebook", "jupyter_protocol.py");
const cases = [...readFileSync(script, "utf8").matchAll(/^@case\("(.*)"\)$/gm)].map(([, name]) => name);

describe.runIf(available("Jupyter (apt-get install jupyter-client python3-nbclient)", python))(
  "Jupyter's messaging protocol, asked by jupyter_client",
  () => {
    let results: Record<string, string>;

    beforeAll(() => {
      const place = temporaryFolder();
      installKernel({ prefix: join(place.folder, "env") });
      const JUPYTER_PATH = join(place.folder, "env", "share", "jupyter");
      const { stdout, stderr } = spawnSync(python ?? "", [script], {
        cwd: place.folder,
        encoding: "utf8",
        env: { ...process.env, JUPYTER_PATH, PYDEVD_DISABLE_FILE_VALIDATION: "1" },
      });
      place.remove();
      expect(stdout, stderr).toMatch(/^\{/);
      results = JSON.parse(stdout);
    });

    it.each(cases)("%s", (name) => expect(results[name]).toBe("ok"));
  },
);
