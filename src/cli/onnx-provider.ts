// Says as JSON whether an execution provider of ONNX Runtime computes. A process of its own, as a driver may take it
// along.
import { describeOnnxRuntime } from "../networks/onnx/describe.js";

void describeOnnxRuntime(process.argv[2]).then((report) => process.stdout.write(JSON.stringify(report)));
