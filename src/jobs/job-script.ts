import { realpathSync } from "node:fs";
import { isText } from "../kinds.js";
import { knownOptions } from "../options.js";
import { tasksOf } from "./array-index.js";
import { type Job, openJob } from "./job.js";
import { logFolder } from "./layout.js";
import {
  checkResources,
  chunksPerTask,
  commandOf,
  quoted,
  type TaskResources,
  taskResourcesNames,
} from "./resources.js";
import { arrayLogs, arrayName, arrayScript, checkDirective } from "./slurm/array-script.js";

/** Array engines that there are scripts for. */
export const scriptEngines = ["slurm", "hyperqueue", "kubernetes", "pbs"] as const;

/** Name of an array engine. */
export type ScriptEngine = (typeof scriptEngines)[number];

/**
 * A script that does all chunks of a job with an array engine, to be looked at, changed and submitted by hand. What is
 * done already, its tasks leave as it is: submitted again, it does what is missing.
 *
 * @throws RangeError for resources that are none; FileError for a folder that is no job's
 */
export function jobScript(folder: string, engine: ScriptEngine, resources: TaskResources = {}): string {
  knownOptions("jobScript", resources, taskResourcesNames);
  isText("folder", folder, "the path of a folder");
  checkResources(resources);
  const job = openJob(folder);
  const perTask = chunksPerTask(job, resources);
  const place = realpathSync(folder);
  const tasks = tasksOf(job, perTask);
  const { workers = 1 } = resources;
  const chunk = [
    `${commandOf(resources)} job chunk --folder ${quoted(place)}`,
    ...(perTask === 1 ? [] : [`--per-task ${perTask}`]),
    ...(workers === 1 ? [] : [`--workers ${workers}`]),
  ].join(" ");
  return scripts[engine]({ job, resources, perTask, folder: place, tasks, chunk });
}

interface ScriptParts {
  readonly job: Job;
  readonly resources: TaskResources;
  readonly perTask: number;
  readonly folder: string;
  readonly tasks: number;
  /** The command of a task, which finds its number in the environment. */
  readonly chunk: string;
}

const scripts: Record<ScriptEngine, (parts: ScriptParts) => string> = {
  slurm({ job, resources, perTask, tasks }) {
    const window = { offset: 0, perTask, elements: `0-${tasks - 1}`, atOnce: resources.atOnce };
    const [first, ...rest] = arrayScript(job, window, resources).split("\n");
    const notes = [
      "# Submit with: sbatch THIS_FILE. `job run --on slurm` does the same, follows it, and submits again what was lost.",
      `# Slurm does not make the folder of the logs: mkdir -p ${quoted(arrayLogs(job.folder, window))}`,
      ...(tasks > 1001
        ? [
            "# Slurm's usual limit is 1001 tasks an array (scontrol show config | grep MaxArraySize): --per-task or `job run` keep within it.",
          ]
        : []),
    ];
    return [first, ...notes, ...rest].join("\n");
  },
  // Its workers may run within a task of another engine's array.
  hyperqueue({ resources, folder, tasks, chunk }) {
    const { workers = 1, gpus, memory, time, setup = [] } = resources;
    const options = [
      `--array 0-${tasks - 1}`,
      `--cpus ${workers}`,
      ...(gpus === undefined ? [] : [`--resource gpus/nvidia=${gpus}`]),
      ...(memory === undefined ? [] : [`--resource mem=${memory}`]),
      ...(time === undefined ? [] : [`--time-limit ${time}`]),
      "--crash-limit 5",
      `--log ${quoted(`${folder}/logs/hyperqueue.bin`)}`,
    ];
    return [
      "#!/bin/bash",
      "# HyperQueue: run this where `hq server` is; run it again for what was lost. `hq job list` and `job status` tell how far it is.",
      `mkdir -p ${quoted(logFolder(folder))}`,
      `hq submit ${options.join(" ")} -- bash -c ${quoted([...setup, `exec ${chunk} --index "$HQ_TASK_ID"`].join("\n"))}`,
      "",
    ].join("\n");
  },
  kubernetes({ job, resources, folder, tasks, chunk }) {
    const { workers = 1, memory, gpus, atOnce = 10, setup = [] } = resources;
    const limits = [
      `cpu: "${workers}"`,
      ...(memory === undefined ? [] : [`memory: "${memory}"`]),
      ...(gpus === undefined ? [] : [`nvidia.com/gpu: "${gpus}"`]),
    ];
    return [
      "# Kubernetes: kubectl apply -f THIS_FILE. Put in an image with Node and shapley-modes, and the claim of a volume that holds the job's folder.",
      "apiVersion: batch/v1",
      "kind: Job",
      "metadata:",
      `  name: ${arrayName(job)}`,
      "spec:",
      "  completionMode: Indexed",
      `  completions: ${tasks}`,
      `  parallelism: ${Math.min(atOnce, tasks)}`,
      `  backoffLimit: ${3 * tasks}`,
      "  template:",
      "    spec:",
      "      restartPolicy: Never",
      "      containers:",
      "        - name: chunk",
      "          image: IMAGE",
      '          command: ["/bin/bash", "-c"]',
      "          args:",
      `            - ${JSON.stringify([...setup, `exec ${chunk}`].join("\n"))}`,
      "          resources:",
      "            limits:",
      ...limits.map((limit) => `              ${limit}`),
      "          volumeMounts:",
      "            - name: job",
      `              mountPath: ${JSON.stringify(folder)}`,
      "      volumes:",
      "        - name: job",
      "          persistentVolumeClaim:",
      "            claimName: CLAIM",
      "",
    ].join("\n");
  },
  pbs({ job, resources, folder, tasks, chunk }) {
    checkDirective(folder);
    const { partition, account, time, memory, gpus, workers = 1, atOnce, setup = [] } = resources;
    const select = [
      `select=1:ncpus=${workers}`,
      ...(memory === undefined ? [] : [`mem=${memory}`]),
      ...(gpus === undefined ? [] : [`ngpus=${gpus}`]),
    ];
    return [
      "#!/bin/bash",
      "# PBS: qsub THIS_FILE; submitted again it does what is missing.",
      `# It wants the folder of the logs to be there: mkdir -p ${quoted(logFolder(folder))}`,
      `#PBS -N ${arrayName(job).slice(0, 15)}`,
      // An array of one is none to PBS.
      ...(tasks === 1
        ? ["#PBS -v PBS_ARRAY_INDEX=0"]
        : [`#PBS -J 0-${tasks - 1}${atOnce === undefined ? "" : `%${atOnce}`}`]),
      `#PBS -l ${select.join(":")}`,
      ...(time === undefined ? [] : [`#PBS -l walltime=${time}`]),
      ...(partition === undefined ? [] : [`#PBS -q ${partition}`]),
      ...(account === undefined ? [] : [`#PBS -A ${account}`]),
      "#PBS -r y",
      "#PBS -j oe",
      `#PBS -o ${logFolder(folder)}/`,
      ...setup,
      `exec ${chunk}`,
      "",
    ].join("\n");
  },
};
