import type { FeatureMasks } from "../../src/datasets/faces/likeness-masks.js";
import { gameFrom } from "../../src/games/from-function.js";
import type { Game } from "../../src/games/game.js";
import { ShapleyModes } from "../../src/modes/shapley-modes.js";

/** Images of 4 x 4 pixels: the upper half is one feature, the lower right quarter another, the rest no feature's. */
export const size = 4;
const area = size * size;
const top = (p: number) => p < area / 2;
const corner = (p: number) => p >= area / 2 && p % size >= size / 2;

export const masksOf = (count: number): FeatureMasks => {
  const of = (inside: (p: number) => boolean) =>
    Float32Array.from({ length: count * area }, (_, p) => (inside(p % area) ? 1 : 0));
  return { count, size, masks: { top: of(top), corner: of(corner) } };
};

/** Units that paint: what each adds to a pixel, whatever the others do. So its mode is this, and so is its lesion. */
export const painters = {
  "a/0": (p: number) => (top(p) ? 0.2 : 0.02),
  "a/1": (p: number) => (top(p) ? 0.2 : 0.02),
  "a/2": () => 0.1,
  "a/3": () => 0.1,
  "a/4": () => 0.1,
  "b/0": (p: number) => (corner(p) ? 0.2 : 0.01),
  "b/1": (p: number, face: number) => (top(p) ? 0.1 : 0.05) * (face + 1),
  "b/2": (p: number) => (top(p) ? 0.05 : 0.1),
  "b/3": () => 0.001,
} satisfies Record<string, (p: number, face: number) => number>;

type Unit = keyof typeof painters;
type Painters = Readonly<Record<Unit, (p: number, face: number) => number>>;
export const units = Object.keys(painters) as Unit[];

/** What a unit adds, `[faces, 3, size, size]`; blue twice as much as red, green not at all. */
export function painting(unit: Unit, faces: number, paint: Painters = painters, first = 0): Float64Array {
  return Float64Array.from({ length: faces * 3 * area }, (_, i) => {
    const colour = Math.floor(i / area) % 3;
    return [1, 0, 2][colour] * paint[unit](i % area, first + Math.floor(i / (3 * area)));
  });
}

/** The game of what these paint together, on faces from number `first` on. */
export function paintingGame(faces: number, paint: Painters = painters, first = 0): Promise<Game> {
  const paintings = units.map((unit) => painting(unit, faces, paint, first));
  const outputShape = [faces, 3, size, size];
  return gameFrom(
    units,
    (intact) => {
      const sum = new Float64Array(faces * 3 * area);
      units.forEach((unit, u) => {
        if (intact.has(unit)) for (let i = 0; i < sum.length; i++) sum[i] += paintings[u][i];
      });
      return sum;
    },
    { outputShape },
  );
}

/** Its modes: in a game where nobody's effect depends on others, a mode is what the unit adds. */
export function paintingModes(faces: number): ShapleyModes {
  const length = faces * 3 * area;
  const values = new Float64Array(units.length * length);
  units.forEach((unit, u) => values.set(painting(unit, faces), u * length));
  return new ShapleyModes({ units, outputShape: [faces, 3, size, size], values });
}
