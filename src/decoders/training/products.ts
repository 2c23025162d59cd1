import type { TrainingMemory } from "./kernels.js";

/** A matrix of weights in memory, and the gradient of it: `[outputs, inputs]`. */
export interface TrainedMatrix {
  readonly at: number;
  readonly gradient: number;
  readonly outputs: number;
  readonly inputs: number;
}

/** Scales of a norm in memory, and the gradient of them. */
export interface TrainedScales {
  readonly at: number;
  readonly gradient: number;
}

/** y = x w', `[rows, outputs]` */
export function linearForward(
  { kernels, room }: TrainingMemory,
  rows: number,
  x: number,
  { at, outputs, inputs }: TrainedMatrix,
  y: number,
): void {
  kernels.multiply(rows, outputs, inputs, x, 4 * inputs, 4, at, 4, 4 * inputs, y, 4 * outputs, 0, room);
}

/** Adds to the gradient of w, and sets that of x, or adds to it where there is `more`. */
export function linearBackward(
  { kernels, room }: TrainingMemory,
  rows: number,
  x: number,
  { at, gradient, outputs, inputs }: TrainedMatrix,
  dy: number,
  dx: number,
  more: boolean,
): void {
  kernels.multiply(outputs, inputs, rows, dy, 4, 4 * outputs, x, 4 * inputs, 4, gradient, 4 * inputs, 1, room);
  kernels.multiply(
    ...([rows, inputs, outputs, dy, 4 * outputs, 4, at, 4 * inputs, 4, dx, 4 * inputs] as const),
    Number(more),
    room,
  );
}
