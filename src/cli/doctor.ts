import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { loadMnist } from "../datasets/mnist.js";
import { MissingPartError } from "../errors.js";
import { chromiumPath } from "../figures/render/chromium.js";
import { checkpoint, listCheckpoints } from "../networks/mlp/checkpoints.js";
import { describeOnnxRuntime } from "../networks/onnx/describe.js";
import { pageParts } from "../notebook/page/sanitise.js";
import { foundInstallation, type InstallationState } from "../notebook/run/kernel-installation.js";
import { checkKernelParts } from "../notebook/run/kernel-parts.js";
import { installation, isInstalled } from "../parts.js";
import { describeBackends } from "../tensors/backend.js";
import { packageVersion } from "../version.js";
import { IncompleteError } from "./context.js";
import { onPath } from "./on-path.js";

/**
 * One line of the report. `needed` parts that are not well make `doctor` fail; optional ones say what their lack costs.
 */
interface Finding {
  readonly part: string;
  readonly state: "ok" | "absent" | "broken";
  readonly detail: string;
  readonly needed: boolean;
}

/** `doctor`: what will run where, what optional part is missing and what that costs. */
export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("say what will run where, what optional part is missing and what that costs")
    .option("--json", "for programs")
    .action(async ({ json }: { json?: boolean }) => {
      const findings = [
        nodeFinding(),
        ...(await backendFindings()),
        ...(await onnxFindings()),
        ...(await dataFindings()),
        ...toolFindings(),
      ];
      const report = { version: packageVersion, findings };
      process.stdout.write(json ? `${JSON.stringify(report, null, 1)}\n` : textOf(findings));
      const ill = findings.filter((finding) => finding.needed && finding.state !== "ok");
      if (ill.length > 0) throw new IncompleteError(`not ready: ${ill.map((finding) => finding.part).join(", ")}`);
    });
}

function textOf(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map((finding) => finding.part.length));
  const lines = findings.map(({ part, state, detail }) => `${state.padEnd(7)} ${part.padEnd(width)}  ${detail}`);
  return `shapley-modes ${packageVersion}\n${lines.join("\n")}\n`;
}

function nodeFinding(): Finding {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  const detail = `${process.versions.node}${good ? "" : "; 20.19 or later is needed"}`;
  return { part: "Node", state: good ? "ok" : "broken", detail, needed: true };
}

async function backendFindings(): Promise<Finding[]> {
  const reports = await describeBackends();
  const best = reports.find((report) => report.available);
  return reports.map(({ name, available, gpu, problem }) => {
    const used = name === best?.name ? "; training and forward passes run here" : "";
    const noCard =
      name === "tfjs-node-gpu" ? ": TensorFlow finds no graphics card (CUDA 11.2 and cuDNN 8.1 are needed)" : "";
    const where = gpu ? "on a graphics card" : `on the processor${noCard}`;
    return {
      part: `tensors: ${name}`,
      state: available ? "ok" : "absent",
      detail: available
        ? `computes ${where}${used}`
        : [problem ?? "does not load", costs[name]].filter(Boolean).join("; "),
      // Where TensorFlow.js is installed it has to compute; where it is not, nobody asked for it.
      needed: name === "wasm" && isInstalled("@tensorflow/tfjs-core"),
    };
  });
}

async function onnxFindings(): Promise<Finding[]> {
  const { available, problem } = await describeOnnxRuntime();
  const detail = available ? "computes on the processor" : `${problem}; without it no networks from ONNX files`;
  const part = "networks: ONNX Runtime";
  const processor: Finding = { part, state: available ? "ok" : "absent", detail, needed: false };
  return available ? [processor, onnxGpuFinding("cuda"), onnxGpuFinding("webgpu")] : [processor];
}

/** Whether ONNX Runtime computes on a graphics card. */
function onnxGpuFinding(provider: string): Finding {
  const script = fileURLToPath(new URL("./onnx-provider.js", import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [script, provider], { encoding: "utf8", timeout: 60_000 });
  const report = status === 0 && stdout ? (JSON.parse(stdout) as { available: boolean; problem?: string }) : undefined;
  const problem = report?.problem ?? "its driver ended the process";
  return {
    part: `networks: ONNX Runtime, ${provider}`,
    state: report?.available ? "ok" : "absent",
    detail: report?.available ? `computes; ask for it: providers: ["${provider}"]` : problem,
    needed: false,
  };
}

const costs: Readonly<Record<string, string>> = {
  "tfjs-node-gpu": "without it nothing runs on a graphics card",
  "tfjs-node": "without it tensors run on WebAssembly",
  wasm: "without it no networks of TensorFlow.js, and MLPs are played but not trained",
};

async function dataFindings(): Promise<Finding[]> {
  const [mnist, networks] = [
    await attempt("MNIST", () => {
      const count = loadMnist("test").count + loadMnist("train").count;
      return `${count} images, checksums right`;
    }),
    await attempt("checkpoints", async () => {
      const known = listCheckpoints().map(({ width, regulariser, seed }) => ({ width, regulariser, trial: seed }));
      let there = 0;
      let absent: MissingPartError | undefined;
      for (const name of known) {
        try {
          await checkpoint(name);
          there++;
        } catch (error) {
          if (!(error instanceof MissingPartError)) throw error;
          absent ??= error;
        }
      }
      if (there === 0) throw absent ?? new Error("none in data/checkpoints");
      const others = absent ? ` (${absent.remedy})` : "";
      return `${there}${absent ? ` of ${known.length}` : ""} trained MLPs, checksums right${others}`;
    }),
  ];
  return [mnist, networks];
}

async function attempt(part: string, look: () => string | Promise<string>): Promise<Finding> {
  try {
    return { part, state: "ok", detail: await look(), needed: true };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof MissingPartError) return { part, state: "absent", detail: message, needed: false };
    return { part, state: "broken", detail: message, needed: true };
  }
}

function toolFindings(): Finding[] {
  const chromium = chromiumPath();
  const jupyter = onPath("jupyter");
  const kernel = foundInstallation();
  return [
    partsFinding("figures: Plotly", ["plotly.js-dist-min"], "without it figures are JSON only"),
    kernelPartsFinding(),
    partsFinding("pages of notebooks", pageParts, "without it no `notebook html`"),
    {
      part: "Chromium",
      state: chromium ? "ok" : "absent",
      detail:
        chromium ?? "without it figures are saved as HTML and JSON, not as PNG, SVG or PDF (apt install chromium)",
      needed: false,
    },
    {
      part: "Jupyter",
      state: jupyter ? "ok" : "absent",
      detail: jupyter ?? "without it notebooks run from the command line only (pip install jupyterlab)",
      needed: false,
    },
    {
      part: "Jupyter kernel",
      state: kernel.state === "good" ? "ok" : kernel.state,
      detail: kernelDetail(kernel),
      needed: false,
    },
  ];
}

/** Packages that come where they are asked for. */
function partsFinding(part: string, names: readonly string[], cost: string): Finding {
  const missing = names.filter((name) => !isInstalled(name));
  const detail = missing.length === 0 ? "installed" : `${installation(...missing)}; ${cost}`;
  return { part, state: missing.length === 0 ? "ok" : "absent", detail, needed: false };
}

function kernelPartsFinding(): Finding {
  const part = "TypeScript in notebooks";
  try {
    checkKernelParts();
    return { part, state: "ok", detail: "the kernel has what it needs", needed: false };
  } catch (error) {
    return { part, state: "absent", detail: (error as Error).message, needed: false };
  }
}

function kernelDetail(kernel: InstallationState): string {
  if (kernel.state === "absent") return "Jupyter does not know the kernel yet (npx shapley-modes kernel install)";
  if (kernel.state === "broken")
    return `${kernel.folder}: ${kernel.problem} (${kernel.remedy} in the package's folder)`;
  return [kernel.folder, kernel.remark].filter(Boolean).join("; ");
}
