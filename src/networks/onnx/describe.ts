import { MissingPartError } from "../../errors.js";
import { loadRuntime } from "./runtime.js";

/**
 * What `doctor` says of ONNX Runtime: measured by running a small model, not by what is installed.
 *
 * @param provider what is to compute; default the processor
 */
export async function describeOnnxRuntime(
  provider = "cpu",
): Promise<{ available: boolean; problem: string | undefined }> {
  try {
    const runtime = await loadRuntime("a test model", { providers: [provider] });
    const shape = { dim: [{ dimValue: 1 }] };
    const port = (name: string) => ({ name, type: { tensorType: { elemType: 1, shape } } });
    const session = await runtime.session({
      irVersion: 7,
      opsetImport: [{ domain: "", version: 13 }],
      graph: {
        name: "twice",
        node: [{ opType: "Add", input: ["x", "x"], output: ["y"] }],
        input: [port("x")],
        output: [port("y")],
      },
    });
    const { y } = await session.run({ x: runtime.tensor("float32", Float32Array.of(21), [1]) });
    session.dispose();
    return y.data[0] === 42
      ? { available: true, problem: undefined }
      : { available: false, problem: `computes 21 + 21 = ${y.data[0]}` };
  } catch (error) {
    const part = error instanceof MissingPartError ? "" : "does not run: ";
    return { available: false, problem: `${part}${(error as Error).message}` };
  }
}
