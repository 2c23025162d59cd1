/** Where the notebook kernel leaves what it offers to the library; see kernels/. */
const kernelKey = Symbol.for("shapley-modes.kernel");

/**
 * The signal that stops a computation: the caller's, and in a notebook also the one that interrupting the running cell
 * aborts. Undefined where there is neither.
 */
export function interruption(signal?: AbortSignal): AbortSignal | undefined {
  const kernel = (globalThis as Record<symbol, unknown>)[kernelKey] as { signal?: () => AbortSignal } | undefined;
  const signals = [signal, kernel?.signal?.()].filter((given): given is AbortSignal => given !== undefined);
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
}
