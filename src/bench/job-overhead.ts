import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shapley } from "../engine/shapley.js";
import type { Plan } from "../estimators/estimator.js";
import { permutation } from "../estimators/permutation.js";
import { sha256 } from "../files.js";
import type { Game } from "../games/game.js";
import { openJob } from "../jobs/job.js";
import { planJob } from "../jobs/plan-job.js";
import { playChunks } from "../jobs/play-chunks.js";
import { reduceJob } from "../jobs/reduce-job.js";
import { gameFromFiles } from "../lesion/game-from-files.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { packageRoot } from "../package.js";
import { type CommandTimes, timedCommand } from "./job-parts.js";
import { paperInputs } from "./mlp-parts.js";
import { type Answer, median, type Question, short } from "./question.js";

/** Orderings that are played to see how long one takes. */
const tried = 2000;
const network = join(packageRoot, "data", "checkpoints", "mlp", "none-200-0.safetensors");

/**
 * Seconds on a processor, of all of this process and of the playing in it; and on the clock, to which all other work on
 * the machine adds.
 */
interface Spent {
  readonly all: number;
  readonly playing: number;
  readonly clock: number;
}

/** What chunks of a second cost in files. */
export const jobOverhead: Question = {
  name: "overhead",
  asks: "how much more of a processor's time do 8 chunks of a second take than the same orderings by shapley?",
  answer: (signal, repetitions = 3) => overheadOf({ chunks: 8, seconds: 1, target: 1.15 }, signal, repetitions),
};

/** The same of chunks as they are on a cluster. */
export const jobMinute: Question = {
  name: "minute",
  asks: "how much more of a processor's time does a chunk of a minute take than the same orderings by shapley?",
  answer: (signal, repetitions = 1) => overheadOf({ chunks: 1, seconds: 60, target: 1.03 }, signal, repetitions),
};

/** What was measured in turn. */
interface Round {
  readonly alone: Spent;
  readonly job: Spent;
  readonly start: CommandTimes;
}

async function overheadOf(
  { chunks, seconds, target }: { readonly chunks: number; readonly seconds: number; readonly target: number },
  signal: AbortSignal,
  repetitions: number,
): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), "bench-job-"));
  try {
    const game = await gameFromFiles({ network, inputs: paperInputs });
    await shapley(game, { estimator: "permutation", orderings: tried, signal });
    const orderings = 4 * chunks * Math.ceil((seconds * tried) / (4 * (await secondsOf(game, tried, signal))));
    const rounds: Round[] = [];
    const checksums = new Set<string>();
    for (let round = 0; round < repetitions; round++) {
      const alone = await spent(async (counted) => {
        const estimator = {
          ...permutation,
          name: "permutation, timed",
          plan: (...given: Parameters<typeof permutation.plan>) => counted(permutation.plan(...given)),
        };
        checksums.add(checksumOf(await shapley(game, { estimator, orderings, signal })));
      });
      const path = join(folder, `job-${round}`);
      await planJob(game, { folder: path, estimator: "permutation", orderings, chunks });
      const all = Array.from({ length: chunks }, (_, chunk) => chunk);
      const job = await spent(async (counted) => {
        const opened = openJob(path);
        await playChunks({ ...opened, blocks: counted(opened.blocks) }, all, { signal });
      });
      checksums.add(checksumOf((await reduceJob(path, { signal })).modes));
      rmSync(path, { recursive: true });
      const one = join(folder, `one-${round}`);
      await planJob(game, { folder: one, estimator: "permutation", orderings: 4, chunks: 1 });
      rounds.push({
        alone,
        job,
        start: await timedCommand(["job", "chunk", "--folder", one, "--index", "0"], signal),
      });
    }
    if (checksums.size !== 1) throw new Error("the job and shapley give other bytes");
    return answerOf({ rounds, chunks, seconds, orderings, target });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Beside the playing itself, by which it is measured: what else the machine does slows both alike. */
const beside = ({ all, playing }: Spent): number => (all - playing) / playing;

function answerOf({
  rounds,
  chunks,
  seconds,
  orderings,
  target,
}: {
  readonly rounds: readonly Round[];
  readonly chunks: number;
  readonly seconds: number;
  readonly orderings: number;
  readonly target: number;
}): Answer {
  const middle = (of: (round: (typeof rounds)[number]) => number) => median(rounds.map(of));
  const [alone, job] = [middle((r) => r.alone.all), middle((r) => r.job.all)];
  const [start, startOnClock] = [middle((r) => r.start.processor), middle((r) => r.start.clock)];
  const [aloneOnClock, jobOnClock] = [middle((r) => r.alone.clock), middle((r) => r.job.clock)];
  const [ownAlone, ownJob] = [middle((r) => beside(r.alone)), middle((r) => beside(r.job))];
  const more = (1 + ownJob) / (1 + ownAlone) - 1;
  return {
    figure: { value: 1 + ownJob, unit: "s", of: "of a processor by a job's process, for each second of playing" },
    baseline: { value: 1 + ownAlone, unit: "s", of: "by shapley's" },
    ratio: (1 + ownAlone) / (1 + ownJob),
    target: { ratio: 1 / target },
    lines: [
      `so        ${short(100 * more)} % more, with the game made anew and held against the plan; the target is ${short(100 * (target - 1))} %`,
      `in all    ${short(job)} s of a processor, ${short(alone)} s by shapley, in turn: ${orderings} orderings of 200 units, the cheapest game there is`,
      `clock     ${short(jobOnClock)} s, ${short(aloneOnClock)} s by shapley: what else the machine does adds to both`,
      `start     ${short(start)} s of a processor, ${short(startOnClock)} s on the clock, for a task of one block: Node, network and inputs`,
      "checked   the numbers of reduce are those of shapley, bit for bit",
      `repeated  ${rounds.length} times in turn, medians`,
    ],
    numbers: {
      orderings,
      chunks,
      chunk_seconds: seconds,
      more,
      job_seconds: job,
      alone_seconds: alone,
      job_clock_seconds: jobOnClock,
      alone_clock_seconds: aloneOnClock,
      start_seconds: start,
      start_clock_seconds: startOnClock,
      same_bytes: true,
      repetitions: rounds.length,
    },
  };
}

/** Of all numbers of a result; its provenance names the estimator, which is timed on one side. */
function checksumOf({ values, standardErrors = new Float64Array() }: ShapleyModes): string {
  return sha256(...[values, standardErrors].map((of) => new Uint8Array(of.buffer, of.byteOffset, of.byteLength)));
}

/** What some work takes of a processor, and the playing of a plan's chunks in it. */
async function spent(work: (counted: (plan: Plan) => Plan) => Promise<void>): Promise<Spent> {
  let playing = 0;
  const [before, start] = [processor(), performance.now()];
  await work((plan) => ({
    ...plan,
    async runChunk(...given) {
      const begun = processor();
      const sums = await plan.runChunk(...given);
      playing += processor() - begun;
      return sums;
    },
  }));
  return { all: processor() - before, playing, clock: (performance.now() - start) / 1000 };
}

/** Seconds of a processor that this process has had, whatever else the machine did. */
function processor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function secondsOf(game: Game, orderings: number, signal: AbortSignal): Promise<number> {
  const before = processor();
  await shapley(game, { estimator: "permutation", orderings, signal });
  return processor() - before;
}
