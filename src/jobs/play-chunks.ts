import type { ChunkRange } from "../engine/runs/chunks-here.js";
import { differing } from "../engine/runs/differing.js";
import { checkSameGame } from "../engine/threads/chunk-worker.js";
import { playInThreads } from "../engine/threads/play.js";
import { GameError } from "../errors.js";
import type { Accumulator } from "../estimators/estimator.js";
import { gameFromSpec } from "../games/from-spec.js";
import type { Game } from "../games/game.js";
import { isText } from "../kinds.js";
import { knownOptions, type OptionNames } from "../options.js";
import { lookAtChunk } from "./chunk-file.js";
import { ChunkWriter } from "./chunk-writer.js";
import { checkJobFiles } from "./code-files.js";
import { checkChunk, type Job, openJob } from "./job.js";
import { chunkPath } from "./layout.js";
import { readNote, removeNote, writeNote } from "./notes.js";
import { headOf } from "./survey.js";

/** Options of {@link runChunks}. */
export interface RunChunksOptions {
  /** Threads that share the work; default 1. The bytes do not depend on it. */
  readonly workers?: number;
  readonly signal?: AbortSignal | undefined;
  /** Where the output of this process is kept, for the notes. */
  readonly log?: string | undefined;
  /** Evaluations of v that were made, now and then. */
  readonly evaluated?: (count: number) => void;
  /** Blocks that an earlier attempt had done, which are not done again. */
  readonly takenUp?: (chunk: number, blocks: number) => void;
  /** A chunk is done. @returns whether no more are wanted */
  readonly chunkDone?: (chunk: number) => boolean | undefined | Promise<boolean | undefined>;
}

const runChunksOptionNames: OptionNames<RunChunksOptions> = {
  workers: true,
  signal: true,
  log: true,
  evaluated: true,
  takenUp: true,
  chunkDone: true,
};

/** Seconds of an attempt before it leaves a note, and between two notes. */
const firstNote = 1;
const nextNote = 5;

/**
 * Does chunks of a job, in ascending order, and writes their files; those that are whole already are left as they are.
 * Every block that is done is on the disk at once, short ones after a tenth of a second: a process that is killed loses
 * no more than that and the block in progress.
 *
 * @throws RangeError for a chunk that the job does not have; FileError for a folder that is no job's, where code or
 *   data have changed since it was planned, and where the folder can not be written; GameError where the game fails, or
 *   is another one; the signal's reason
 */
export async function runChunks(
  folder: string,
  chunks: readonly number[],
  options: RunChunksOptions = {},
): Promise<void> {
  knownOptions("runChunks", options, runChunksOptionNames);
  isText("folder", folder, "the path of a folder");
  return playChunks(openJob(folder), chunks, options);
}

/** {@link runChunks} of a job that is open. */
export async function playChunks(job: Job, chunks: readonly number[], options: RunChunksOptions = {}): Promise<void> {
  const { folder, plan } = job;
  const { workers = 1, signal } = options;
  for (const chunk of chunks) checkChunk(job, chunk);
  const wanted: number[] = [];
  for (const chunk of chunks) {
    if (lookAtChunk(chunkPath(folder, chunk), headOf(job, chunk), true).state !== "whole") {
      wanted.push(chunk);
      continue;
    }
    removeNote(folder, chunk);
    if (await options.chunkDone?.(chunk)) return;
  }
  if (wanted.length === 0) return;
  const attempts = new Attempts(job, options);
  attempts.begin(wanted[0]);
  try {
    signal?.throwIfAborted();
    const game = await gameOf(job);
    let enough = false;
    const reporting = {
      from: 0,
      ranges: attempts.ranges(wanted),
      signal,
      evaluated: (count: number) => {
        attempts.alive();
        options.evaluated?.(count);
      },
      async done(sums: Accumulator) {
        for (const chunk of attempts.add(sums.pack())) enough ||= (await options.chunkDone?.(chunk)) === true;
        return sums;
      },
      enough: () => enough,
    };
    const { estimator, request, units } = plan;
    await playInThreads(job.blocks, { game, units, estimator, request, ends: job.ends }, workers, reporting);
    for (const chunk of attempts.finishTakenUp()) if (await options.chunkDone?.(chunk)) break;
  } catch (error) {
    attempts.failed(signal?.aborted ? "stopped" : "failed", signal?.aborted ? signal.reason : error);
    throw error instanceof GameError ? error.withSeed(plan.request.seed) : error;
  } finally {
    attempts.close();
  }
}

/**
 * The game of a job, made anew and held against what the plan says of it.
 *
 * @throws FileError where a file of it has changed; GameError where it is another game for any other reason
 */
export async function gameOf(job: Job): Promise<Game> {
  const { plan, ends } = job;
  checkJobFiles(plan.files);
  const { spec, walks, provenance } = plan.game;
  const game = await gameFromSpec(spec);
  const backend = provenance?.tensor_backend;
  const { request, units, output_shape: outputShape } = plan;
  await checkSameGame({ request, ends, game: spec, units, outputShape, walks, backend }, game, ["here", "planned"]);
  // Only after it was played does a game know what computes it. Its module is named by its path, which depends on the
  // folder that it was planned in.
  const { module: _, ...planned } = provenance ?? {};
  const { module: __, ...here } = game.provenance ?? {};
  const differences = differing(planned, here);
  if (differences.length > 0)
    throw new GameError(`the game is another one than was planned (${differences.join("; ")})`);
  return game;
}

/** The chunks that are in work, each with the file that it goes into. */
class Attempts {
  readonly #waiting: ChunkWriter[] = [];
  #started = performance.now();
  #noted = Number.NEGATIVE_INFINITY;
  #attempt = 1;
  #chunk = 0;

  constructor(
    readonly job: Job,
    readonly options: RunChunksOptions,
  ) {}

  /** The blocks of some chunks that are not done. */
  *ranges(chunks: readonly number[]): Generator<ChunkRange> {
    for (const chunk of chunks) {
      const head = headOf(this.job, chunk);
      const writer = new ChunkWriter(this.job.folder, head);
      this.#waiting.push(writer);
      if (this.#waiting.length === 1) this.begin(chunk);
      if (writer.next > head.from) this.options.takenUp?.(chunk, writer.next - head.from);
      if (!writer.complete) yield { from: writer.next, to: head.to };
    }
  }

  begin(chunk: number): void {
    this.#chunk = chunk;
    this.#started = performance.now();
    this.#noted = Number.NEGATIVE_INFINITY;
    const before = readNote(this.job.folder, chunk);
    this.#attempt = 1 + (before?.attempt ?? 0);
    if (before) this.#note("running", null); // what the one before said is no more true
  }

  /** Takes the sums of the next block. @returns the chunks that are done by now */
  add(sums: Float64Array): number[] {
    const done = this.finishTakenUp();
    this.#waiting[0].append(sums);
    this.alive();
    return [...done, ...this.finishTakenUp()];
  }

  /** Finishes the files whose blocks are all there, be it that an earlier attempt had them. */
  finishTakenUp(): number[] {
    const done: number[] = [];
    while (this.#waiting[0]?.complete) {
      const writer = this.#waiting.shift() as ChunkWriter;
      writer.finish();
      removeNote(this.job.folder, writer.head.chunk);
      done.push(writer.head.chunk);
      if (this.#waiting[0]) this.begin(this.#waiting[0].head.chunk);
    }
    return done;
  }

  /** Notes that the attempt goes on, where it is time to. */
  alive(): void {
    const seconds = this.#seconds();
    if (seconds < firstNote || performance.now() - this.#noted < nextNote * 1000) return;
    this.#noted = performance.now();
    this.#note("running", null);
  }

  failed(state: "stopped" | "failed", reason: unknown): void {
    this.#waiting[0]?.keep();
    this.#note(state, String((reason as Error)?.message ?? reason));
  }

  close(): void {
    for (const writer of this.#waiting) writer.close();
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  #note(state: "running" | "stopped" | "failed", reason: string | null): void {
    const writer = this.#waiting[0];
    const { from, to } = headOf(this.job, this.#chunk);
    const same = writer?.head.chunk === this.#chunk;
    writeNote(this.job.folder, {
      chunk: this.#chunk,
      state,
      attempt: this.#attempt,
      done: same ? writer.written : 0,
      of: to - from,
      seconds: Math.round(this.#seconds() * 10) / 10,
      reason,
      log: this.options.log ?? null,
    });
  }
}
