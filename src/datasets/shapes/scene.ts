import { uniformIndex } from "../../coalitions/random.js";
import type { Random } from "../../coalitions/random-streams.js";
import { type Outline, outlines, polygon, type ShapeName } from "./outlines.js";

type Colour = readonly [red: number, green: number, blue: number];

/**
 * Paints one scene: a dark ground of two colours with waves, things that are none of the classes, the shape anywhere,
 * tilted by up to 30 degrees, in one bright colour or striped, and a thin bar that may lie across it; at last noise.
 *
 * @param image levels 0 to 255, `[3, size, size]`, written
 */
export function paintScene(random: Random, shape: ShapeName, size: number, image: Uint8Array): void {
  const canvas = canvasOf(size);
  canvas.ground(random, colourOf(random, dark), colourOf(random, dark));
  for (let things = 2 + uniformIndex(random, 4); things > 0; things--) {
    const at = { x: uniform(random, 0, 1), y: uniform(random, 0, 1), radius: uniform(random, 0.04, 0.09), turn: 0 };
    canvas.paint(debris(random), at, plain(colourOf(random, any)));
  }
  for (let bars = uniformIndex(random, 3); bars > 0; bars--) {
    canvas.paint(bar, strewn(random), plain(colourOf(random, any)));
  }
  const radius = uniform(random, 0.22, 0.36);
  const place = {
    x: uniform(random, radius, 1 - radius),
    y: uniform(random, radius, 1 - radius),
    radius,
    turn: uniform(random, -Math.PI / 6, Math.PI / 6),
  };
  canvas.paint(outlines[shape], place, pattern(random, colourOf(random, bright)));
  if (uniformIndex(random, 2) === 0) canvas.paint(bar, strewn(random), plain(colourOf(random, any)));
  canvas.write(random, image);
}

type Range = readonly [low: number, high: number];
const [dark, any, bright]: readonly Range[] = [
  [0, 0.45],
  [0, 0.9],
  [0.6, 1],
];

interface Place {
  /** Middle, as shares of the image's side. */
  readonly x: number;
  readonly y: number;
  /** What 1 is in the outline, as a share of the side. */
  readonly radius: number;
  /** Radians. */
  readonly turn: number;
}

/** A colour for each place of an outline. */
type Paint = (x: number, y: number) => Colour;

const plain =
  (colour: Colour): Paint =>
  () =>
    colour;

/** A bar, thinner than a shape's details. */
const bar: Outline = (x, y) => Math.max(Math.abs(y) - 0.05, Math.abs(x) - 2);

function strewn(random: Random): Place {
  return {
    x: uniform(random, 0, 1),
    y: uniform(random, 0, 1),
    radius: uniform(random, 0.2, 0.45),
    turn: uniform(random, 0, Math.PI),
  };
}

/** A crooked polygon of three to six corners, smaller than any shape. */
function debris(random: Random): Outline {
  const count = 3 + uniformIndex(random, 4);
  return polygon(
    Array.from({ length: count }, (_, i) => {
      const angle = (2 * Math.PI * (i + uniform(random, 0, 0.8))) / count;
      const radius = uniform(random, 0.4, 1.2);
      return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
    }),
  );
}

/** One colour, or, one time of four, stripes of it and a darker one. */
function pattern(random: Random, colour: Colour): Paint {
  if (uniformIndex(random, 4) > 0) return plain(colour);
  const factor = uniform(random, 0.7, 0.85);
  const other = colour.map((level) => level * factor) as unknown as Colour;
  const waves = uniform(random, 6, 12);
  return (x) => (Math.sin(waves * x) > 0 ? colour : other);
}

/** Each of the three levels within a range. */
function colourOf(random: Random, [low, high]: Range): Colour {
  return [uniform(random, low, high), uniform(random, low, high), uniform(random, low, high)];
}

/** From `low` up to `high`, in 2^24 steps. */
function uniform(random: Random, low: number, high: number): number {
  return low + ((high - low) * (random.next() >>> 8)) / 2 ** 24;
}

function canvasOf(size: number) {
  const area = size * size;
  const levels = new Float64Array(3 * area);
  const cover = (p: number, colour: Colour, share: number) => {
    for (let c = 0; c < 3; c++) levels[c * area + p] += share * (colour[c] - levels[c * area + p]);
  };
  return {
    ground(random: Random, low: Colour, high: Colour): void {
      const [turn, waves, phase] = [uniform(random, 0, 2 * Math.PI), uniform(random, 2, 16), uniform(random, 0, 6)];
      const depth = uniform(random, 0, 0.25);
      const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
      for (let p = 0; p < area; p++) {
        const [x, y] = [(p % size) / size - 0.5, Math.floor(p / size) / size - 0.5];
        const along = x * cosine + y * sine;
        const share = 0.5 + 0.6 * along + depth * Math.sin(waves * (x * sine - y * cosine) + phase);
        for (let c = 0; c < 3; c++) levels[c * area + p] = low[c] + share * (high[c] - low[c]);
      }
    },
    /** Edges are smooth over a pixel. */
    paint(outline: Outline, { x, y, radius, turn }: Place, paint: Paint): void {
      const scale = radius * size;
      const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
      const reach = outline === bar ? size : 1.3 * scale;
      const first = (middle: number) => Math.max(0, Math.floor(middle * size - reach));
      const last = (middle: number) => Math.min(size - 1, Math.ceil(middle * size + reach));
      for (let row = first(y); row <= last(y); row++) {
        for (let column = first(x); column <= last(x); column++) {
          const [dx, dy] = [(column + 0.5 - x * size) / scale, (row + 0.5 - y * size) / scale];
          const [u, v] = [dx * cosine + dy * sine, dy * cosine - dx * sine];
          const share = Math.min(1, Math.max(0, 0.5 - outline(u, v) * scale));
          if (share > 0) cover(row * size + column, paint(u, v), share);
        }
      }
    },
    /** Noise of each level: the sum of two uniform ones, as far as `grain` each way. */
    write(random: Random, image: Uint8Array): void {
      const grain = uniform(random, 0, 0.06);
      for (let i = 0; i < levels.length; i++) {
        const noise = uniform(random, -grain, grain) + uniform(random, -grain, grain);
        image[i] = Math.round(255 * Math.min(1, Math.max(0, levels[i] + noise)));
      }
    },
  };
}
