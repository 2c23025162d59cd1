/** The ten classes of drawn shapes, in the order of their numbers. */
export const shapeNames = [
  "disc",
  "ring",
  "square",
  "triangle",
  "star",
  "cross",
  "crescent",
  "heart",
  "arrow",
  "bolt",
] as const;
/** One of `shapeNames`. */
export type ShapeName = (typeof shapeNames)[number];

/**
 * Signed distance of a place from an outline, negative inside. An outline lies within 1.2 of the origin; y points down.
 */
export type Outline = (x: number, y: number) => number;

type Point = readonly [x: number, y: number];

const circle =
  (radius: number, cx = 0, cy = 0): Outline =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) - radius;

/**
 * The outline of a polygon: the distance to its nearest edge, negative where a ray crosses it an odd number of times.
 *
 * @param points its corners, in order
 */
export function polygon(points: readonly Point[]): Outline {
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    let inside = false;
    for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
      const [ax, ay] = points[i];
      const [bx, by] = points[j];
      const [ex, ey] = [bx - ax, by - ay];
      const along = Math.min(1, Math.max(0, ((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey)));
      const [dx, dy] = [x - ax - along * ex, y - ay - along * ey];
      nearest = Math.min(nearest, dx * dx + dy * dy);
      if (ay > y !== by > y && x < ax + ((y - ay) / ey) * ex) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}

/** Corners on circles around the origin, one after the other from the top, of the radii given in turn. */
function corners(count: number, ...radii: readonly number[]): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    const radius = radii[i % radii.length];
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

const heartPoints = Array.from({ length: 28 }, (_, i): Point => {
  const t = (2 * Math.PI * i) / 28;
  const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
  return [Math.sin(t) ** 3, -(y + 2.5) / 16];
});

/** The outline of each class. */
export const outlines: Readonly<Record<ShapeName, Outline>> = {
  disc: circle(0.85),
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.72) - 0.2,
  square: polygon([
    [-0.75, -0.75],
    [0.75, -0.75],
    [0.75, 0.75],
    [-0.75, 0.75],
  ]),
  triangle: polygon(corners(3, 1)),
  star: polygon(corners(10, 1, 0.42)),
  cross: polygon(
    [0, 1, 2, 3].flatMap((turn) => {
      const [c, s] = [[1, 0, -1, 0][turn], [0, 1, 0, -1][turn]];
      const arm: Point[] = [
        [-0.28, -0.95],
        [0.28, -0.95],
        [0.28, -0.28],
      ];
      return arm.map(([x, y]): Point => [c * x - s * y, s * x + c * y]);
    }),
  ),
  crescent: (x, y) => Math.max(circle(0.95)(x, y), -circle(0.8, 0.45)(x, y)),
  heart: polygon(heartPoints),
  arrow: polygon([
    [0, -1],
    [0.7, -0.15],
    [0.25, -0.15],
    [0.25, 1],
    [-0.25, 1],
    [-0.25, -0.15],
    [-0.7, -0.15],
  ]),
  bolt: polygon([
    [0.25, -1],
    [-0.6, 0.15],
    [-0.05, 0.15],
    [-0.3, 1],
    [0.6, -0.25],
    [0.05, -0.25],
    [0.55, -1],
  ]),
};
