/**
 * Calls of native code (ONNX Runtime). A worker thread that is ended while one is under way takes the whole process
 * with it, so whoever ends a thread says so in memory that both share, and waits until none is.
 */
const fields = { ending: 0, underWay: 1 } as const;
let shared = nativeCallCounter();

/** Memory for one or more threads and the one that ends them. */
export function nativeCallCounter(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
}

/** This thread's calls are counted there from now on. */
export function countNativeCallsIn(counter: Int32Array): void {
  shared = counter;
}

/** Makes a call of native code. Rejects where the thread is ending. */
export async function nativeCall<Result>(call: () => Promise<Result>): Promise<Result> {
  Atomics.add(shared, fields.underWay, 1);
  try {
    // Counted before it is looked at: either this sees that the end has come, or the end sees this.
    if (Atomics.load(shared, fields.ending)) throw new Error("this thread is ending");
    return await call();
  } finally {
    Atomics.sub(shared, fields.underWay, 1);
  }
}

/** Lets no new call begin, and says whether one is still under way. */
export function endNativeCalls(counter: Int32Array): { readonly underWay: boolean } {
  Atomics.store(counter, fields.ending, 1);
  return { underWay: Atomics.load(counter, fields.underWay) > 0 };
}
