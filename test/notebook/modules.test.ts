import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { temporaryFolder } from "../helpers/folders.js";
import { execute } from "../helpers/notebooks.js";

const place = temporaryFolder();
let kernel: KernelClient;
let edits = 0;

/** Writes a file of the notebook's folder; each time it is a newer one, also within the clock's tick. */
function write(name: string, text: string): void {
  const file = join(place.folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const time = new Date(Date.now() + 1000 * ++edits);
  utimesSync(file, time, time);
}

beforeAll(async () => {
  write("data.json", '{ "list": [1, 2], "name": "seven" }');
  write(
    "waits.mjs",
    "export const seven = await Promise.resolve(7); export let count = 0; export const more = () => ++count;",
  );
  write(
    "helper.ts",
    "import { seven } from './waits.mjs';\nexport const four = (x: number): number => 4 * x;\nexport { seven };\n",
  );
  write("node_modules/only-esm/package.json", '{ "name": "only-esm", "type": "module", "exports": "./main.js" }');
  write(
    "node_modules/only-esm/main.js",
    "export const here = await Promise.resolve(import.meta.url); export default 5;",
  );
  write("node_modules/common/package.json", '{ "name": "common", "main": "main.js" }');
  write("node_modules/common/main.js", "const all = { one: 1, ['t' + 'wo']: 2 }; module.exports = all;");
  write("node_modules/common/main.d.ts", "export declare const one: number; export declare const two: number;");
  kernel = await startKernel(kernelSpec(), { cwd: place.folder });
});

afterAll(async () => {
  await kernel?.stop();
  place.remove();
});

async function run(code: string, where = kernel) {
  const { reply, outputs } = await execute(where, code);
  if (reply.status !== "ok") return String(reply.evalue);
  const result = outputs.find((output) => output.output_type === "execute_result");
  return result && String((result as { data: Record<string, unknown> }).data["text/plain"]);
}

describe("import", () => {
  it("loads modules that wait, statically and not", async () => {
    expect(await run('import { seven } from "./waits.mjs"; seven')).toBe("7");
    expect(await run('(await import("./waits.mjs")).seven + 1')).toBe("8");
  });

  it("gives names that stay bound to the module", async () => {
    expect(await run('import { count, more } from "./waits.mjs"; more(); more(); count')).toBe("2");
    expect(await run("more(); count")).toBe("3");
  });

  it("loads packages that are ES modules only, and every name of CommonJS ones", async () => {
    const expected = pathToFileURL(join(place.folder, "node_modules/only-esm/main.js")).href;
    expect(await run('// @ts-ignore\nimport five, { here } from "only-esm"; [five, here]')).toContain(expected);
    expect(await run('import common, { one, two } from "common"; one + two')).toBe("3");
    expect(await run('const { two: second } = await import("common"); second')).toBe("2");
  });

  it("reads JSON, with the attribute and without", async () => {
    expect(await run('import data from "./data.json" with { type: "json" }; data.name')).toBe("'seven'");
    expect(await run('import * as plain from "./data.json"; plain.list[1]')).toBe("2");
    expect(await run('(await import("./data.json", { with: { type: "json" } })).default.list')).toBe("[ 1, 2 ]");
  });

  it("leads through files of TypeScript", async () => {
    expect(await run('import { four, seven as same } from "./helper"; four(same)')).toBe("28");
    expect(await run('import { four as again } from "./helper.ts"; again(1)')).toBe("4");
  });

  it("runs what a file imports in the order of its imports, packages and CommonJS among them", async () => {
    write("env.ts", 'process.env.SET_BY_ENV = "yes";');
    write("reads.cjs", "exports.seen = process.env.SET_BY_ENV;");
    write("node_modules/reads/package.json", '{ "name": "reads", "main": "main.js" }');
    write("node_modules/reads/main.js", "exports.found = process.env.SET_BY_ENV;");
    const ordered =
      '// @ts-ignore\nimport "./env";\nimport { seen } from "./reads.cjs";\n// @ts-ignore\nimport { found } from "reads";\n';
    write("ordered.ts", `${ordered}export const both = [seen, found];`);
    expect(await run('import { both } from "./ordered"; both')).toBe("[ 'yes', 'yes' ]");
  });

  it("follows a circle", async () => {
    write("a.ts", 'import { b } from "./b";\nexport const a = 1;\nexport const sum = () => a + b;');
    write("b.ts", 'import { sum } from "./a";\nexport const b = 2;\nexport const double = () => 2 * sum();');
    expect(await run('import { double } from "./b"; double()')).toBe("6");
  });

  it("ends where modules export each other's names in a circle", async () => {
    write("left.ts", 'export const y = 1;\nexport { x } from "./right";\nexport * from "./right";');
    write("right.ts", '#!/usr/bin/env node\nexport const x = 2;\nexport * from "./left";');
    expect(await run('import { x, y } from "./left"; [x, y]')).toBe("[ 2, 1 ]");
  });

  it("names what a module without types does not export", async () => {
    write("node_modules/untyped/package.json", '{ "name": "untyped", "main": "main.js" }');
    write("node_modules/untyped/main.js", "module.exports = () => 1; module.exports.also = 2;");
    expect(await run('// @ts-ignore\nimport { also } from "untyped"; also')).toBe("2");
    expect(await run('// @ts-ignore\nimport { nope } from "untyped"; nope')).toBe(
      "The module 'untyped' exports no 'nope'",
    );
  });

  it("says which module there is not", async () => {
    expect(await run('await import("./nowhere.mjs" as string)')).toMatch(/^Cannot find module '.\/nowhere.mjs' in /);
    expect(await run('await import("no-such-package-here" as string)')).toMatch(/no-such-package-here/);
  });
});

describe("an edited file", () => {
  it.each(["one.ts", "two.mjs", "three.cjs", "four.js"])("%s is loaded anew, and what imports it", async (name) => {
    const common = /\.c?js$/.test(name);
    const text = (value: number) => (common ? `exports.value = ${value};` : `export const value = ${value};`);
    write(name, text(42));
    write(`through-${name}.ts`, `export { value } from "./${name}";`);
    const cell = `import { value } from "./${name}"; import { value as through } from "./through-${name}.ts"; [value, through]`;
    expect(await run(cell)).toBe("[ 42, 42 ]");
    write(name, text(43));
    expect(await run(cell)).toBe("[ 43, 43 ]");
    expect(await run(`(await import("./${name}")).value`)).toBe("43");
  });

  it("of CommonJS is loaded anew through those that require it, in circles too", async () => {
    write("deep.cjs", "exports.n = 1;");
    write(
      "top.cjs",
      'exports.n = require("./deep.cjs").n; exports.same = () => require("./ring.cjs").top() === exports;',
    );
    write("ring.cjs", 'const top = require("./top.cjs"); require("./deep.cjs"); exports.top = () => top;');
    const cell =
      'import { n, same } from "./top.cjs"; [n, require("./top.cjs").n, same(), require("./ring.cjs").top().n]';
    expect(await run(cell)).toBe("[ 1, 1, true, 1 ]");
    write("deep.cjs", "exports.n = 222;");
    expect(await run(cell)).toBe("[ 222, 222, true, 222 ]");
  });

  it("that was broken is loaded once it is mended; others keep what they hold", async () => {
    write("state.ts", "export const started = Math.random();");
    const before = await run('import { started } from "./state"; started');
    write("broken.ts", 'throw new Error("not yet"); export const done = 0;');
    expect(await run('import { done } from "./broken"; done')).toBe("not yet");
    write("broken.ts", "export const done = 1;");
    expect(await run('import { done } from "./broken"; done')).toBe("1");
    expect(await run('import { started } from "./state"; started')).toBe(before);
  });

  it("has its types anew as well", async () => {
    write("typed.ts", "export const thing = 1;");
    expect(await run('import { thing } from "./typed"; thing.toFixed(1)')).toBe("'1.0'");
    write("typed.ts", 'export const thing = "text";');
    expect(await run('import { thing } from "./typed"; thing.toFixed(1)')).toMatch(
      /'toFixed' does not exist on type '"text"'/,
    );
  });
});

describe("where a cell is", () => {
  it("import.meta and __dirname are the notebook's folder's", async () => {
    const url = pathToFileURL(join(place.folder, "x")).href.replace(/x$/, "");
    expect(await run(`import.meta.url.startsWith(${JSON.stringify(url)})`)).toBe("true");
    expect(await run("JSON.stringify([import.meta.dirname, __dirname, import.meta.filename === __filename])")).toBe(
      `'${JSON.stringify([place.folder, place.folder, true])}'`,
    );
    expect(await run('import.meta.resolve("./data.json")')).toBe(`'${url}data.json'`);
  });

  it("files have theirs, and require", async () => {
    write("deep/where.ts", 'export const where = [import.meta.dirname, __dirname, require("./list.cjs").length];');
    write("deep/list.cjs", "module.exports = [1, 2, 3];");
    const [meta, own, length] = [join(place.folder, "deep"), join(place.folder, "deep"), 3];
    const shown = await run('import { where } from "./deep/where"; JSON.stringify(where)');
    expect(shown).toBe(`'${JSON.stringify([meta, own, length])}'`);
  });

  it("an error in a file of TypeScript names its line", async () => {
    write(
      "bad.ts",
      "interface Erased {\n  a: number;\n}\n\nexport function boom(): never {\n  throw new Error('in bad');\n}\n",
    );
    const { outputs } = await execute(kernel, 'import { boom } from "./bad"; boom()');
    expect((outputs[0] as { traceback: string[] }).traceback.join("\n")).toMatch(/at boom, \S+bad\.ts:6:9/);
    const caught = await execute(kernel, "try { boom() } catch (error) { console.log((error as Error).stack) }");
    expect((caught.outputs[0] as { text: string }).text).toMatch(
      /^Error: in bad\n {4}at boom \(\S+bad\.ts:6:9\)\n {4}at cell \[\d+\]:1:7\n$/,
    );
  });
});

describe("a tsconfig.json above the notebook", () => {
  it("gives paths, strictness and lib; its problems are told once", async () => {
    const options = {
      strict: true,
      noUncheckedIndexedAccess: true,
      noUnusedLocals: true,
      // Fields that are only declared are no fields below ES2022.
      target: "ES2020",
      lib: ["ES2023", "DOM"],
      paths: { "@lib/*": ["./lib/*"] },
    };
    write("strict/tsconfig.json", JSON.stringify({ compilerOptions: options }));
    write("strict/package.json", '{ "type": "module" }');
    write("strict/lib/tools.ts", "export const here = import.meta.url;\nexport const twice = (x: number) => 2 * x;\n");
    write("strict/lib/plain.js", "export const kind = typeof require;\n");
    const strict = await startKernel(kernelSpec(), { cwd: join(place.folder, "strict") });
    try {
      expect(
        await run(
          'import { twice, here } from "@lib/tools"; import { kind } from "@lib/plain.js"; [twice(4), here.length > 0, kind]',
          strict,
        ),
      ).toBe("[ 8, true, 'function' ]");
      expect(await run("const list = [1]; list[0].toFixed()", strict)).toMatch(/Object is possibly 'undefined'/);
      const fields =
        'class Base { constructor() { this.init() } init() {} } class Child extends Base { extra!: string; init() { this.extra = "set" } } new Child().extra';
      expect(await run(fields, strict)).toBe("'set'");
      expect(await run("function loose(x) { return x }", strict)).toMatch(/implicitly has an 'any' type/);
      expect(await run("const page: HTMLElement | undefined = undefined; page", strict)).toBeUndefined();
    } finally {
      await strict.stop();
    }
    expect(await run("function loose(x) { return x } loose(3)")).toBe("3");
  });

  it("that can not be read is named, and cells run all the same", async () => {
    write("torn/tsconfig.json", '{ "compilerOptions": { "strict": "perhaps", ');
    const torn = await startKernel(kernelSpec(), { cwd: join(place.folder, "torn") });
    try {
      const { reply, outputs } = await execute(torn, "1 + 1");
      expect(reply.status).toBe("ok");
      expect(outputs[0]).toMatchObject({ name: "stderr", text: expect.stringContaining("tsconfig.json") });
      expect((await execute(torn, "2 + 2")).outputs).toHaveLength(1);
    } finally {
      await torn.stop();
    }
  });
});
