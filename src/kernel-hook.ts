/** Content by MIME type: strings, base64 strings for images, objects for JSON types. */
export type MimeData = Record<string, unknown>;

/** One thing in several forms; a viewer picks the richest it knows. */
export interface MimeBundle {
  readonly data: MimeData;
  readonly metadata: Record<string, unknown>;
}

/**
 * Name of the method by which an object shows itself: `[mimeMethod](): MimeData | Promise<MimeData>`. The same symbol
 * as `Symbol.for("shapley-modes.mime")`, so that an object needs nothing of this room to have the method.
 */
export const mimeMethod: unique symbol = Symbol.for("shapley-modes.mime");

/** What the kernel offers to code in its process (kernels/shapley-modes/output.cjs). */
export interface KernelHook {
  /** Sends one display_data, or update_display_data, of the running cell. */
  display(data: MimeData, metadata?: object, options?: { displayId?: string; update?: boolean }): void;
  /** Clears the running cell's output; with `wait`, only when the next output arrives. */
  clearOutput(wait?: boolean): void;
  /** A signal that trips when the running cell is interrupted or fails. */
  signal(): AbortSignal;
  /** Identifier of the request that the cell in whose course this is called began with; undefined before the first. */
  cell(): string | undefined;
  /**
   * Does work whose output is offered to `take` first, as type and content of the message that it would be:
   * display_data, update_display_data, clear_output or stream. What `take` returns true for is not sent.
   */
  capture<T>(take: (type: string, content: object) => boolean, work: () => T): T;
  /** Whether this is called in the course of such work. */
  isCaptured(): boolean;
  /** How an error is shown in a cell: its lines, with ANSI colours. */
  traceback(error: unknown): string;
  /**
   * To be told of a value before `inspect` prints it: what libraries print of their inside is printed as people write
   * it.
   */
  willPrint(value: unknown): void;
  /** Opens a comm to every front end. */
  openComm(target: string, data: object, options?: { id?: string; metadata?: object }): KernelComm;
  /** Says what happens when a front end opens a comm of that name. */
  registerTarget(target: string, opened: (comm: KernelComm) => void): void;
  /**
   * Puts off work until the running cell ends; where none runs, until nothing has been put off for a second. The same
   * function is done once. A cell waits for the work's promise, unless it is interrupted.
   */
  beforeEnd(work: () => void | Promise<void>): void;
}

/** One channel to the front ends (kernels/shapley-modes/comms.cjs). It belongs to the cell in which it was opened. */
export interface KernelComm {
  readonly id: string;
  /** Sends data to every front end; nothing once the comm is closed. */
  send(data: object): void;
  /** Closes it, here and in front ends. */
  close(): void;
  /** Calls a function with the data of each message, and with what answers it. */
  onMessage(received: (data: unknown, answer: (data: object) => void) => void): void;
  /** Calls a function when a front end closes it. */
  onClose(closed: () => void): void;
  /**
   * Does work as in the comm's cell, which may have ended: output is that cell's, and `signal()` a signal of its own,
   * which an interrupt aborts, and so does the one given. Rejects at once where the work is interrupted and nothing
   * watches its signal.
   */
  perform<T>(work: () => T | Promise<T>, signal?: AbortSignal): Promise<T>;
  /** The same; an error is told on stderr of the comm's cell. Resolves when the work is over. */
  notify(work: () => unknown): Promise<void>;
  /** Does something short as in the comm's cell, at once: no interrupt comes between. */
  within<T>(work: () => T): T;
}

/** The kernel that this process is, or undefined outside a notebook. */
export function kernelHook(): KernelHook | undefined {
  return (globalThis as { [key: symbol]: unknown })[Symbol.for("shapley-modes.kernel")] as KernelHook | undefined;
}

/**
 * The signal that trips when the running cell is interrupted; undefined outside a notebook. Who asks for it is given
 * a second to end by itself, with what it has so far.
 */
export function cellSignal(): AbortSignal | undefined {
  return kernelHook()?.signal();
}
