import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { JsonObject } from "../json.js";
import { checkpointFolder, listCheckpoints } from "../networks/mlp/checkpoints.js";
import { publishedNetworks } from "../networks/mlp/msa-xai-folder.js";
import { paperInputs } from "./mlp-parts.js";
import { type Answer, type Question, short } from "./question.js";
import type { ShareOptions, ShareReport } from "./sweep-share.js";

const orderings = 1000;
/** The paper's networks: widths 5, 10, ..., 200, three regularisers, ten trials. */
const paper = { networks: 1200, units: 30 * ((200 * 41) / 2) };

interface Sweep {
  readonly of: string;
  readonly networks: number;
  readonly units: number;
  readonly workers: number;
  readonly seconds: number;
  /** Processor time of all threads, which does not grow when other programs take the cores. */
  readonly processorSeconds: number;
  /** The whole of the paper's sweep at this pace. */
  readonly wholeSeconds: number;
}

/** All of the paper's experiment, from the pace of the networks that are here. */
export const mlpSweep: Question = {
  name: "sweep",
  asks: "how long do the paper's 1200 networks take, 1000 orderings each on 1024 images, from weight files, two cores?",
  async answer(signal: AbortSignal): Promise<Answer> {
    const ours = listCheckpoints().map(({ file }) => join(checkpointFolder, file));
    const two = await sweep("trained for this package", ours, 2, signal);
    const one = await sweep("trained for this package", ours, 1, signal);
    const sweeps = [two, one];
    const folder = process.env.MSA_XAI_DIR;
    const published = folder ? publishedNetworks(folder).map(({ path }) => path) : [];
    if (published.length > 0) sweeps.push(await sweep("published", published, 2, signal));
    return {
      figure: { value: two.wholeSeconds, unit: "s", of: "the whole sweep on two worker threads, a network each" },
      baseline: { value: one.wholeSeconds, unit: "s", of: "on one worker thread" },
      ratio: one.wholeSeconds / two.wholeSeconds,
      target: { figure: 300 },
      lines: [
        ...sweeps.flatMap(arithmetic),
        ...(published.length > 0 ? [] : ["left out  the published networks (MSA_XAI_DIR names no folder)"]),
      ],
      numbers: { orderings, paper, sweeps: sweeps.map((each) => ({ ...each }) as JsonObject) },
    };
  },
};

function arithmetic({ of, networks, units, workers, seconds, processorSeconds, wholeSeconds }: Sweep): string[] {
  const million = (count: number) => `${(count * orderings) / 1e6} million`;
  const whole = `${paper.units} / ${units}`;
  return [
    `measured  ${networks} networks ${of}, ${workers} worker${workers > 1 ? "s" : ""}: ${short(seconds)} s for ${units} units x ${orderings} orderings = ${million(units)} coalitions`,
    `          ${paper.networks} networks have ${paper.units} units, so ${million(paper.units)}: ${short(seconds)} s x ${whole} = ${short(wholeSeconds)} s`,
    `          processor time ${short(processorSeconds)} s x ${whole} / 2 cores = ${short((processorSeconds * paper.units) / units / 2)} s where nothing else runs`,
  ];
}

/**
 * Analyses network files on some workers, each taking the next file when it is done with one; their start does not
 * count.
 */
async function sweep(of: string, paths: readonly string[], workers: number, signal: AbortSignal): Promise<Sweep> {
  const options: ShareOptions = { inputs: paperInputs, orderings };
  const shares = Array.from(
    { length: workers },
    () => new Worker(new URL("./sweep-share.js", import.meta.url), { workerData: options }),
  );
  try {
    await Promise.all(shares.map((share) => nextReport(share, signal)));
    const waiting = [...paths];
    let units = 0;
    const start = performance.now();
    const processor = process.cpuUsage();
    await Promise.all(
      shares.map(async (share) => {
        for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
          share.postMessage(path);
          const report = await nextReport(share, signal);
          units += report.units ?? 0;
        }
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(processor);
    const wholeSeconds = (seconds * paper.units) / units;
    return {
      of,
      networks: paths.length,
      units,
      workers,
      seconds,
      processorSeconds: (user + system) / 1e6,
      wholeSeconds,
    };
  } finally {
    await Promise.all(shares.map((share) => share.terminate()));
  }
}

/** What a share says next. */
async function nextReport(share: Worker, signal: AbortSignal): Promise<ShareReport> {
  // `once` also rejects where the worker fails.
  const [report] = (await once(share, "message", { signal })) as [ShareReport];
  if (report.error !== undefined) throw report.error;
  return report;
}
