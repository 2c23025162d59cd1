import { allIntact } from "../coalitions/coalition.js";
import { randomOrdering } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import { type LabelledInputs, loadInputs } from "../datasets/inputs.js";
import type { JsonObject } from "../json.js";
import { mlpGame } from "../lesion/mlp-game.js";
import { type LayerLesion, logits } from "../networks/mlp/forward.js";
import { type Mlp, mlpNetwork, widthsText } from "../networks/mlp/mlp.js";
import { paperInputs } from "./mlp-parts.js";
import { type Answer, medianTimes, type Question, short } from "./question.js";

const widths = [784, 200, 200, 100, 10];
/**
 * Lesioned hidden layers. The last one alone is left out: its walk is that of one hidden layer, the question `walk`.
 */
const sites = [[1, 2, 3], [2, 3], [1], [2]];
/** Full evaluations per repetition: each takes as long as any other. */
const evaluations = 8;
const repetitions = 5;

interface Row {
  readonly lesioned: readonly number[];
  /** Microseconds per coalition: walked, with all units by the same kernel, and from the start on tensors. */
  readonly walk: number;
  readonly full: number;
  readonly tensors: number;
  readonly measuredRatio: number;
  /** Ratio of the multiplications behind the first lesioned layer. */
  readonly theoreticalRatio: number;
  readonly largestError: number;
}

/** What bringing back units saves against computing every coalition in full. */
export const mlpDeep: Question = {
  name: "deep",
  asks: `how long does one coalition of a network ${widths.join("-")} take when only what changes is computed (1024 images)?`,
  async answer(signal: AbortSignal): Promise<Answer> {
    const network = randomNetwork();
    const inputs = loadInputs(paperInputs);
    const rows: Row[] = [];
    for (const layers of sites) rows.push(await measure(network, inputs, layers, signal));
    const [all] = rows;
    return {
      figure: { value: all.walk, unit: "us", of: "a coalition of an ordering of all 500 hidden units" },
      baseline: { value: all.full, unit: "us", of: "the layers behind the first with all units, by the same kernel" },
      ratio: all.measuredRatio,
      lines: [
        `checked   logits after returns of units equal those from the start on tensors (largest error ${all.largestError.toExponential(1)})`,
        `repeated  ${repetitions} times in turn, medians; us per coalition`,
        "lesioned     walk    all units  ratio  multiplications' ratio  from the start on tensors",
        ...rows.map(rowText),
      ],
      numbers: {
        network: widthsText(network),
        inputs: inputs.count,
        repetitions,
        rows: rows.map((row) => ({ ...row }) as JsonObject),
      },
    };
  },
};

function rowText({ lesioned, walk, full, tensors, measuredRatio, theoreticalRatio }: Row): string {
  const names = `hidden ${lesioned.join(" ")}`.padEnd(13);
  const columns = [short(walk).padEnd(8), short(full).padEnd(11), short(measuredRatio).padEnd(7)];
  return `${names}${columns.join("")}${short(theoreticalRatio).padEnd(24)}${short(tensors)}`;
}

/** Weights as PyTorch draws them, which time does not depend on; times 3, so that logits differ from input to input. */
function randomNetwork(): Mlp {
  const random = randomStream(1);
  const uniform = (length: number, fanIn: number) =>
    Float32Array.from({ length }, () => (3 * random.next()) / 2 ** 31 / Math.sqrt(fanIn));
  return mlpNetwork(
    widths.slice(1).map((outputs, l) => ({
      weights: uniform(outputs * widths[l], widths[l]),
      biases: uniform(outputs, widths[l]),
    })),
  );
}

async function measure(
  network: Mlp,
  inputs: LabelledInputs,
  layers: readonly number[],
  signal: AbortSignal,
): Promise<Row> {
  const largestError = await check(network, inputs, layers);
  const game = await mlpGame(network, inputs, { sites: names(layers) });
  const units = game.units.length;
  const ordering = randomOrdering(randomStream(1), units);
  const lesions: LayerLesion[] = layers.map((layer) => {
    return { layer, intact: new Uint8Array(network.layers[layer - 1].outputs).fill(1) };
  });
  const all = allIntact(units, evaluations);
  const times = await medianTimes(
    repetitions,
    {
      walk: () => game.walk?.(ordering, () => undefined),
      full: () => game.evaluate(all),
      tensors: () => logits(network, inputs.inputs, lesions),
    },
    signal,
  );
  const walk = (1000 * times.walk) / units;
  const full = (1000 * times.full) / evaluations;
  return {
    lesioned: layers,
    walk,
    full,
    tensors: 1000 * times.tensors,
    measuredRatio: full / walk,
    theoreticalRatio: multiplicationsRatio(layers, ordering),
    largestError,
  };
}

const names = (layers: readonly number[]) => layers.map((layer) => `hidden${layer}`);

/** Largest difference, relative to the largest logit, between walked logits and those from the start, at some ranks. */
async function check(network: Mlp, inputs: LabelledInputs, layers: readonly number[]): Promise<number> {
  const few = { ...inputs, count: 100, inputs: inputs.inputs.slice(0, 78_400), labels: inputs.labels.slice(0, 100) };
  const game = await mlpGame(network, few, { sites: names(layers), score: "logits" });
  const ordering = randomOrdering(randomStream(2), game.units.length);
  const walked = new Map<number, Float64Array>();
  const ranks = [0, 9, 49, ordering.length - 1];
  await game.walk?.(ordering, (rank, values) => {
    if (ranks.includes(rank)) walked.set(rank, Float64Array.from(values));
  });
  let largest = 0;
  for (const [rank, values] of walked) {
    const present = new Set(Array.from(ordering.subarray(0, rank + 1), (unit) => game.units[unit]));
    const lesions = layers.map((layer) => {
      const units = network.layers[layer - 1].outputs;
      return { layer, intact: Uint8Array.from({ length: units }, (_, u) => +present.has(`hidden${layer}/${u}`)) };
    });
    const expected = await logits(network, few.inputs, lesions);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] - expected[i]) / scale);
  }
  if (!(largest < 1e-4)) throw new Error(`walked logits are off by ${largest} of the largest`);
  return largest;
}

/** Multiplications of full evaluations behind the first lesioned layer, over those of the walk, per input. */
function multiplicationsRatio(layers: readonly number[], ordering: Uint32Array): number {
  const first = layers[0];
  const behind = widths.slice(first);
  const players = layers.flatMap((layer) => new Array<number>(widths[layer]).fill(layer - first));
  const intact = behind.map((units, l) => (layers.includes(first + l) ? 0 : units));
  let walked = 0;
  for (const player of ordering) {
    const layer = players[player];
    if (layer > 0) walked += intact[layer - 1]; // its own sum
    intact[layer]++;
    walked += intact[layer + 1]; // the rank-1 update
    for (let l = layer + 2; l < behind.length; l++) walked += intact[l - 1] * intact[l];
  }
  const full = behind.slice(1).reduce((sum, units, l) => sum + units * behind[l], 0);
  return (full * ordering.length) / walked;
}
