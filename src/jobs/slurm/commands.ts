import { spawn } from "node:child_process";
import { MissingPartError } from "../../errors.js";

/** What a command of Slurm said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Seconds that a command of Slurm may take: a controller that does not answer lets it wait for its MessageTimeout. */
const patience = 120;

/**
 * Runs a command of Slurm.
 *
 * @throws MissingPartError where it is not on the PATH
 */
export function slurmCommand(name: string, argv: readonly string[], input = ""): Promise<Said> {
  return new Promise((resolve, reject) => {
    // In a group of its own: Ctrl-C is meant for the driver, and a command that it ended would look like a controller
    // that does not answer.
    const child = spawn(name, argv, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    // Not spawn's own limit, whose clock goes on where there is no such program.
    const late = setTimeout(() => child.kill(), patience * 1000);
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (part: Buffer) => {
      stdout += part.toString();
    });
    child.stderr.on("data", (part: Buffer) => {
      stderr += part.toString();
    });
    child.once("error", (cause: NodeJS.ErrnoException) => {
      clearTimeout(late);
      reject(cause.code === "ENOENT" ? absent(name, cause) : cause);
    });
    child.once("close", (code) => {
      clearTimeout(late);
      resolve({ code: code ?? 1, stdout, stderr });
    });
    child.stdin.on("error", () => {}); // it ended without reading
    child.stdin.end(input);
  });
}

function absent(name: string, cause: unknown): MissingPartError {
  const remedy =
    "run this on a machine of the cluster from which jobs are submitted; `job script` prints a script for other engines, and `job run --on local` computes here";
  return new MissingPartError(`Slurm's ${name}`, remedy, { cause });
}

/** An element of an array that Slurm knows. */
export interface ArrayElement {
  readonly array: string;
  readonly index: number;
  readonly state: string;
  readonly reason: string;
  /** What the array was submitted with. */
  readonly comment: string;
}

/** States of what has not ended. */
const active = new Set([
  "PENDING",
  "RUNNING",
  "CONFIGURING",
  "COMPLETING",
  "REQUEUED",
  "REQUEUE_FED",
  "REQUEUE_HOLD",
  "RESIZING",
  "RESV_DEL_HOLD",
  "SIGNALING",
  "SPECIAL_EXIT",
  "STAGE_OUT",
  "STOPPED",
  "SUSPENDED",
]);

export const isActive = ({ state }: ArrayElement): boolean => active.has(state);

/**
 * The elements of all arrays of a name; where the controller does not answer, what Slurm says instead. What has ended
 * is forgotten after some minutes.
 */
export async function elementsOf(name: string): Promise<ArrayElement[] | string> {
  const said = await slurmCommand("squeue", [
    "-h",
    "-r",
    "-t",
    "all",
    "--me",
    `--name=${name}`,
    "-o",
    "%F|%K|%T|%r|%k",
  ]);
  if (said.code !== 0) return wordsOf(said);
  return said.stdout
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [array, index, state, reason, comment] = line.trim().split("|");
      return { array, index: Number(index), state, reason, comment: comment ?? "" };
    })
    .filter(({ index }) => Number.isInteger(index));
}

/** One more than the highest number that an element of an array may have. */
export async function maxArraySize(): Promise<number> {
  const said = await slurmCommand("scontrol", ["show", "config"]);
  const [, size] = /^MaxArraySize\s*=\s*(\d+)/m.exec(said.stdout) ?? [];
  return size === undefined ? usualArraySize : Number(size);
}

/** Slurm's own default, where a site does not say another. */
const usualArraySize = 1001;

/** Whether a refusal of sbatch is one that passes: the controller is away, or as much is submitted as may be. */
export function passes(stderr: string): boolean {
  return /Unable to contact|Socket timed out|Connection refused|Zero Bytes|communication connection|SubmitJobLimit|submit limit|temporarily unable|too many|violates accounting\/QOS policy \(job submit limit/i.test(
    stderr,
  );
}

/** Slurm's own words, in one line. */
export function wordsOf({ stderr, stdout, code }: Said): string {
  const text = (stderr.trim() || stdout.trim() || `exit code ${code}`).replace(/\s*\n\s*/g, "; ");
  return text.replace(/\b(sbatch|slurm_load_jobs|squeue): (error: )?/g, "").replace(/^error: /, "");
}
