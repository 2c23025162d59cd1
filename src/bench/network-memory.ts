import { coalitionsOf } from "../coalitions/coalition.js";
import type { JsonObject } from "../json.js";
import { type NetworkGame, networkGame } from "../lesion/network-game.js";
import { loadOnnx } from "../networks/onnx/load.js";
import { layersNetwork } from "../networks/tfjs/models.js";
import { pacer } from "../pace.js";
import { loadTensorflow, type Tensorflow } from "../tensors/backend.js";
import { noise, textDirectionPath, textLine } from "./networks.js";
import { type Answer, type Question, short } from "./question.js";

const batches = 10_000;
/** What is there after so many is held against what is there at the end. */
const early = 1000;

interface Row {
  readonly of: string;
  /** Tensors of TensorFlow.js after `early` batches and at the end. */
  readonly tensors: readonly [number, number];
  /** Megabytes of the process then. */
  readonly megabytes: readonly [number, number];
}

/** Whether a long run takes more and more memory. */
export const networkMemory: Question = {
  name: "memory",
  asks: `how much memory is taken after ${batches} lesioned batches?`,
  async answer(signal: AbortSignal): Promise<Answer> {
    const { tf } = await loadTensorflow();
    const rows = [
      await play("LayersModel, a convolution and two dense layers", await layersGame(tf), tf, signal),
      await play("ONNX, PP-OCR's classifier of text lines", await onnxGame(), tf, signal),
    ];
    const leak = rows.find(({ tensors: [before, after] }) => after !== before);
    if (leak) throw new Error(`${leak.of}: ${leak.tensors[1]} tensors after ${leak.tensors[0]}`);
    const most = Math.max(...rows.map(({ megabytes }) => megabytes[1]));
    const before = Math.max(...rows.map(({ megabytes }) => megabytes[0]));
    return {
      figure: { value: most, unit: "MB", of: `the process after ${batches} batches` },
      baseline: { value: before, unit: "MB", of: `the process after ${early} batches` },
      ratio: before / most,
      target: { ratio: 0.9 },
      lines: rows.map(({ of, tensors, megabytes }) => {
        const memory = `${short(megabytes[0])} MB after ${early}, ${short(megabytes[1])} MB after ${batches}`;
        return `${of}: tensors ${tensors[0]}, then ${tensors[1]}; ${memory}`;
      }),
      numbers: { batches, early, rows: rows.map((row) => ({ ...row }) as unknown as JsonObject) },
    };
  },
};

async function play(of: string, game: NetworkGame, tf: Tensorflow, signal: AbortSignal): Promise<Row> {
  const pace = pacer(signal);
  const seen: [number, number][] = [];
  const units = game.units.length;
  for (let batch = 1; batch <= batches; batch++) {
    await game.evaluate(coalitionsOf(units, [[batch % units], []]));
    if (batch === early || batch === batches) seen.push([tf.memory().numTensors, process.memoryUsage.rss() / 2 ** 20]);
    await pace();
  }
  game.dispose();
  const [[tensors, megabytes], [tensorsAfter, megabytesAfter]] = seen;
  return { of, tensors: [tensors, tensorsAfter], megabytes: [megabytes, megabytesAfter] };
}

async function layersGame(tf: Tensorflow): Promise<NetworkGame> {
  const { layers } = tf;
  const model = tf.sequential({
    layers: [
      layers.conv2d({ name: "conv", filters: 8, kernelSize: 3, activation: "relu", inputShape: [16, 16, 1] }),
      layers.flatten(),
      layers.dense({ units: 32, activation: "relu" }),
      layers.dense({ units: 10 }),
    ],
  });
  return networkGame(await layersNetwork(model), noise(4 * 256), { sites: ["conv"], lesion: "mean" });
}

async function onnxGame(): Promise<NetworkGame> {
  const network = await loadOnnx(textDirectionPath(), { shape: textLine, threads: 1 });
  const convolutions = network.sites.filter(({ kind }) => kind === "Conv");
  const last = convolutions[convolutions.length - 1].name;
  return networkGame(network, noise(3 * 48 * 192), { sites: { filter: last }, lesion: "mean" });
}
