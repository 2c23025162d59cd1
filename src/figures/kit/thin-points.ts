import type { Data } from "plotly.js";
import { uniformIndex } from "../../coalitions/random.js";
import { type Random, randomStream } from "../../coalitions/random-streams.js";

/** The parts of a trace that this file reads. */
interface Points {
  readonly type?: string;
  readonly mode?: string;
  readonly fill?: string;
  readonly x?: unknown;
  readonly y?: unknown;
  readonly x0?: number;
  readonly dx?: number;
  readonly y0?: number;
  readonly dy?: number;
}

type Values = ArrayLike<unknown>;

/** Points of a trace of lines or markers; 0 for any other trace. */
export function pointCount(trace: Data): number {
  const { type = "scatter", x, y } = trace as Points;
  if (type !== "scatter" && type !== "scattergl") return 0;
  const lengths = [x, y].filter(isValues).map((values) => values.length);
  return lengths.length === 0 ? 0 : Math.min(...lengths);
}

/**
 * A trace of lines or markers with at most `most` of its `count` points, in their order, each with its error bar, text
 * and colour; undefined where it has no more than that. Of lines the extremes stay: the first and the last point of
 * every stretch, the lowest and highest of x and y, and gaps (the aggregation M4; Jugel et al., VLDB 2014). Of markers
 * one stays of every stretch, drawn at random with seed 0, and the outermost four.
 */
export function thinPoints(trace: Data, count: number, most: number): { trace: Data; lines: boolean } | undefined {
  if (count <= most) return undefined;
  const points = trace as Points;
  const x = isValues(points.x) ? points.x : counted(count, points.x0, points.dx);
  const y = isValues(points.y) ? points.y : counted(count, points.y0, points.dy);
  const { mode = "lines", fill = "none" } = points;
  const lines = mode.includes("lines") || fill !== "none";
  const kept = lines ? extremes(x, y, count, most) : sample(x, y, count, most, randomStream(0));
  const { x0, dx, y0, dy, ...rest } = trace as Points & Record<string, unknown>;
  const picked = pick(rest, count, kept) as object;
  return { trace: { ...picked, x: at(x, kept), y: at(y, kept) } as Data, lines };
}

function extremes(x: Values, y: Values, count: number, most: number): number[] {
  const stretches = Math.max(1, Math.floor(most / 8));
  const kept: number[] = [];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * count) / stretches);
    const end = Math.floor(((stretch + 1) * count) / stretches);
    if (start === end) continue;
    const gap = firstGap(y, start, end);
    kept.push(...ascending([start, end - 1, ...outermost(x, start, end), ...outermost(y, start, end), ...gap]));
  }
  return kept;
}

function sample(x: Values, y: Values, count: number, most: number, random: Random): number[] {
  const stretches = Math.max(1, most - 4);
  const kept = [...outermost(x, 0, count), ...outermost(y, 0, count)];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const start = Math.floor((stretch * count) / stretches);
    const end = Math.floor(((stretch + 1) * count) / stretches);
    kept.push(start + uniformIndex(random, end - start));
  }
  return ascending(kept);
}

/** Places of the smallest and the largest number; none where there is no number. */
function outermost(values: Values, start: number, end: number): number[] {
  let low = -1;
  let high = -1;
  for (let index = start; index < end; index++) {
    const value = values[index];
    if (typeof value !== "number" || Number.isNaN(value)) continue;
    if (low < 0 || value < (values[low] as number)) low = index;
    if (high < 0 || value > (values[high] as number)) high = index;
  }
  return low < 0 ? [] : [low, high];
}

function firstGap(values: Values, start: number, end: number): number[] {
  for (let index = start; index < end; index++) {
    const value = values[index];
    if (value === null || value === undefined || Number.isNaN(value)) return [index];
  }
  return [];
}

/** A part of a trace with, of every array that has an entry per point, the entries of the kept ones. */
function pick(part: unknown, count: number, kept: readonly number[]): unknown {
  if (isValues(part)) return part.length === count ? at(part, kept) : part;
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, pick(value, count, kept)]));
}

function at(values: Values, places: readonly number[]): unknown[] {
  return places.map((place) => values[place]);
}

function ascending(places: readonly number[]): number[] {
  return [...new Set(places)].sort((a, b) => a - b);
}

function counted(count: number, from = 0, step = 1): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => from + index * step);
}

function isValues(value: unknown): value is Values {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
