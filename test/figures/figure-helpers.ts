import type { Layout } from "plotly.js";
import { expect } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import { type HierarchySeries, panelOrder } from "../../src/figures/kit/hierarchy-panels.js";
import { regulariserStyles } from "../../src/figures/kit/theme.js";
import { type Regulariser, regularisers } from "../../src/networks/mlp/regulariser.js";
import { fc } from "../helpers/properties.js";

/** A trace with the parts that these tests read; Plotly's own type is a union of all kinds. */
export interface Trace {
  readonly type: string;
  readonly name: string;
  readonly mode?: string;
  readonly showlegend?: boolean;
  readonly x: (number | string | null)[];
  readonly y: (number | string | null)[];
  readonly z: number[][];
  readonly zmin: number;
  readonly zmax: number;
  readonly colorscale: [number, string][];
  readonly colorbar?: { readonly title: { readonly text: string } };
  readonly showscale?: boolean;
  readonly customdata: unknown[];
  readonly fill?: string;
  readonly xaxis?: string;
  readonly yaxis?: string;
  readonly line: { readonly color?: string; readonly dash?: string };
  readonly marker: { readonly color: string; readonly symbol: string };
  readonly error_x?: { readonly array: number[] };
  readonly error_y?: { readonly array: number[] };
}

/** The traces of a figure. */
export function traces(figure: Figure): Trace[] {
  return figure.data as unknown as Trace[];
}

/** The traces of this name. */
export function named(figure: Figure, name: string): Trace[] {
  return traces(figure).filter((trace) => trace.name === name);
}

/** An axis of a figure: `xaxis`, `yaxis2`, ... */
export function axis(figure: Figure, name: string): Layout["xaxis"] {
  return (figure.layout as Record<string, unknown>)[name] as Layout["xaxis"];
}

/** Every text of a figure that is drawn: title, caption, panel titles, axis titles and tick labels. */
export function drawnTexts(figure: Figure): string[] {
  const texts: string[] = [];
  walk(figure.layout, "layout", (path, value) => {
    if (typeof value === "string" && /\.(text|ticktext\[\d+\])$/.test(path)) texts.push(value);
  });
  return texts;
}

/**
 * The same value, such that any attempt to change it throws. Typed arrays can not be frozen: they are compared instead.
 */
export function deepFrozen<T>(value: T): T {
  if (value !== null && typeof value === "object" && !ArrayBuffer.isView(value)) {
    Object.values(value).forEach(deepFrozen);
    Object.freeze(value);
  }
  return value;
}

/**
 * What holds for every figure: no number that is not finite and nothing undefined anywhere, a caption that is drawn as
 * it reads, margins that leave room to the axes, and axes whose ranges go from low to high.
 */
export function expectSound(figure: Figure): void {
  walk(figure, "figure", (path, value) => {
    if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`${path} is ${value}`);
    if (value === undefined) throw new Error(`${path} is undefined`);
    if (ArrayBuffer.isView(value)) throw new Error(`${path} is a typed array`);
  });
  const { width = 0, height = 0, margin = {}, annotations = [], font = {} } = figure.layout;
  const { l = 0, r = 0, t = 0, b = 0 } = margin;
  expect(width - l - r).toBeGreaterThan(0.25 * width);
  expect(height - t - b).toBeGreaterThanOrEqual(2 * (font.size ?? 0) - 1);
  const [caption] = annotations;
  expect(unescaped((caption.text ?? "").replaceAll("<br>", " "))).toBe(figure.caption);
  for (const name of Object.keys(figure.layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
    const { range, domain, autorange } = axis(figure, name);
    expect(range?.[0], name).not.toBe(range?.[1]);
    expect(autorange, name).toBeUndefined();
    if (domain) expect(0 <= domain[0] && domain[0] < domain[1] && domain[1] <= 1, `${name} ${domain}`).toBe(true);
  }
}

function walk(value: unknown, path: string, visit: (path: string, value: unknown) => void): void {
  visit(path, value);
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return;
  for (const [key, part] of Object.entries(value)) {
    walk(part, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, visit);
  }
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Checks that a trace of markers has its regulariser's colour and symbol, each regulariser its own. */
export function expectRegulariserStyle(trace: Trace, key: Regulariser): void {
  expect(trace.marker).toMatchObject({ color: regulariserStyles[key].colour, symbol: regulariserStyles[key].symbol });
  expect(new Set(regularisers.map((other) => regulariserStyles[other].colour)).size).toBe(3);
  expect(new Set(regularisers.map((other) => regulariserStyles[other].symbol)).size).toBe(3);
}

export const anyRegulariser = fc.constantFrom(...regularisers);
export const anySize = fc.constantFrom("talk" as const, "column" as const);
/** A finite number of the sizes that contributions and weights have, and far beyond. */
export const anyValue = fc.double({ min: -1e6, max: 1e6, noNaN: true });
export const anyFraction = fc.double({ min: 0, max: 1, noNaN: true });
/** Names as people give them: paths, spaces, markup, long ones. */
export const anyNames = (minLength: number, maxLength: number) =>
  fc.uniqueArray(
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.nat(999).map((unit) => `encoder/block_3/a_long_name_of_a_layer_with_many_words/dense_${unit}`),
      fc.nat(999).map((unit) => `<b>&${unit}</script>`),
    ),
    { minLength, maxLength },
  );

/** Names that number the things of a kind: `hidden/0`, `hidden/1`, ... */
export function numbered(count: number, path = ""): string[] {
  return Array.from({ length: count }, (_, index) => `${path}${index}`);
}

/** Integers `[from, from + step, ...]`. */
export function steps(count: number, from: number, step = from): number[] {
  return Array.from({ length: count }, (_, index) => from + index * step);
}

/** Measures of layers as analysis gives them: powers of two from the layer and a factor, likeness not known. */
export function hierarchyOf(layers: readonly string[], factor: number): HierarchySeries["hierarchy"] {
  const points = (m: number) =>
    layers.map((layer, l) => {
      const value = factor * 2 ** (l - m);
      return { layer, value, low: value / 2, high: value * 2 };
    });
  const measures = Object.fromEntries(panelOrder.map((panel, m) => [panel, points(m)]));
  const unknown = layers.map((layer) => ({ layer, value: Number.NaN, low: Number.NaN, high: Number.NaN }));
  return {
    layers,
    measures: { ...measures, likeness: unknown } as unknown as HierarchySeries["hierarchy"]["measures"],
    relativeErrors: layers.map((_, l) => 0.04 * (l + 1)),
  };
}
