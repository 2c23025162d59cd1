import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import * as analysis from "../src/analysis.js";
import * as core from "../src/core.js";
import * as decoders from "../src/decoders.js";
import * as experiments from "../src/experiments.js";
import * as faces from "../src/faces.js";
import * as figures from "../src/figures.js";
import * as formats from "../src/formats.js";
import * as games from "../src/games.js";
import * as generators from "../src/generators.js";
import * as library from "../src/index.js";
import * as jobs from "../src/jobs.js";
import { packageRoot } from "../src/package.js";
import * as pages from "../src/pages.js";
import * as render from "../src/render.js";
import * as widgets from "../src/widgets.js";

const entries: Record<string, object> = {
  index: library,
  analysis,
  core,
  decoders,
  experiments,
  faces,
  figures,
  formats,
  games,
  generators,
  jobs,
  pages,
  render,
  widgets,
};

/** Every exported function that takes an object of options, and at which place, as the compiler knows them. */
function functionsWithOptions(): { entry: string; name: string; place: number }[] {
  const settings = ts.getParsedCommandLineOfConfigFile(
    join(packageRoot, "tsconfig.json"),
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} },
  )!;
  const files = Object.keys(entries).map((entry) => join(packageRoot, "src", `${entry}.ts`));
  const program = ts.createProgram(files, settings.options);
  const checker = program.getTypeChecker();
  const found: { entry: string; name: string; place: number }[] = [];
  const exports = Object.keys(entries).flatMap((entry, e) =>
    checker
      .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(files[e])!)!)
      .map((each) => ({ entry, each })),
  );
  for (const { entry, each } of exports) {
    if (found.some(({ name }) => name === each.name)) continue;
    const isAlias = (each.flags & ts.SymbolFlags.Alias) !== 0;
    const symbol = isAlias ? checker.getAliasedSymbol(each) : each;
    const declaration = symbol.declarations?.find(
      (other) => ts.isFunctionDeclaration(other) && other.body !== undefined,
    );
    if (!declaration || !ts.isFunctionDeclaration(declaration)) continue;
    declaration.parameters.forEach((parameter, place) => {
      const type = checker.getNonNullableType(checker.getTypeAtLocation(parameter));
      const name = (type.aliasSymbol ?? type.symbol)?.name ?? "";
      const isObject = (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
      const someOptional = type.getProperties().some(({ flags }) => (flags & ts.SymbolFlags.Optional) !== 0);
      const isOptions = /(Options?|GameFiles|GameFile|GameSpec|CheckpointName)$/.test(name);
      const isLiteral = isObject && someOptional && /^(__type|)$/.test(name) && parameter.initializer !== undefined;
      if (isOptions || isLiteral) found.push({ entry, name: each.name, place });
    });
  }
  return found;
}

describe("options", () => {
  const functions = functionsWithOptions();

  it("are taken by many functions", () => expect(functions.length).toBeGreaterThan(60));

  it.each(functions)("$name refuses one that there is not, before it does anything", async ({ entry, name, place }) => {
    const call = (entries[entry] as Record<string, (...given: unknown[]) => unknown>)[name];
    const given = Array.from({ length: place }, () => () => undefined);
    const refused = async (options: unknown) => call(...given, options);
    await expect(refused({ notAnOption: 1 })).rejects.toThrow(
      new RegExp(`^invalid option of ${name}; expected .*; received "notAnOption"$`),
    );
    await expect(refused({ __proto__: null, constructor: 1 })).rejects.toThrow('received "constructor"');
    await expect(refused(null)).rejects.toThrow(`invalid options of ${name}; expected an object; received null`);
  });

  it("names the nearest", async () => {
    const game = await library.gameFrom(2, (intact) => intact.size);
    await expect(library.shapley(game, { ordering: 5 } as object)).rejects.toThrow(
      'invalid option of shapley; expected one of its options, such as the nearest: orderings, workers, progress; received "ordering"',
    );
  });
});
