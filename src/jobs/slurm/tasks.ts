import { tasksOf } from "../array-index.js";
import { blocksOf, type Job } from "../job.js";
import { rangesText } from "../layout.js";
import { type ChunkNote, readNote, writeNote } from "../notes.js";
import { arrayLogs, windowOf } from "./array-script.js";
import type { ArrayElement } from "./commands.js";

/** How long is waited, in seconds, and how often something is tried. */
export interface Limits {
  readonly attempts: number;
  readonly poll: number;
  readonly settle: number;
  readonly silence: number;
}

/** What is known of a task: a few chunks that are done together. */
interface Task {
  /** Attempts that got no further than the one before. */
  vain: number;
  /** Blocks that were done when it last ended. */
  blocks: number;
  submitted: boolean;
  /**
   * When what was the latest note of its first open chunk as it was submitted was written: not a word of the new
   * attempt.
   */
  noted: number | undefined;
  /** When it was first seen to have ended without its files. */
  endedAt: number | undefined;
  /** What it last said of itself, and when that was new. */
  said: string;
  saidAt: number;
  reason: string;
  givenUp: boolean;
}

/** A chunk that was given up. */
export interface FailedChunk {
  readonly chunk: number;
  readonly reason: string;
  /** What its last attempt wrote; null where nobody knows. */
  readonly log: string | null;
}

/** The tasks of a job's arrays: which are to be submitted, which are given up and why. */
export class Tasks {
  readonly #tasks: Task[];

  constructor(
    readonly job: Job,
    /** Chunks of a task. */
    readonly perTask: number,
    readonly limits: Limits,
    readonly remark: (text: string) => void,
  ) {
    this.#tasks = Array.from({ length: tasksOf(job, perTask) }, () => ({
      vain: 0,
      blocks: 0,
      submitted: false,
      noted: undefined,
      endedAt: undefined,
      said: "",
      saidAt: now(),
      reason: "",
      givenUp: false,
    }));
  }

  /** How many were given up. */
  get givenUp(): number {
    return this.#tasks.filter(({ givenUp }) => givenUp).length;
  }

  /**
   * Tasks that are to be submitted now: those of open chunks that no array has, once it is certain that a file is not
   * merely seen late.
   *
   * @param underWay elements that have not ended
   * @param elements all that Slurm remembers
   */
  due(open: readonly number[], underWay: readonly ArrayElement[], elements: readonly ArrayElement[]): number[] {
    const busy = new Set(underWay.flatMap((element) => this.#chunksOf(element).map((chunk) => this.#taskOf(chunk))));
    return [...this.#chunksByTask(open)].flatMap(([number, chunks]) => {
      const task = this.#tasks[number];
      if (task.givenUp) return [];
      if (busy.has(number)) {
        task.submitted = true;
        task.endedAt = undefined;
        return [];
      }
      if (task.submitted) {
        task.endedAt ??= now();
        if (now() - task.endedAt < this.limits.settle) return [];
        this.#endedInVain(number, chunks, elements);
      }
      return task.givenUp ? [] : [number];
    });
  }

  /** Notes that tasks were submitted. */
  submitted(numbers: readonly number[], open: readonly number[]): void {
    const chunks = this.#chunksByTask(open);
    for (const number of numbers) {
      const task = this.#tasks[number];
      task.submitted = true;
      task.saidAt = now();
      task.noted = readNote(this.job.folder, chunks.get(number)?.[0] ?? 0)?.written;
    }
  }

  /** Whether something can still be done of some chunks. */
  hopeFor(open: readonly number[]): boolean {
    return open.some((chunk) => !this.#tasks[this.#taskOf(chunk)].givenUp);
  }

  /** Those of some chunks that were given up. */
  failed(open: readonly number[]): FailedChunk[] {
    return open
      .filter((chunk) => this.#tasks[this.#taskOf(chunk)].givenUp)
      .map((chunk) => {
        const { reason } = this.#tasks[this.#taskOf(chunk)];
        return { chunk, reason, log: readNote(this.job.folder, chunk)?.log ?? null };
      });
  }

  /**
   * Running elements that have not been heard of for too long: on a node that hangs, or of a step that Slurm has lost.
   */
  silent(underWay: readonly ArrayElement[], open: readonly number[]): ArrayElement[] {
    const wanted = new Set(open);
    return underWay.filter((element) => {
      const chunk = this.#chunksOf(element).find((each) => wanted.has(each));
      if (chunk === undefined) return false;
      const task = this.#tasks[this.#taskOf(chunk)];
      const said = element.state === "RUNNING" ? `${chunk} ${readNote(this.job.folder, chunk)?.written}` : undefined;
      if (said === undefined || said !== task.said) {
        task.said = said ?? "";
        task.saidAt = now();
        return false;
      }
      if (now() - task.saidAt <= this.limits.silence) return false;
      task.saidAt = now();
      return true;
    });
  }

  #taskOf(chunk: number): number {
    return Math.floor(chunk / this.perTask);
  }

  #chunksByTask(chunks: readonly number[]): Map<number, number[]> {
    const tasks = new Map<number, number[]>();
    for (const chunk of chunks) {
      const task = this.#taskOf(chunk);
      const there = tasks.get(task);
      if (there) there.push(chunk);
      else tasks.set(task, [chunk]);
    }
    return tasks;
  }

  /** The chunks that an element does, as its array was submitted, be it by a driver with other options. */
  #chunksOf({ index, comment }: ArrayElement): number[] {
    const window = windowOf(comment);
    if (!window) return [];
    const { chunks } = this.job.plan;
    const from = (index + window.offset) * window.perTask;
    return Array.from({ length: Math.max(0, Math.min(window.perTask, chunks - from)) }, (_, k) => from + k);
  }

  /** Counts an attempt that ended without its files. */
  #endedInVain(number: number, chunks: readonly number[], elements: readonly ArrayElement[]): void {
    const { folder } = this.job;
    const task = this.#tasks[number];
    task.submitted = false;
    task.endedAt = undefined;
    const notes = chunks.flatMap((chunk) => readNote(folder, chunk) ?? []);
    const blocks = this.#blocksDone(number, chunks, notes);
    task.vain = blocks > task.blocks ? 0 : task.vain + 1;
    task.blocks = Math.max(task.blocks, blocks);
    task.givenUp = task.vain >= this.limits.attempts;
    const last = elements
      .filter((element) => this.#chunksOf(element).includes(chunks[0]))
      .reduce<ArrayElement | undefined>((a, b) => (a && Number(a.array) > Number(b.array) ? a : b), undefined);
    const words = wordsOf(last);
    const own = notes.find(({ state, written }) => state !== "running" && written !== task.noted)?.reason;
    task.reason = own ? `${own} (${words})` : `it ended without its file (${words})`;
    if (!own) this.#noteFailure(chunks[0], task.reason, last && logOf(folder, last));
    const next = task.givenUp ? `given up after ${this.limits.attempts} attempts` : "tried again";
    this.remark(`task ${number} (chunks ${rangesText(chunks)}): ${task.reason}; ${next}`);
  }

  #blocksDone(number: number, open: readonly number[], notes: readonly ChunkNote[]): number {
    const { plan } = this.job;
    const first = number * this.perTask;
    const length = (chunk: number) => blocksOf(plan, chunk).to - blocksOf(plan, chunk).from;
    let done = notes.reduce((sum, note) => sum + note.done, 0);
    for (let chunk = first; chunk < Math.min(plan.chunks, first + this.perTask); chunk++) {
      if (!open.includes(chunk)) done += length(chunk);
    }
    return done;
  }

  /** What a killed process could not say of itself. */
  #noteFailure(chunk: number, reason: string, log: string | undefined): void {
    const before = readNote(this.job.folder, chunk);
    const { from, to } = blocksOf(this.job.plan, chunk);
    writeNote(this.job.folder, {
      chunk,
      state: "failed",
      attempt: before?.attempt ?? 1,
      done: before?.done ?? 0,
      of: to - from,
      seconds: before?.seconds ?? 0,
      reason,
      log: log ?? before?.log ?? null,
    });
  }
}

function wordsOf(element: ArrayElement | undefined): string {
  if (!element) return "Slurm knows it no more";
  return `Slurm: ${element.state}${element.reason === "None" ? "" : `, ${element.reason}`}`;
}

function logOf(folder: string, { array, index, comment }: ArrayElement): string {
  return `${arrayLogs(folder, windowOf(comment) ?? { offset: 0, perTask: 1 })}/${array}_${index}.log`;
}

/** Seconds by a clock that never jumps. */
function now(): number {
  return performance.now() / 1000;
}
