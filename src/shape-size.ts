/** How many numbers an array of a shape holds: 1 without dimensions. */
export function shapeSize(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
