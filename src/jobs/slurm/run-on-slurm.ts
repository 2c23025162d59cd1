import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { InterruptedError, interruption } from "../../engine/runs/interruption.js";
import { FileError, notNegative, positiveInteger } from "../../errors.js";
import { isText } from "../../kinds.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { remarkOnce } from "../../remark.js";
import { takeDriverLock } from "../driver-lock.js";
import { Fold } from "../fold.js";
import { type Job, openJob } from "../job.js";
import { rangesText } from "../layout.js";
import { checkResources, chunksPerTask, type TaskResources, taskResourcesNames } from "../resources.js";
import { chunksToDo, type Survey, Surveyor } from "../survey.js";
import { arrayLogs, arrayName, arrayScript, type SlurmSettings } from "./array-script.js";
import { type ArrayElement, elementsOf, isActive, maxArraySize, passes, slurmCommand, wordsOf } from "./commands.js";
import { type FailedChunk, type Limits, Tasks } from "./tasks.js";
import { waitRemarks } from "./waits.js";

/** Options of {@link runOnSlurm}. */
export interface SlurmOptions extends TaskResources, SlurmSettings {
  /**
   * How often a task is tried that gets no further; default 3. One that was ended and had done more of its blocks than
   * before does not count.
   */
  readonly attempts?: number;
  /** Seconds between two looks at the folder and at Slurm; default 10. */
  readonly pollSeconds?: number;
  /** Seconds for which a file may be unseen once its task has ended, where a shared disk takes its time; default 15. */
  readonly settleSeconds?: number;
  /** Seconds after which a running task is ended and begun again that has not been heard of; default 3600. */
  readonly silenceSeconds?: number;
  readonly signal?: AbortSignal;
  /** Called after every look. */
  readonly onLook?: (look: SlurmLook) => void;
  /** Gets what you should know but need not act on; default: stderr. */
  readonly onRemark?: (remark: string) => void;
}

const slurmOptionNames: OptionNames<SlurmOptions> = {
  ...taskResourcesNames,
  environment: true,
  sbatch: true,
  attempts: true,
  pollSeconds: true,
  settleSeconds: true,
  silenceSeconds: true,
  signal: true,
  onLook: true,
  onRemark: true,
};

/** What a look saw. */
export interface SlurmLook {
  readonly chunks: number;
  readonly done: number;
  /** Elements of arrays that run, and that wait. */
  readonly running: number;
  readonly pending: number;
}

/** What {@link runOnSlurm} came to. */
export interface SlurmRun {
  /** Chunks that were given up, in ascending order, each with the reason of its last attempt. */
  readonly failed: readonly FailedChunk[];
  /** Chunks that were not needed, since the rules of `until` were met without them. */
  readonly spared: readonly number[];
}

/**
 * Does all chunks of a job that are missing or damaged, as array jobs of Slurm. Of what Slurm says only that is
 * believed which says whether to wait: a chunk is done when its file is there and whole. Tasks that end without one are
 * submitted again, up to a limit. The driver may be killed and started again, on any machine that submits: it finds its
 * arrays by their name. Stopped, it leaves them running.
 *
 * @throws MissingPartError where Slurm's commands are not on the PATH; FileError with Slurm's own words where it takes
 *   no array; InterruptedError where it was stopped
 */
export async function runOnSlurm(folder: string, options: SlurmOptions = {}): Promise<SlurmRun> {
  knownOptions("runOnSlurm", options, slurmOptionNames);
  isText("folder", folder, "the path of a folder");
  const {
    environment: _,
    sbatch: __,
    attempts,
    pollSeconds,
    settleSeconds,
    silenceSeconds,
    signal: given,
    ...rest
  } = options;
  const { onLook, onRemark, ...resources } = rest;
  checkResources(resources);
  const limits = {
    attempts: positiveInteger("attempts", attempts ?? 3),
    poll: notNegative("pollSeconds", pollSeconds ?? 10),
    settle: notNegative("settleSeconds", settleSeconds ?? 15),
    silence: notNegative("silenceSeconds", silenceSeconds ?? 3600),
  };
  const job = openJob(folder);
  const signal = interruption(given);
  const remark = onRemark ?? remarkOnce;
  const unlock = await takeDriverLock(folder, { signal, remark });
  try {
    const most = await maxArraySize();
    return await new Driver(job, { ...options, onRemark: remark }, resources, limits, most).drive(signal);
  } catch (error) {
    if (!signal?.aborted) throw error;
    const name = arrayName(job);
    const advice = `its tasks go on: run the same command again to follow them, or end them with scancel --name=${name}`;
    throw new InterruptedError("as it waited for Slurm", advice, { cause: error });
  } finally {
    unlock();
  }
}

/** Tasks that were given up, none having succeeded, after which the others are not tried. */
const hopeless = 20;

class Driver {
  readonly #tasks: Tasks;
  readonly #surveyor: Surveyor;
  readonly #fold: Fold | undefined;
  readonly #name: string;
  readonly #said = new Set<string>();
  #mute = false;
  #looked = false;

  constructor(
    readonly job: Job,
    readonly options: SlurmOptions & { readonly onRemark: (text: string) => void },
    readonly resources: TaskResources,
    readonly limits: Limits,
    /** One more than the highest number of an element. */
    readonly most: number,
  ) {
    this.#tasks = new Tasks(job, chunksPerTask(job, resources), limits, options.onRemark);
    this.#surveyor = new Surveyor(job, true);
    this.#name = arrayName(job);
    this.#fold = job.plan.until ? new Fold(job, options.onRemark) : undefined;
  }

  async drive(signal: AbortSignal | undefined): Promise<SlurmRun> {
    for (;;) {
      signal?.throwIfAborted();
      // Slurm is asked first: what had ended by then has its file by now.
      const elements = await elementsOf(this.#name);
      const survey = this.#surveyor.survey();
      const open = chunksToDo(survey);
      if (open.length === 0) return { failed: [], spared: [] };
      if (await this.#enough(survey, signal)) {
        await this.#cancel();
        return { failed: [], spared: open };
      }
      this.#tellWhetherItAnswers(elements);
      if (typeof elements !== "string") {
        const failed = await this.#step(survey, open, elements);
        if (failed) return { failed, spared: [] };
      }
      await sleep(this.limits.poll * 1000, undefined, { signal });
    }
  }

  /** Ends, waits for and submits what is to be. @returns the chunks that were given up, where there is no more to do */
  async #step(
    survey: Survey,
    open: readonly number[],
    elements: readonly ArrayElement[],
  ): Promise<readonly FailedChunk[] | undefined> {
    const tasks = this.#tasks;
    const underWay = elements.filter(isActive);
    for (const { chunk, problem } of survey.damaged) this.#once(`chunk ${chunk} is done again: ${problem}`);
    if (!this.#looked && underWay.length > 0) {
      const arrays = [...new Set(underWay.map(({ array }) => array))].join(", ");
      this.#once(`follows what was submitted before (${arrays}), with the options that it had then`);
    }
    this.#looked = true;
    for (const remark of waitRemarks(underWay, this.#name)) this.#once(remark);
    for (const { array, index } of tasks.silent(underWay, open)) {
      const { silence } = this.limits;
      this.options.onRemark(`task ${array}_${index} was not heard of for ${silence} s: it is ended and tried again`);
      await slurmCommand("scancel", [`${array}_${index}`]);
    }
    const due = tasks.due(open, underWay, elements);
    if (!tasks.hopeFor(open) && underWay.length === 0) return tasks.failed(open);
    if (survey.done.length === 0 && tasks.givenUp >= hopeless) {
      await this.#cancel();
      return tasks.failed(open);
    }
    tasks.submitted(await this.#submit(due, underWay.length), open);
    const inState = (name: string) => underWay.filter(({ state }) => state === name).length;
    const pending = inState("PENDING");
    // One that completes has given its place to the next.
    const running = underWay.length - pending - inState("COMPLETING");
    this.options.onLook?.({ chunks: this.job.plan.chunks, done: survey.done.length, running, pending });
    return undefined;
  }

  /** Folds what is there in order, where rules may end the job early. */
  async #enough({ done }: Survey, signal: AbortSignal | undefined): Promise<boolean> {
    const fold = this.#fold;
    if (!fold) return false;
    const there = new Set(done);
    while (!fold.enough && there.has(fold.next)) await fold.take(fold.next, signal);
    return fold.enough;
  }

  /**
   * Submits tasks as arrays, none of whose elements has a number that Slurm does not take. @returns the tasks that it
   * took
   */
  async #submit(tasks: readonly number[], underWay: number): Promise<readonly number[]> {
    const { atOnce } = this.resources;
    const { perTask } = this.#tasks;
    let free = atOnce === undefined ? Number.POSITIVE_INFINITY : atOnce - underWay;
    let at = 0;
    // The limit is one of an array: with several of them, the next waits until there is room for it.
    while (at < tasks.length && free > 0) {
      const offset = Math.floor(tasks[at] / this.most) * this.most;
      const later = tasks.findIndex((task) => task >= offset + this.most);
      const batch = tasks.slice(at, later < 0 ? tasks.length : later);
      const numbers = batch.map((task) => task - offset);
      const limit = atOnce === undefined ? undefined : free;
      const window = { offset, perTask, elements: rangesText(numbers, ","), atOnce: limit };
      mkdirSync(arrayLogs(this.job.folder, window), { recursive: true });
      const script = arrayScript(this.job, window, this.resources, this.options);
      const said = await slurmCommand("sbatch", ["--parsable"], script);
      if (said.code !== 0) {
        if (!passes(said.stderr)) throw new FileError(this.job.folder, `Slurm takes no array: ${wordsOf(said)}`);
        this.#once(`Slurm takes no more for now (${wordsOf(said)}); it is asked again`);
        break;
      }
      free -= batch.length;
      at += batch.length;
    }
    return tasks.slice(0, at);
  }

  /** Ends all tasks that are left. */
  async #cancel(): Promise<void> {
    await slurmCommand("scancel", ["--me", `--name=${this.#name}`]);
  }

  #once(remark: string): void {
    if (!this.#said.has(remark)) this.options.onRemark(remark);
    this.#said.add(remark);
  }

  #tellWhetherItAnswers(elements: readonly ArrayElement[] | string): void {
    const mute = typeof elements === "string";
    if (mute && !this.#mute) {
      const remark = `Slurm's controller does not answer (${elements}); running tasks go on, and it is asked again`;
      this.options.onRemark(remark);
    }
    this.#mute = mute;
  }
}
