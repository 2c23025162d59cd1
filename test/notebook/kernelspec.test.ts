import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { afterAll, describe, expect, it } from "vitest";
import { foundInstallation, installationState } from "../../src/notebook/run/kernel-installation.js";
import { installKernel, jupyterDataDir, kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { notebookText, parseNotebook } from "../../src/notebook/run/nbformat.js";
import { packageRoot } from "../../src/package.js";
import { temporaryFolder } from "../helpers/folders.js";
import { codeCells, notebookOf } from "../helpers/notebooks.js";
import { available, pythonWithJupyter } from "../helpers/optional.js";

const place = temporaryFolder();
afterAll(place.remove);

describe("kernel specification", () => {
  it("names this Node and the launcher by absolute paths", () => {
    const { argv } = kernelSpec();
    expect(argv[0]).toBe(process.execPath);
    expect(existsSync(argv[2])).toBe(true);
    expect(argv.at(-1)).toBe("{connection_file}");
  });

  it("goes where Jupyter looks on each platform", () => {
    expect(jupyterDataDir({ HOME: "/h" }, "linux")).toBe("/h/.local/share/jupyter");
    expect(jupyterDataDir({ HOME: "/h", XDG_DATA_HOME: "/x" }, "linux")).toBe("/x/jupyter");
    expect(jupyterDataDir({ HOME: "/h" }, "darwin")).toBe("/h/Library/Jupyter");
    expect(jupyterDataDir({ APPDATA: "/a" }, "win32")).toBe(join("/a", "jupyter"));
    expect(jupyterDataDir({ JUPYTER_DATA_DIR: "/d", HOME: "/h" }, "linux")).toBe("/d");
  });

  it("is installed whole, again over an older one, and a broken one is told", () => {
    const prefix = join(place.folder, "env");
    expect(installationState({ prefix })).toEqual({ state: "absent" });
    const folder = installKernel({ prefix });
    installKernel({ prefix });
    expect(folder).toBe(join(prefix, "share", "jupyter", "kernels", "shapley-modes"));
    const logos = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];
    expect(readdirSync(folder).sort()).toEqual(["kernel.json", ...logos]);
    expect(JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8"))).toEqual(kernelSpec());
    expect(installationState({ prefix })).toEqual({ state: "good", folder });
    const moved = { ...kernelSpec(), argv: ["/gone/node", "x"] };
    writeFileSync(join(folder, "kernel.json"), JSON.stringify(moved));
    expect(installationState({ prefix })).toMatchObject({
      state: "broken",
      problem: /gone.node does not exist/ as never,
    });
  });

  it("has logos of the sizes that their names say, as the script draws them", () => {
    const folder = join(packageRoot, "kernels", "shapley-modes");
    const svg = readFileSync(join(folder, "logo-svg.svg"), "utf8");
    for (const width of [32, 64]) {
      const { width: wide, height, pixels } = new Resvg(svg, { fitTo: { mode: "width", value: width } }).render();
      expect([wide, height]).toEqual([width, width]);
      const data = readFileSync(join(folder, `logo-${width}x${width}.png`)).toString("base64");
      const shown = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${width}"><image width="${width}" height="${width}" href="data:image/png;base64,${data}"/></svg>`;
      const off = new Resvg(shown).render().pixels.map((value, at) => Math.abs(value - pixels[at]));
      expect(Math.max(...off)).toBeLessThanOrEqual(2);
    }
  });

  it("one whose package was moved is told apart from one whose Node was, each with the command that mends it", () => {
    const prefix = join(place.folder, "moved");
    const folder = installKernel({ prefix });
    const spec = kernelSpec();
    const stateWith = (content: object | string) => {
      writeFileSync(join(folder, "kernel.json"), typeof content === "string" ? content : JSON.stringify(content));
      return installationState({ prefix });
    };
    const remedy = `npx shapley-modes kernel install --prefix ${prefix}`;
    const [node, option, , connection] = spec.argv;
    expect(stateWith({ ...spec, argv: [node, option, "/old/kernels/shapley-modes/launch.cjs", connection] })).toEqual({
      state: "broken",
      folder,
      problem:
        "it points to /old/kernels/shapley-modes/launch.cjs, which does not exist: the package was moved or removed",
      remedy,
    });
    expect(stateWith({ ...spec, argv: ["/old/node", ...spec.argv.slice(1)] })).toMatchObject({
      problem: "it points to /old/node, which does not exist: Node was moved or removed",
    });
    expect(stateWith("{")).toMatchObject({
      state: "broken",
      problem: expect.stringContaining("can not be read"),
      remedy,
    });
    expect(stateWith("{}")).toMatchObject({ state: "broken", problem: "kernel.json names no program" });
    const copy = join(place.folder, "copy", "launch.cjs");
    mkdirSync(join(copy, ".."));
    writeFileSync(copy, "");
    expect(stateWith({ ...spec, argv: ["node", copy, connection] })).toEqual({
      state: "good",
      folder,
      remark: `it runs another copy of this package, ${copy}`,
    });
  });

  it("is found where Jupyter would find it first", () => {
    const [near, far] = ["near", "far"].map((name) => join(place.folder, name));
    const env = { HOME: join(place.folder, "nobody"), PATH: "", VIRTUAL_ENV: far };
    expect(foundInstallation(env)).toEqual({ state: "absent" });
    const folder = installKernel({ prefix: far });
    expect(foundInstallation(env)).toEqual({ state: "good", folder });
    const first = installKernel({ prefix: near });
    expect(foundInstallation({ ...env, JUPYTER_PATH: join(near, "share", "jupyter") })).toMatchObject({
      folder: first,
    });
  });

  it("an install that can not be written leaves nothing", () => {
    const prefix = join(place.folder, "file");
    writeFileSync(prefix, "");
    expect(() => installKernel({ prefix })).toThrow(/kernel.json: can not be written/);
  });
});

const python = pythonWithJupyter();

describe.runIf(available("Jupyter (apt-get install jupyter-client python3-nbclient)", python))(
  "with Jupyter's own client",
  () => {
    const data = join(place.folder, "jupyter");
    const env = { ...process.env, JUPYTER_DATA_DIR: data, JUPYTER_PATH: "", HOME: place.folder };
    const metadata = { kernelspec: { name: "shapley-modes", language: "typescript", display_name: "T" } };

    function run(name: string, ...sources: Parameters<typeof notebookOf>) {
      const folder = join(data, "kernels", "shapley-modes");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "kernel.json"), JSON.stringify(kernelSpec()));
      const file = join(place.folder, name);
      writeFileSync(file, notebookText({ ...notebookOf(...sources), metadata }));
      const code = `
import nbformat, sys
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
nb = nbformat.read(${JSON.stringify(file)}, 4)
status = 0
try: NotebookClient(nb, timeout=60, kernel_name="shapley-modes").execute()
except CellExecutionError: status = 1
nbformat.write(nb, ${JSON.stringify(file)})
sys.exit(status)`;
      const { status, stderr } = spawnSync(python ?? "", ["-c", code], { env, encoding: "utf8" });
      return { status, stderr, cells: codeCells(parseNotebook(readFileSync(file, "utf8"), file)) };
    }

    it("the kernel is listed", () => {
      const prefix = join(place.folder, "listed");
      installKernel({ prefix });
      const listed = execFileSync(python ?? "", ["-m", "jupyter_client.kernelspecapp", "list"], {
        env: { ...env, JUPYTER_PATH: join(prefix, "share", "jupyter") },
        encoding: "utf8",
      });
      expect(listed).toContain("shapley-modes");
    });

    it("results, counts and displays arrive", () => {
      const { status, stderr, cells } = run(
        "good.ipynb",
        'import { display } from "shapley-modes"; await display({ data: [{ y: [1] }], layout: {} });',
        "console.log(1); 2",
      );
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(cells.map((cell) => cell.execution_count)).toEqual([1, 2]);
      expect(cells[0].outputs).toMatchObject([{ output_type: "display_data", data: { "text/plain": "Figure" } }]);
      expect(cells[1].outputs).toMatchObject([{ text: "1\n" }, { data: { "text/plain": "2" } }]);
    });

    it("a failing cell gives an error output and a failure; a cell that may fail stops nothing", () => {
      const { status, cells } = run(
        "bad.ipynb",
        ["throw new Error('meant')", "raises-exception"],
        "1",
        "const n: number = 'x';",
        "2",
      );
      expect(status).toBe(1);
      expect(cells.map((cell) => cell.outputs[0]?.output_type)).toEqual([
        "error",
        "execute_result",
        "error",
        undefined,
      ]);
      expect(cells[2].outputs).toMatchObject([{ ename: "TypeScriptError" }]);
    });
  },
);
