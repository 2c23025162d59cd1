// A worker thread of the question "sweep": analyses the network files it is sent, one after another, and says when it
// is ready for the next.
import { parentPort, workerData } from "node:worker_threads";
import { loadInputs } from "../datasets/inputs.js";
import { shapley } from "../engine/shapley.js";
import { mlpGame } from "../lesion/mlp-game.js";
import { loadMlp } from "../networks/mlp/file.js";
import { loadTensorflow } from "../tensors/backend.js";

/** What a share is told at its start. */
export interface ShareOptions {
  readonly inputs: string;
  readonly orderings: number;
}

/** What it says: that it has started, or how many units the network had that it is done with. */
export interface ShareReport {
  readonly units: number | undefined;
  readonly error?: unknown;
}

if (parentPort) {
  const port = parentPort;
  const { inputs: name, orderings } = workerData as ShareOptions;
  const report = (message: ShareReport) => port.postMessage(message);
  const inputs = loadInputs(name);
  void loadTensorflow().then(() => report({ units: undefined }));
  port.on("message", (path: string) => {
    analyse(path).then(
      (units) => report({ units }),
      (error: unknown) => report({ units: undefined, error }),
    );
  });

  async function analyse(path: string): Promise<number> {
    const modes = await shapley(await mlpGame(await loadMlp(path), inputs), { orderings, seed: 1 });
    if (!(modes.efficiencyGap < 1e-9)) throw new Error(`${path}: the efficiency gap is ${modes.efficiencyGap}`);
    return modes.units.length;
  }
}
