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
