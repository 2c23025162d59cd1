// Code in documentation as programs: taken out, checked by the project's TypeScript against the sources, and run.
import { spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { packageRoot } from "../../src/package.js";

/** One program: a block of a page, with the blocks that go on from it. */
export interface Program {
  /** Where it stands, such as `docs/running.md:12`. */
  readonly name: string;
  readonly code: string;
  /** Whether it is run, or checked by the compiler alone. */
  readonly runs: boolean;
}

/**
 * What may stand behind `ts` in a fence: the block goes on from the one before; it is checked by the compiler alone.
 */
const infoWords = ["continued", "types"];

/**
 * The TypeScript of a page, in fences that say `ts`. `ts continued` goes on from the block before it, `ts types` is not
 * run.
 *
 * @throws Error for another word behind `ts`
 */
export function programsOf(page: string, text: string): Program[] {
  const programs: Program[] = [];
  for (const { index, 1: info, 2: code } of text.matchAll(/^```ts\b([^\n]*)\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, index).split("\n").length;
    const words = info.trim() === "" ? [] : info.trim().split(/\s+/);
    const other = words.find((word) => !infoWords.includes(word));
    if (other) throw new Error(`${page}:${line}: "${other}" is none of ${infoWords.join(", ")}`);
    const before = programs.at(-1);
    if (words.includes("continued")) {
      if (!before) throw new Error(`${page}:${line}: nothing to go on from`);
      const runs = before.runs && !words.includes("types");
      programs[programs.length - 1] = { name: before.name, code: `${before.code}\n${code}`, runs };
    } else programs.push({ name: `${page}:${line}`, code, runs: !words.includes("types") });
  }
  return programs;
}

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(packageRoot, "tsconfig.json"), ts.sys.readFile).config,
  ts.sys,
  packageRoot,
);

/** Files of TypeScript, of libraries and of the sources, which are the same for all programs. */
const known = new Map<string, ts.SourceFile | undefined>();

/** The files of this machine: those outside of the programs' own folder are read once. */
function hostOf(settings: ts.CompilerOptions, own: string): ts.CompilerHost {
  const host = ts.createCompilerHost(settings);
  const { getSourceFile } = host;
  host.getSourceFile = (file, ...more) => {
    if (file.startsWith(own)) return getSourceFile(file, ...more);
    if (!known.has(file)) known.set(file, getSourceFile(file, ...more));
    return known.get(file);
  };
  return host;
}

/** What the project's compiler finds wrong with programs that stand in a folder: for each its messages. */
export function problemsOf(folder: string, programs: readonly Program[]): Map<string, string[]> {
  const files = programs.map(({ code }, index) => {
    const file = join(folder, `program-${index}.mts`);
    writeFileSync(file, `${code}\nexport {};\n`);
    return file;
  });
  const settings: ts.CompilerOptions = {
    ...options,
    rootDir: undefined as unknown as string,
    noEmit: true,
    declaration: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    typeRoots: [join(packageRoot, "node_modules", "@types")],
    paths: {
      "shapley-modes": [join(packageRoot, "src", "index.ts")],
      "shapley-modes/*": [join(packageRoot, "src", "*.ts")],
      "*": [join(packageRoot, "node_modules", "*"), join(packageRoot, "node_modules", "@types", "*")],
    },
  };
  const program = ts.createProgram(files, settings, hostOf(settings, folder));
  return new Map(
    files.map((file, index) => {
      const source = program.getSourceFile(file);
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      return [programs[index].name, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "))];
    }),
  );
}

/** `expression; // 0.5, and words`: the numbers, lists and truths that a comment says an expression is. */
const saidValue =
  /^(?!(?:const|let|return|import|export|if|for)\b)(\S.*); \/\/ (\[(?:(?:-?\d+(?:\.\d+)?|"[^"]*")(?:, )?)*\]|-?\d+(?:\.\d+)?|true|false)(?:[ ,:;].*)?$/gm;

/** A program as JavaScript, in which what comments say of values is held against them. */
function javascript(code: string): string {
  const checked = code.replace(saidValue, (_, expression, said) => `__said(${printed(expression)}, ${said});`);
  return ts.transpileModule(checked, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: false },
  }).outputText;
}

/** What `console.log` would print, or the expression itself. */
function printed(expression: string): string {
  return /^console\.log\((.*)\)$/.exec(expression)?.[1] ?? expression;
}

/** What the programs are run by: one after the other in one process, each where it stands; a line for each. */
const runner = `import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
globalThis.__said = (value, said) => {
  const plain = ArrayBuffer.isView(value) ? Array.from(value) : value;
  const close = (a, b) => typeof a === "number" && typeof b === "number" ? Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b)) :
    Array.isArray(a) && Array.isArray(b) ? a.length === b.length && a.every((x, i) => close(x, b[i])) : isDeepStrictEqual(a, b);
  if (!close(plain, said)) throw new Error("the comment says " + JSON.stringify(said) + ", it is " + JSON.stringify(plain));
};
for (const file of process.argv.slice(2)) {
  process.chdir(dirname(fileURLToPath(file)));
  const failed = await import(file).then(() => undefined, (error) => String(error?.stack ?? error));
  process.stdout.write("\\n@@" + JSON.stringify({ file, failed }) + "\\n");
}
process.exit(0);
`;

/**
 * Runs programs in a folder, where `shapley-modes` is the built package, as who installs it sees it.
 *
 * @returns for each what it failed with, or undefined
 */
export function failuresOf(folder: string, programs: readonly Program[]): Promise<Map<string, string | undefined>> {
  return failuresIn(new Map([[folder, programs]]));
}

/** Runs the programs of several folders, one after the other. */
export async function failuresIn(
  places: ReadonlyMap<string, readonly Program[]>,
): Promise<Map<string, string | undefined>> {
  const files = new Map<string, string>();
  for (const [folder, programs] of places) {
    const modules = join(folder, "node_modules");
    mkdirSync(modules, { recursive: true });
    symlinkSync(packageRoot, join(modules, "shapley-modes"), "junction");
    programs.forEach(({ name, code }, index) => {
      const file = join(folder, `program-${index}.mjs`);
      writeFileSync(file, javascript(code));
      files.set(name, pathToFileURL(file).href);
    });
  }
  const [folder] = places.keys();
  writeFileSync(join(folder, "run.mjs"), runner);
  const child = spawn(process.execPath, [join(folder, "run.mjs"), ...files.values()], {
    cwd: folder,
    timeout: 280_000,
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (data) => {
    said.out += data;
  });
  child.stderr.on("data", (data) => {
    said.err += data;
  });
  await new Promise((resolve) => child.on("close", resolve));
  const results = new Map(
    [...said.out.matchAll(/^@@(.*)$/gm)].map(([, line]) => {
      const { file, failed } = JSON.parse(line) as { file: string; failed?: string };
      return [file, failed];
    }),
  );
  return new Map(
    [...files].map(([name, file]) => [
      name,
      results.has(file) ? results.get(file) : `did not come to its end: ${said.err.slice(-2000)}`,
    ]),
  );
}
