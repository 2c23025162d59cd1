import { spawn } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { estimatorConvolution } from "../bench/estimator-convolution.js";
import { estimatorCoverage } from "../bench/estimator-coverage.js";
import { estimatorDecoder } from "../bench/estimator-decoder.js";
import { estimatorGenerator } from "../bench/estimator-generator.js";
import { estimatorGoals } from "../bench/estimator-goals.js";
import { estimatorTerms } from "../bench/estimator-terms.js";
import { estimatorErrors } from "../bench/estimators.js";
import { expertsPrefixes } from "../bench/experts-prefixes.js";
import { expertsScores } from "../bench/experts-scores.js";
import { expertsStream } from "../bench/experts-stream.js";
import { expertsWalk } from "../bench/experts-walk.js";
import { ganDisk } from "../bench/gan-disk.js";
import { ganKernel } from "../bench/gan-kernel.js";
import { ganOnnx } from "../bench/gan-onnx.js";
import { ganOrdering } from "../bench/gan-ordering.js";
import { ganTensors } from "../bench/gan-tensors.js";
import { jobCosts } from "../bench/job-costs.js";
import { jobFiles } from "../bench/job-files.js";
import { jobMinute, jobOverhead } from "../bench/job-overhead.js";
import { jobReduce } from "../bench/job-reduce.js";
import { leverageMemory } from "../bench/leverage-memory.js";
import { mlpDeep } from "../bench/mlp-deep.js";
import { mlpRun } from "../bench/mlp-run.js";
import { mlpSweep } from "../bench/mlp-sweep.js";
import { mlpWalk } from "../bench/mlp-walk.js";
import { mlpWorkers } from "../bench/mlp-workers.js";
import { networkMemory } from "../bench/network-memory.js";
import { networkOnnx } from "../bench/network-onnx.js";
import { networkTfjs } from "../bench/network-tfjs.js";
import { notebookLive } from "../bench/notebook-live.js";
import { pageDigits, pageFaces, pageGame, pageOnnx } from "../bench/page-clicks.js";
import { answerJson, answerText, type Question } from "../bench/question.js";
import { invalid, oneOf } from "../errors.js";
import type { Json } from "../json.js";
import { packageVersion } from "../version.js";
import { type CommandContext, IncompleteError } from "./context.js";
import { positiveIntegerOption } from "./options.js";

/** What can be measured, and the questions about it. */
const targets = {
  mlp: [mlpWalk, mlpRun, mlpWorkers, mlpDeep, mlpSweep],
  gan: [ganKernel, ganOrdering, ganOnnx, ganTensors, ganDisk],
  networks: [networkOnnx, networkTfjs, networkMemory],
  notebook: [notebookLive],
  page: [pageDigits, pageFaces, pageGame, pageOnnx],
  experts: [expertsWalk, expertsPrefixes, expertsScores],
  mixtral: [expertsStream],
  job: [jobOverhead, jobMinute, jobCosts, jobReduce, jobFiles],
  estimators: [
    estimatorErrors,
    estimatorTerms,
    estimatorCoverage,
    leverageMemory,
    estimatorGoals,
    estimatorConvolution,
    estimatorGenerator,
    estimatorDecoder,
  ],
} as const satisfies Record<string, readonly Question[]>;
type Target = keyof typeof targets;

interface BenchOptions {
  json?: boolean;
  only?: string;
  repeat?: number;
  decoder?: string;
}

/** `bench`: how fast, how precise, against what; measured here and now. */
export function addBench(program: Command, context: CommandContext): void {
  const names = Object.keys(targets).join(", ");
  program
    .command("bench <target>")
    .description(`measure how fast and how precise this is on this machine; targets: ${names}`)
    .option("--only <question>", `one question: ${allQuestions().join(", ")}; default all of the target's`)
    .option(
      "--repeat <n>",
      "how often times are taken in turn, or with how many seeds errors, where they are; with 1 nothing warms up; default each question's own number",
      (text) => positiveIntegerOption("repeat", text),
    )
    .option("--decoder <folder>", "estimators: a language model with experts in place of one with random weights")
    .option("--json", "for programs")
    .action((target: string, options: BenchOptions) => bench(target, options, context));
}

/**
 * Each question has a process of its own, so that peak memory is its alone and what one of them compiled does not slow
 * the next. A target that is missed is part of the answer, not an error.
 */
async function bench(name: string, options: BenchOptions, { signal }: CommandContext): Promise<void> {
  const { json, only, repeat, decoder } = options;
  const target = oneOf("target", Object.keys(targets) as Target[], name);
  const questions: readonly Question[] = targets[target];
  const names = questions.map((question) => question.name);
  if (decoder !== undefined && (target !== "estimators" || (only !== undefined && only !== estimatorDecoder.name))) {
    throw invalid("decoder", `none but for the question ${estimatorDecoder.name} of estimators`, decoder);
  }
  if (only !== undefined) {
    const question = questions[names.indexOf(oneOf("question", names, only))];
    const answer = await question.answer(signal, repeat, { decoder }).catch((error: unknown) => {
      // What is there of a run is of no use to a measurement.
      throw signal.aborted ? signal.reason : error;
    });
    const peakMemory = Math.round(process.resourceUsage().maxRSS / 1024); // kB on every system
    const report = json
      ? JSON.stringify(answerJson(question, answer, peakMemory))
      : answerText(question, answer, peakMemory);
    process.stdout.write(`${report}\n`);
    return;
  }
  const results: Json[] = [];
  for (const { name: question, asks } of questions) {
    process.stderr.write(`${target}: ${question}; ${asks} This may take minutes.\n`);
    const text = await answerOf(target, question, options, signal);
    if (json) results.push(JSON.parse(text) as Json);
    else process.stdout.write(text);
  }
  if (json) {
    const machine = {
      node: process.versions.node,
      processor: cpus()[0]?.model ?? "unknown",
      cores: availableParallelism(),
    };
    process.stdout.write(`${JSON.stringify({ version: packageVersion, ...machine, target, results }, null, 1)}\n`);
  }
}

/** What a question's own process writes. */
function answerOf(
  target: Target,
  question: string,
  { json, repeat, decoder }: BenchOptions,
  signal: AbortSignal,
): Promise<string> {
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const argv = [main, "bench", target, "--only", question, ...(json ? ["--json"] : [])];
  if (repeat !== undefined) argv.push("--repeat", String(repeat));
  if (decoder !== undefined) argv.push("--decoder", decoder);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"], signal });
    let text = "";
    child.stdout.on("data", (part: Buffer) => {
      text += part.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(text);
      else reject(new IncompleteError(`the question ${question} has no answer (exit code ${code})`));
    });
  });
}

function allQuestions(): string[] {
  const all = Object.values(targets).flatMap((questions) => questions.map((question: Question) => question.name));
  return [...new Set(all)];
}
