/** Where a value lies between two ends, in percent. Ends that are equal have it in the middle. */
export function percentScale(from: number, to: number): (value: number) => number {
  return from === to ? () => 50 : (value) => (100 * (value - from)) / (to - from);
}

/** A bar from one value to another, as styles: no narrower than can be seen. */
export function barStyle(scale: (value: number) => number, from: number, to: number): string {
  const [left, right] = [scale(from), scale(to)].sort((a, b) => a - b);
  return `left:${left.toFixed(3)}%;width:max(3px,${(right - left).toFixed(3)}%)`;
}
