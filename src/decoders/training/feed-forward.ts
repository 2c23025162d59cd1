import type { TrainingMemory } from "./kernels.js";
import { linearBackward, linearForward, type TrainedMatrix } from "./products.js";

/** Weights of an expert, or of a dense feed-forward network: down(silu(gate(x)) * up(x)). */
export interface TrainedFeedForward {
  readonly gate: TrainedMatrix;
  readonly up: TrainedMatrix;
  readonly down: TrainedMatrix;
}

/** Room for what a feed-forward network keeps of some rows, and for gradients. */
export interface FeedForwardRoom {
  readonly gate: number;
  readonly up: number;
  readonly hidden: number;
}

/** Takes the room. */
export function feedForwardRoom(memory: TrainingMemory, rows: number, hidden: number): FeedForwardRoom {
  return { gate: memory.take(rows * hidden), up: memory.take(rows * hidden), hidden: memory.take(rows * hidden) };
}

/** The room of the rows from one on. */
export function roomFrom(room: FeedForwardRoom, row: number, hidden: number): FeedForwardRoom {
  const bytes = 4 * row * hidden;
  return { gate: room.gate + bytes, up: room.up + bytes, hidden: room.hidden + bytes };
}

/** What the network makes of some rows, `[rows, width]`. */
export function feedForwardForward(
  memory: TrainingMemory,
  rows: number,
  x: number,
  { gate, up, down }: TrainedFeedForward,
  kept: FeedForwardRoom,
  y: number,
): void {
  linearForward(memory, rows, x, gate, kept.gate);
  linearForward(memory, rows, x, up, kept.up);
  memory.kernels.swigluForward(rows * gate.outputs, kept.gate, kept.up, kept.hidden);
  linearForward(memory, rows, kept.hidden, down, y);
}

/**
 * Sets the gradient of the rows; what was kept of them is overwritten.
 *
 * @param scratch room for rows x hidden numbers
 */
export function feedForwardBackward(
  memory: TrainingMemory,
  rows: number,
  x: number,
  { gate, up, down }: TrainedFeedForward,
  kept: FeedForwardRoom,
  dy: number,
  dx: number,
  scratch: number,
): void {
  linearBackward(memory, rows, kept.hidden, down, dy, scratch, false);
  memory.kernels.swigluBackward(rows * gate.outputs, kept.gate, kept.up, scratch);
  linearBackward(memory, rows, x, gate, kept.gate, dx, false);
  linearBackward(memory, rows, x, up, kept.up, dx, true);
}
