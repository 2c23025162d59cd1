import ts from "typescript";
import { describe, expect, it } from "vitest";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { execute } from "../helpers/notebooks.js";
import { fc } from "../helpers/properties.js";
import { useKernel } from "./use-kernel.js";

let kernel: KernelClient;
const folder = useKernel((started) => {
  kernel = started;
});

/** Runs cells and gives the text of the last one's result; a cell that fails fails the test. */
async function shown(...cells: string[]): Promise<string | undefined> {
  let last: string | undefined;
  for (const code of cells) {
    const { reply, outputs } = await execute(kernel, code);
    expect(reply.status, `${code}\n${JSON.stringify(reply)}`).toBe("ok");
    const result = outputs.find((output) => output.output_type === "execute_result");
    last = result && String((result as { data: Record<string, unknown> }).data["text/plain"]);
  }
  return last;
}

describe("an assignment in a later cell reaches what the declaring cell made", () => {
  it.each([
    ["a function", ["let lr = 0.1; function step() { return lr }", "lr = 0.5; step()"], "0.5"],
    [
      "a closure over a list",
      [
        'let hits: string[] = []; const add = (s: string) => { hits.push(s); return hits.length }; add("a")',
        'hits = []; add("b"); hits',
      ],
      "[ 'b' ]",
    ],
    [
      "a counter, both ways",
      ["let counter = 0; const inc = () => ++counter; inc(); inc(); inc()", "counter = 10; inc(); [inc(), counter]"],
      "[ 12, 12 ]",
    ],
    [
      "a method",
      ["let cfg = {lr:.1}; class Model { lr() { return cfg.lr } } const mdl = new Model();", "cfg = {lr:.9}; mdl.lr()"],
      "0.9",
    ],
    [
      "destructured names",
      [
        "let { a, b: [c = 4, ...d], ...e } = { a: 1, b: [undefined, 2, 3] as any[], f: 5 }; const all = () => [a, c, d, e];",
        "a = 7; [c, d] = [8, []]; all()",
      ],
      "[ 7, 8, [], { f: 5 } ]",
    ],
    [
      "a variable of a loop's head",
      ["for (var at = 0; at < 3; at++) {} const where = () => at;", "at += 10; where()"],
      "13",
    ],
    [
      "a timer",
      [
        "let beat = 1; const beats: number[] = []; const timer = setInterval(() => beats.push(beat), 1);",
        "await new Promise((go) => setTimeout(go, 20)); beat = 2;",
        "await new Promise((go) => setTimeout(go, 20)); clearInterval(timer); [beats[0], beats.at(-1)]",
      ],
      "[ 1, 2 ]",
    ],
    [
      "an async function that is under way",
      [
        "let goal = 1, open = () => {}; const gate = new Promise<void>((go) => { open = go; });" +
          " const later = (async () => { await gate; return goal; })(); 0",
        "goal = 2; open(); await later",
      ],
      "2",
    ],
  ])("%s", async (_what, cells, expected) => {
    expect(await shown(...cells)).toBe(expected);
  });
});

describe("a name that is declared anew", () => {
  it("is what every function sees, of whichever cell", async () => {
    const cells = [
      "let rate: any = 1; const own = () => rate;",
      "const other = () => rate;",
      'let rate = "new";',
      "[own(), other()]",
    ];
    expect(await shown(...cells)).toBe("[ 'new', 'new' ]");
  });

  it("has its old type where an earlier cell spoke of it", async () => {
    await shown("class Part { size = 1 } const part = new Part();", 'class Part { name = "x" }');
    expect(await shown("part.size + new Part().name")).toBe("'1x'");
    expect((await execute(kernel, "part.name")).reply.evalue).toMatch(/'name' does not exist on type 'Part'/);
  });

  it("keeps its value where the cell fails before it comes to it", async () => {
    await shown("const kept = 41;");
    const failing = 'throw new Error("x"); const kept = "text";';
    expect((await execute(kernel, failing)).reply.status).toBe("error");
    expect(await shown("kept + 1")).toBe("42");
  });

  it("keeps its type where the cell fails before it comes to it, be it a part of a list, a var or an enum", async () => {
    await shown('let part = "text"; var old = "text"; enum Rank { Low }');
    const failing =
      'let part = 1, never = (() => { throw new Error("x") })(); var old = 5; enum Rank { Only } for (var turned of [1]) {}';
    expect((await execute(kernel, failing)).reply.status).toBe("error");
    expect(await shown("part.toFixed(1) + old.toUpperCase() + Rank.Low")).toBe("'1.0TEXT0'");
    expect((await execute(kernel, "turned")).reply.evalue).toMatch(/Cannot find name 'turned'/);
  });

  it("may have been an import", async () => {
    expect(await shown('import { sep } from "node:path"; sep', "let sep = 3; sep = 4;", "sep")).toBe("4");
  });

  it("may be an enum or a namespace, which begin anew", async () => {
    expect(await shown("enum Level { Low, High }", "enum Level { Only }", "Object.keys(Level).length")).toBe("2");
  });
});

it("a variable that was not come to is an error, not undefined", async () => {
  const { reply } = await execute(kernel, "soon(); let notYet = 1; function soon() { return notYet }");
  expect(reply).toMatchObject({ ename: "ReferenceError", evalue: "Cannot access 'notYet' before initialization" });
});

it("a cell that was given up does not go on after what it waited for", async () => {
  const code = `let stage = "begun", settle = () => {};
const wait = new Promise<void>((go) => { settle = go; });
console.log("on");
for await (const one of [wait, 1]) { stage = "in the loop"; }
await wait;
stage = "behind";`;
  const running = kernel.request("execute_request", { code, silent: false }, ({ type }) => {
    if (type === "stream") kernel.interrupt();
  });
  expect((await running).ename).toBe("Interrupted");
  expect(await shown('stage = "set anew"; settle(); await new Promise((go) => setTimeout(go, 20)); stage')).toBe(
    "'set anew'",
  );
});

it("names that mean something to the kernel are free", async () => {
  const names = ["exports", "require", "module", "made", "value", "meta", "setTimeout", "__dirname", "name", "self"];
  const code = names.map((name, index) => `const ${name} = ${index};`).join(" ");
  expect(await shown(code, names.join(" + "))).toBe("45");
  const own = await startKernel(kernelSpec(), { cwd: folder });
  try {
    const { reply } = await execute(own, "function require() { return 1 } class setTimeout {} require()");
    expect(reply.status).toBe("ok");
  } finally {
    await own.stop();
  }
});

/**
 * Statements over variables that are there already, each a line. `log` keeps what a program says.
 */
function statement(index: string, names: string[], numbers: number[]): { text: string; declares: string[] } {
  const pick = (n: number) => names[n % names.length];
  const [kind, a, b, c] = numbers;
  const [x, y] = [pick(a), pick(b)];
  const own = `v${index}`;
  const forms: [text: string, ...declares: string[]][] = [
    [`let ${own}: any = ${x} + ${c};`, own],
    [`var ${own}: any = [${x}, ${y}].length + ${x};`, own],
    [`${x} = ${y} * 2 - ${c};`],
    [`${x}++; log(${x});`],
    [`function f${index}(by: any) { ${x} += by; return ${y}; } log(f${index}(${c}));`],
    [`let ${own}: any = 0; const g${index} = () => (${own} += ${x}); log(g${index}());`, own],
    [`class C${index} { static of = ${x}; read() { return ${y} + C${index}.of; } } log(new C${index}().read());`],
    [`let { a: ${own}, b: [b${index} = ${x}] }: any = { a: ${y}, b: [] };`, own, `b${index}`],
    [`[${x}, ${y}] = [${y}, ${c}]; log([${x}, ${y}]);`],
    [`({ p: ${x}, q: ${y} = ${c} } = { p: ${c} } as any);`],
    [`for (let i = 0; i < 2; i++) { const ${x} = i; log(${x} + ${y}); }`],
    [`for (var ${own} = 0; ${own} < 2; ${own}++) calls.push(() => ${own} + ${x});`, own],
    [`calls.push(() => { ${x} -= 1; return { ${x}, too: ${y} }; });`],
    [`for (const call of calls) log(call());`],
    [`{ let ${x} = "inner"; log(${x}); } log(${x});`],
    [`${y} = await Promise.resolve(${x}); log(${y});`],
    [
      `try { h${index}(); } catch (error) { log(String(error)); } let ${own}: any = ${c}; function h${index}() { return ${own} + ${x}; }`,
      own,
    ],
    [`log(typeof ${x} + \`\${${y}}\`); log({ ${x}: 1 }.${x});`],
    [`if (${c} % 2) { var ${own}: any = ${x}; } log(${own});`, own],
    [
      `const each${index} = async function* () { yield ${x}; ${x} = ${c}; yield ${y}; }; for await (const one of each${index}()) log(one);`,
    ],
  ];
  const [text, ...declares] = forms[kind % forms.length];
  return { text, declares };
}

function programOf(draws: number[][], program: number): string[] {
  const names = ["start", "other"];
  const lines = [
    "const said: any[] = []; const calls: (() => any)[] = [];",
    "function log(what: any) { said.push(JSON.stringify(what) ?? String(what)); }",
    "let start: any = 1, other: any = 2;",
  ];
  draws.forEach((numbers, index) => {
    const { text, declares } = statement(`${program}_${index}`, names, numbers);
    lines.push(text);
    names.push(...declares);
  });
  return lines;
}

it("a program says the same as one script and as cells, wherever it is cut", async () => {
  let count = 0;
  const AsyncFunction = (async () => {}).constructor as new (code: string) => () => Promise<string>;
  const draw = fc.array(fc.nat({ max: 40 }), { minLength: 4, maxLength: 4 });
  const programs = fc.array(fc.tuple(draw, fc.boolean()), { minLength: 4, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(programs, async (drawn) => {
      // Names of its own: one that an earlier program made keeps its value until it is declared anew.
      const lines = programOf(
        drawn.map(([numbers]) => numbers),
        ++count,
      );
      const script = ts.transpile(lines.join("\n"), { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext });
      const expected = await new AsyncFunction(`"use strict"; ${script}; return JSON.stringify(said);`)();
      const cells = [lines.slice(0, 3).join("\n")];
      drawn.forEach(([, cut], index) => {
        if (cut) cells.push(lines[index + 3]);
        else cells[cells.length - 1] += `\n${lines[index + 3]}`;
      });
      for (const code of cells) {
        const { reply } = await execute(kernel, code);
        expect(reply.status, `${cells.join("\n---\n")}\n${JSON.stringify(reply)}`).toBe("ok");
      }
      const { outputs } = await execute(kernel, "globalThis.process.stdout.write(JSON.stringify(said));");
      expect((outputs[0] as { text: string }).text, cells.join("\n---\n")).toBe(expected);
    }),
    { numRuns: 30 },
  );
});
