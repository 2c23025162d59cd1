import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { KernelClient } from "../../src/notebook/run/client.js";
import { execute } from "../helpers/notebooks.js";
import { useKernel } from "./use-kernel.js";

let kernel: KernelClient;
const folder = useKernel((started) => {
  kernel = started;
});
writeFileSync(join(folder, "local-part.ts"), "export const part = 1;\n");

const plain = stripVTControlCharacters;

/** All that a cell shows, as a reader sees it: printed text, the result, the traceback. */
async function shown(code: string): Promise<string> {
  const { outputs } = await execute(kernel, code);
  return outputs
    .map((output) => {
      if (output.output_type === "stream") return output.text;
      if (output.output_type === "error") return plain(output.traceback.join("\n"));
      return String(output.data["text/plain"]);
    })
    .join("");
}

describe("today's TypeScript", () => {
  it.each([
    [
      "using",
      '{ using file = { [Symbol.dispose]() { console.log("closed") } }; console.log("open") }',
      "open\nclosed\n",
    ],
    [
      "await using, at the top of a cell",
      'await using line = { async [Symbol.asyncDispose]() { console.log("gone") } }; "last"',
      "gone\n'last'",
    ],
    [
      "standard decorators",
      `function twice(f: (a: number) => number, _: ClassMethodDecoratorContext) { return (a: number) => 2 * f(a); }
       class Adder { @twice add(a: number) { return a + 1 } }
       new Adder().add(3)`,
      "8",
    ],
    ["export const", "export const ex = 5; ex", "5"],
    ["what an export gave", "ex + 1", "6"],
    ["export default", "export default 3 + 4", "7"],
    ["export of a list", "const listed = 1; export { listed, ex as other }; listed", "1"],
    [
      "export default of an object, after a line without its semicolon",
      "const tail = [1]\nexport default { tail }",
      "{ tail: [ 1 ] }",
    ],
    [
      "a body's name that is also a default's",
      "let rate = 5; function step(by = rate) { const rate = 1; return by + rate } step()",
      "6",
    ],
    [
      "functions assigned within functions",
      "let inner: any; let outer = () => inner = () => 42; [outer()(), inner.name, outer.name]",
      "[ 42, 'inner', 'outer' ]",
    ],
    [
      "a method's name that is waited for",
      'class Named { [await Promise.resolve("at")]() { return 3 } } (new Named() as any).at()',
      "3",
    ],
    ["a comment that mentions a module", "/** see @module docs */ function doc() { return 1 } doc()", "1"],
    [
      "import() in a function made of text",
      "typeof (await new Function(\"return import('node:fs')\")()).readFileSync",
      "'function'",
    ],
    ["declare global", "declare global { var gg: number }\nglobalThis.gg = 4; gg", "4"],
    ["what was declared global, in a later cell", "gg + 1", "5"],
    [
      "satisfies and const type parameters",
      'const same = <const T>(of: T) => of; const kept = same(["a"]); kept[0] satisfies "a"',
      "'a'",
    ],
    ["an async function that is called and waited for", "await (async () => 4)()", "4"],
    ["accessor", "class Held { accessor value = 1 } const held = new Held(); held.value += 1; held.value", "2"],
    [
      "generators and for await",
      "async function* some() { yield 1; yield 2 } let sum = 0; for await (const one of some()) sum += one; sum",
      "3",
    ],
    ["Array.prototype.toSorted and other library of ES2023", "[3, 1].toSorted()", "[ 1, 3 ]"],
  ])("%s", async (_what, code, expected) => {
    expect(await shown(code)).toBe(expected);
  });

  it("says in a clear word what cells can not do", async () => {
    expect(await shown("const el = <b>hi</b>; el")).toMatch(/Cells are TypeScript without JSX/);
    expect(await shown('export * from "node:fs"')).toMatch(/A cell exports nothing, and later cells see all/);
    expect(await shown("export default class {}")).toMatch(/A cell exports nothing/);
    expect(await shown("if (true) {")).toMatch(/'}' expected[\s\S]*cell \[\d+\], line 1/);
  });
});

describe("what is printed is the user's", () => {
  it("a caught error, logged, has the cell's lines and nothing of the kernel", async () => {
    const code = "function fails() {\n  return (null as any).x;\n}\ntry { fails() } catch (e) { console.error(e) }";
    expect(await shown(code)).toMatch(
      /^TypeError: Cannot read properties of null \(reading 'x'\)\n {4}at fails \(cell \[\d+\]:2:24\)\n {4}at cell \[\d+\]:4:7\n$/,
    );
    expect(await shown("console.trace('here')")).toMatch(/^Trace: here\n {4}at cell \[\d+\]:1:9\n$/);
    expect(await shown("new Error('v')")).toMatch(/^Error: v\n {4}at cell \[\d+\]:1:1$/);
    const later = "await new Promise<void>((go) => setTimeout(() => { console.log(new Error('w').stack); go() }, 1))";
    expect(await shown(later)).toMatch(/^Error: w\n {4}at [^\n]*cell \[\d+\]:1:\d+\)?\n$/);
  });

  it("variables are called as they are called in the cell", async () => {
    expect(await shown("let fun: any = 3; fun(4)")).toMatch(/^TypeError: fun is not a function\n/);
    expect(
      await shown("let list: any = 3; try { for (const one of list) {} } catch (e) { (e as Error).message }"),
    ).toBe("");
    expect(await shown("let message = ''; try { fun() } catch (e) { message = (e as Error).message } message")).toBe(
      "'fun is not a function'",
    );
    expect(await shown("const named = () => 1; const Made = class {}; [named, Made, function own() {}]")).toBe(
      "[ [Function: named], [class Made], [Function: own] ]",
    );
    expect(await shown("named")).toBe("[Function: named]");
    expect(await shown("() => 1")).toBe("[Function (anonymous)]");
  });

  it("promises and timers show nothing of Node's or the kernel's bookkeeping", async () => {
    expect(await shown("[Promise.resolve(3), new Promise(() => {})]")).toBe("[ Promise { 3 }, Promise { <pending> } ]");
    expect(await shown("console.log(Promise.resolve(3))")).toBe("Promise { 3 }\n");
    expect(await shown("setTimeout(() => {}, 1)")).toBe("");
    expect(await shown('process.stdout.write("text")')).toBe("text");
  });

  it("an error that nobody waits for is told once, as its cell's", async () => {
    const { outputs, reply } = await execute(kernel, 'Promise.reject(new Error("left")); 5');
    expect(outputs.map((output) => output.output_type)).toEqual(["error"]);
    expect(reply).toMatchObject({ status: "error", evalue: "left" });
  });

  it("an error that can not be looked at is one all the same, now or late", async () => {
    const hostile = 'Object.defineProperty(new Error("a"), "x", { enumerable: true, get() { throw new Error("b") } })';
    for (const thrown of [hostile, 'new Proxy(new Error("x"), { get() { throw 1 } })', "{ get stack() { throw 1 } }"]) {
      expect((await execute(kernel, `throw ${thrown}`)).reply.status).toBe("error");
      expect(await shown(`try { throw ${thrown} } catch (e) { "caught" }`)).toBe("");
      await execute(
        kernel,
        `setTimeout(() => { throw ${thrown} }, 1); await new Promise((go) => setTimeout(go, 20)); 0`,
      );
    }
    expect(await shown("7")).toBe("7");
  });

  it("a global is there still where a cell failed to declare another in its place", async () => {
    expect((await execute(kernel, 'throw 1; const crypto = "mine";')).reply.status).toBe("error");
    expect(await shown("typeof crypto.randomUUID")).toBe("'function'");
  });

  it("an error of the user's class has its name and fields, its cause, and the parts of many", async () => {
    const { reply } = await execute(kernel, "class Refused extends Error { code = 7 } throw new Refused('no')");
    expect(reply).toMatchObject({ ename: "Refused", evalue: "no" });
    expect(plain((reply.traceback as string[]).join("\n"))).toMatch(/^Refused: no\n[\s\S]*\n {2}\{ code: 7 \}$/);
    expect(await shown('throw new Error("outer", { cause: "a text" })')).toMatch(/\ncaused by: 'a text'$/);
    const many = await shown('throw new AggregateError([new Error("a"), new RangeError("b")], "both")');
    expect(many).toMatch(/^AggregateError: both\n[\s\S]*one of them: Error: a\n[\s\S]*one of them: RangeError: b\n/);
  });

  it("values of mathjs and networks of tfjs are written as people write them", async () => {
    const math = 'import { bignumber, complex, fraction, matrix, ones, unit } from "mathjs";';
    expect(
      await shown(`${math} [matrix([[1, 2], [3, 4]]), unit("5 cm"), complex(1, 2), bignumber("0.1"), fraction(1, 3)]`),
    ).toBe("[ [[1, 2], [3, 4]], 5 cm, 1 + 2i, 0.1, 1/3 ]");
    const { outputs } = await execute(kernel, "ones(30, 30)");
    expect(Object.keys((outputs[0] as { data: object }).data)).toEqual(["text/plain"]);
    expect(
      await shown(`${math} import { chain, index, parse } from "mathjs"; [parse("x^2 + 1"), chain(3), index(1)]`),
    ).toBe("[ x ^ 2 + 1, 3, [1] ]");
    // `create` makes classes of its own, and every printer knows them.
    const made =
      'import { all, create } from "mathjs"; const own = create(all); const size = { a: [own.unit("5 cm")] };';
    expect(await shown(`${made} console.log(size, own.matrix([1])); size`)).toBe(
      "{ a: [ 5 cm ] } [1]\n{ a: [ 5 cm ] }",
    );
    expect(await shown("ones(30, 30)")).toMatch(/^DenseMatrix 30 x 30\n( +1){8} {2}…\n/);
    const model =
      'tf.sequential({ name: "net", layers: [tf.layers.dense({ units: 10, inputShape: [784], name: "out" })] })';
    // The first operation of tfjs says what would be faster.
    await execute(kernel, 'import * as tf from "@tensorflow/tfjs"; tf.ready();');
    await execute(kernel, "tf.zeros([1]).dispose();");
    const network = 'Sequential "net": 1 layers, 7,850 parameters\n  out  Dense  [null,10]  7,850';
    expect(await shown(model)).toBe(network);
    const parts = 'import * as tfl from "@tensorflow/tfjs-layers";';
    expect(await shown(`${parts} ${model.replaceAll("tf.", "tfl.")}`)).toBe(network);
  });
});

describe("types reach later cells", () => {
  it.each([
    [
      "of a package that came by way of another",
      'import { loadTensorflow } from "shapley-modes"; const { tf: tensors } = await loadTensorflow("cpu");',
      "tensors.nothing()",
    ],
    [
      "of what a figure is made of",
      'import type { Figure } from "shapley-modes"; const { layout: laid }: Figure = { data: [], layout: {} };',
      "laid.nothing",
    ],
    [
      "in functions and classes",
      "const laidOut = () => laid; class Kept { tensors = tensors; row = tensors.tensor1d([1]) }",
      "laidOut().nothing; new Kept().tensors.nothing",
    ],
    ["of what these give", "const { row } = new Kept();", "row.nothing()"],
    ["of modules that are packages' own", 'const parsed = (await import("mathjs")).parse("x");', "parsed.nothing()"],
  ])("%s", async (_what, first, later) => {
    expect(await shown(first)).toBe("");
    expect(await shown(later)).toMatch(/Property 'nothing' does not exist on type '(?!any)/);
  });
});

describe("completion", () => {
  const complete = (code: string) => kernel.request("complete_request", { code, cursor_pos: code.length });

  it("knows relative paths, options, and what earlier cells declared", async () => {
    expect(await complete('import { part } from "./local-')).toMatchObject({
      matches: expect.arrayContaining(["local-part"]),
    });
    await execute(kernel, "const planets = { inner: 4, outer: 4 };");
    expect(await complete("planets.inn")).toMatchObject({ matches: ["inner"], cursor_start: 8 });
    expect(await complete("plane")).toMatchObject({ matches: expect.arrayContaining(["planets"]) });
    await execute(kernel, 'import { shapley, gameFrom } from "shapley-modes";');
    const options = await complete("shapley(await gameFrom(2, () => [1]), { or");
    expect((options.matches as string[])[0]).toBe("orderings");
  });

  it("shows no name of the kernel's own", async () => {
    const { matches } = await complete("");
    expect((matches as string[]).filter((name) => /ː|__cell/.test(name))).toEqual([]);
  });
});

it("TensorFlow.js has its types in the first cell that speaks of it, also where the library was imported before", async () => {
  expect(await shown('import * as sm from "shapley-modes"; typeof sm.shapley')).toBe("'function'");
  const load = 'import { loadTensorflow } from "shapley-modes"; const { tf } = await loadTensorflow("cpu");';
  expect(await shown(`${load} const sum: string = tf.scalar(1);`)).toMatch(/Type 'Scalar' is not assignable/);
  expect(await shown(`${load} tf.scalar(1).add(tf.scalar(2)).dataSync()[0]`)).toBe("3");
});
