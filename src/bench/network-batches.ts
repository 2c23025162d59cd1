import { coalitionsOf } from "../coalitions/coalition.js";
import { randomOrdering } from "../coalitions/random.js";
import { randomStream } from "../coalitions/random-streams.js";
import { type NetworkGame, networkGame } from "../lesion/network-game.js";
import { inputRows } from "../networks/input-rows.js";
import type { Network } from "../networks/network.js";
import { outputOf, siteOf } from "../networks/sites.js";
import { shapeSize } from "../shape-size.js";
import { type Answer, medianTimes, short } from "./question.js";

/** A network, and where it is lesioned. */
export interface BatchesCase {
  readonly network: Network;
  /** What the network is, in words. */
  readonly what: string;
  readonly inputs: Float32Array;
  readonly output: string;
  /** Sites, each measured on its own; the first one's figures are the answer. */
  readonly sites: readonly string[];
  /** Coalitions of a batch. */
  readonly coalitions: number;
  readonly repetitions: number;
  /** A plain forward pass of so many rows, made of the inputs again and again, without lesions. */
  plain(rows: number): Promise<unknown>;
}

interface Row {
  readonly site: string;
  readonly units: number;
  /** Milliseconds for each coalition: in batches, one by one from the input on, and without lesions. */
  readonly batched: number;
  readonly oneByOne: number;
  readonly forward: number;
  readonly rowsAtOnce: number;
  readonly largestError: number;
}

/** How long lesioned batches take, against the coalitions one by one, and against passes without lesions. */
export async function batchesAnswer(given: BatchesCase, signal: AbortSignal): Promise<Answer> {
  const rows: Row[] = [];
  for (const site of given.sites) rows.push(await measure(given, site, signal));
  const [first] = rows;
  const { network, what, coalitions, repetitions } = given;
  const inputs = inputRows(network, given.inputs).count;
  return {
    figure: {
      value: first.batched,
      unit: "ms",
      of: `a coalition of ${inputs} input${inputs === 1 ? "" : "s"}, ${coalitions} coalitions in a batch`,
    },
    baseline: { value: first.oneByOne, unit: "ms", of: "a coalition by itself, computed from the input on" },
    ratio: first.oneByOne / first.batched,
    lines: [
      `network   ${what}, on ${network.backend}`,
      `checked   both give the same outputs (largest error ${Math.max(...rows.map((row) => row.largestError)).toExponential(1)} of the largest)`,
      `repeated  ${repetitions} times in turn, medians; ms per coalition`,
      "lesioned                batched  one by one  ratio  forward pass of the same rows  batched / forward",
      ...rows.map(rowText),
    ],
    numbers: { inputs, coalitions, repetitions, rows: rows.map((row) => ({ ...row })) },
  };
}

function rowText({ site, units, batched, oneByOne, forward }: Row): string {
  const name = `${site.split("/").slice(-2).join("/")} (${units})`.padEnd(24);
  const columns = [short(batched).padEnd(9), short(oneByOne).padEnd(12), short(oneByOne / batched).padEnd(7)];
  return `${name}${columns.join("")}${short(forward).padEnd(31)}${short(batched / forward)}`;
}

async function measure(given: BatchesCase, site: string, signal: AbortSignal): Promise<Row> {
  const { network, inputs, output, coalitions, repetitions } = given;
  const { units } = siteOf(network, site);
  const { count } = inputRows(network, inputs);
  const batched = await networkGame(network, inputs, { sites: { unit: site }, output });
  const oneByOne = await oneByOneGame(network, inputs, site, output);
  // Coalitions as an ordering passes through them, again from the start where there are more than units.
  const ordering = randomOrdering(randomStream(1), units);
  const members = Array.from({ length: coalitions }, (_, c) => ordering.subarray(0, (c % units) + 1));
  const batch = coalitionsOf(units, members);
  try {
    const largestError = difference(await batched.evaluate(batch), await oneByOne.evaluate(batch));
    if (!(largestError < 1e-3)) throw new Error(`lesioned batches are off by ${largestError} of the largest output`);
    const times = await medianTimes(
      repetitions,
      {
        batched: () => batched.evaluate(batch),
        oneByOne: () => oneByOne.evaluate(batch),
        forward: () => given.plain(coalitions * count),
      },
      signal,
    );
    return {
      site,
      units,
      batched: times.batched / coalitions,
      oneByOne: times.oneByOne / coalitions,
      forward: times.forward / coalitions,
      rowsAtOnce: batched.rowsAtOnce,
      largestError,
    };
  } finally {
    batched.dispose();
    oneByOne.dispose();
  }
}

/**
 * The same game, computed from the input on for each coalition by itself: the input counts as lesioned, and stays
 * intact.
 */
async function oneByOneGame(
  network: Network,
  inputs: Float32Array,
  site: string,
  output: string,
): Promise<NetworkGame> {
  const rows = inputRows(network, inputs);
  const lesions = ["input", site].map((name) => {
    const found = siteOf(network, name);
    return { site: found, replacement: new Float32Array(shapeSize(found.shape)) };
  });
  const prepared = await network.prepare(rows, lesions, outputOf(network, output).name);
  const memory = prepared.bytes(rows.count);
  prepared.dispose();
  const groups = Object.fromEntries(
    Array.from({ length: lesions[1].site.units }, (_, unit) => [`unit ${unit}`, [`unit/${unit}`]]),
  );
  return networkGame(network, inputs, { sites: { input: "input", unit: site }, groups, output, memory });
}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    most = Math.max(most, Math.abs(b[i]));
    largest = Math.max(largest, Math.abs(a[i] - b[i]));
  }
  return largest / most;
}
