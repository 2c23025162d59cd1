import type { Data, Layout, LayoutAxis } from "plotly.js";

/** The parts of a trace that this file reads. */
interface Heat {
  readonly type?: string;
  readonly z?: unknown;
  readonly x?: unknown;
  readonly y?: unknown;
  readonly dx?: number;
  readonly dy?: number;
  readonly x0?: number;
  readonly y0?: number;
  readonly xaxis?: string;
  readonly yaxis?: string;
}

type Row = ArrayLike<number | null>;

/** A trace with fewer cells, the layout that goes with it, and how many columns and rows make one. */
export interface ThinHeat {
  readonly trace: Data;
  readonly layout: Partial<Layout>;
  readonly columns: number;
  readonly rows: number;
}

/** Cells of a heatmap or of contours; 0 for any other trace. */
export function heatCells(trace: Data): number {
  const { type = "", z } = trace as Heat;
  if (!["heatmap", "contour"].includes(type) || !Array.isArray(z) || z[0] === null || typeof z[0] !== "object")
    return 0;
  return z.length * ((z[0] as Row).length ?? 0);
}

/**
 * A heatmap whose cells are means of blocks (missing values left out), at most `side` in a row and a column; undefined
 * where it has no more already. Named columns take the name "first to last", and the ticks of their axis move along;
 * where other traces share such an axis, its cells stay as they are.
 */
export function thinHeat(
  trace: Data,
  all: readonly Data[],
  layout: Partial<Layout>,
  side: number,
): ThinHeat | undefined {
  const heat = trace as Heat;
  const z = heat.z as Row[];
  const along = (letter: "x" | "y", count: number) => {
    const id = heat[`${letter}axis`] ?? letter;
    const name = `${letter}axis${id.slice(1)}` as keyof Layout;
    const axis = (layout[name] ?? {}) as Partial<LayoutAxis>;
    const positions = heat[letter];
    const named = axis.type === "category" || (Array.isArray(positions) && positions.some(isName));
    const shared = all.some((other) => other !== trace && ((other as Heat)[`${letter}axis`] ?? letter) === id);
    const block = named && shared ? 1 : Math.ceil(count / side);
    return { name, axis, positions, named, block };
  };
  const x = along("x", z[0].length);
  const y = along("y", z.length);
  if (x.block === 1 && y.block === 1) return undefined;
  const { text, hovertext, customdata, x0, dx, y0, dy, ...rest } = heat as Heat & Record<string, unknown>;
  const thin = {
    ...rest,
    z: blockMeans(z, x.block, y.block),
    x: blockPositions(x.positions, z[0].length, x, x0, dx),
    y: blockPositions(y.positions, z.length, y, y0, dy),
  };
  const axes = Object.fromEntries(
    [
      { ...x, blocks: thin.x },
      { ...y, blocks: thin.y },
    ]
      .filter(({ named }) => named)
      .map((each) => [each.name, moved(each)]),
  );
  return { trace: thin as unknown as Data, layout: { ...layout, ...axes }, columns: x.block, rows: y.block };
}

/** Means of blocks of `columns` by `rows` values; what is not a number is left out, a block without numbers is null. */
export function blockMeans(z: readonly Row[], columns: number, rows: number): (number | null)[][] {
  const width = z[0].length;
  return Array.from({ length: Math.ceil(z.length / rows) }, (_r, r) =>
    Array.from({ length: Math.ceil(width / columns) }, (_c, c) => {
      let sum = 0;
      let count = 0;
      for (let row = r * rows; row < Math.min(z.length, (r + 1) * rows); row++) {
        for (let column = c * columns; column < Math.min(width, (c + 1) * columns); column++) {
          const value = z[row][column];
          if (typeof value !== "number" || !Number.isFinite(value)) continue;
          sum += value;
          count++;
        }
      }
      return count === 0 ? null : sum / count;
    }),
  );
}

/** Where the blocks are: their middles, their edges where edges were given, or the names of their first and last. */
function blockPositions(
  given: unknown,
  count: number,
  { named, block }: { named: boolean; block: number },
  from = 0,
  step = 1,
): unknown[] {
  const positions = isList(given)
    ? Array.from(given)
    : Array.from({ length: count }, (_, index) => from + index * step);
  if (positions.length === count + 1) return positions.filter((_, index) => index % block === 0 || index === count);
  return Array.from({ length: Math.ceil(count / block) }, (_, index) => {
    const first = positions[index * block];
    const last = positions[Math.min(count, (index + 1) * block) - 1];
    if (first === last) return first;
    if (named) return `${first} to ${last}`;
    if (typeof first === "number" && typeof last === "number") return (first + last) / 2;
    return positions[Math.min(count - 1, index * block + (block >> 1))];
  });
}

/**
 * The axis of named blocks: what stood at name number i stands at its part of a block, and in its middle by the block's
 * name, as a whole number may be that of another one.
 */
function moved({
  axis,
  positions,
  block,
  blocks,
}: {
  axis: Partial<LayoutAxis>;
  positions: unknown;
  block: number;
  blocks: readonly unknown[];
}): Partial<LayoutAxis> {
  const names = new Map(isList(positions) ? Array.from(positions, (name, index) => [name, index]) : []);
  const place = (value: unknown) => {
    const index = names.get(value) ?? value;
    return typeof index === "number" ? (index + 0.5) / block - 0.5 : value;
  };
  const tick = (value: unknown) => {
    const at = place(value);
    return typeof at === "number" ? (blocks[at] ?? at) : at;
  };
  return {
    ...axis,
    ...(axis.tickvals && { tickvals: axis.tickvals.map(tick) }),
    ...(axis.range && { range: axis.range.map(place) as [number, number] }),
  };
}

/** Whether a position is a name: neither a number nor a date. */
function isName(value: unknown): boolean {
  return typeof value === "string" && !Number.isFinite(Number(value)) && !/^\d{4}-\d\d/.test(value);
}

function isList(value: unknown): value is ArrayLike<unknown> & Iterable<unknown> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}
