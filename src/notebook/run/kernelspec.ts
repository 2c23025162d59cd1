import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { checkWritable, writeWhole } from "../../files.js";
import { packageRoot } from "../../package.js";
import { checkKernelParts } from "./kernel-parts.js";

/** Name under which Jupyter knows the kernel. */
export const kernelName = "shapley-modes";

/** What front ends show the kernel by. */
const logos = ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"];

/** How Jupyter starts a kernel: the content of kernel.json. `{connection_file}` in argv stands for a path. */
export interface KernelSpec {
  readonly argv: readonly string[];
  readonly display_name: string;
  readonly language: string;
  readonly interrupt_mode: "signal" | "message";
  readonly env?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Where a kernel is installed. */
export interface InstallOptions {
  /**
   * Installs under `prefix/share/jupyter/kernels`, e.g. of a virtual environment; default the user's Jupyter folder.
   */
  readonly prefix?: string;
}

/** The kernel of this package, to be run by this Node: absolute paths, so that it works from any folder. */
export function kernelSpec(): KernelSpec {
  const folder = join(packageRoot, "kernels", kernelName);
  const template = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8")) as KernelSpec;
  const [, ...rest] = template.argv;
  return {
    ...template,
    argv: [
      process.execPath,
      ...rest.map((argument) => argument.replace("{resource_dir}/launch.cjs", join(folder, "launch.cjs"))),
    ],
  };
}

/** Folder of the user's Jupyter data, by Jupyter's own rules. */
export function jupyterDataDir(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  const home = env.HOME || homedir();
  if (platform === "darwin") return join(home, "Library", "Jupyter");
  if (platform === "win32") return env.APPDATA ? join(env.APPDATA, "jupyter") : join(home, ".jupyter", "data");
  return join(env.XDG_DATA_HOME || join(home, ".local", "share"), "jupyter");
}

/** Folder that the kernel's specification has, once installed. */
export function kernelFolder(options: InstallOptions = {}): string {
  const { prefix } = options;
  const data = prefix === undefined ? jupyterDataDir() : join(resolve(prefix), "share", "jupyter");
  return join(data, "kernels", kernelName);
}

/**
 * Makes the kernel known to Jupyter and returns the folder of its specification. An earlier installation is replaced;
 * where writing fails it stays as it was. Throws FileError where the folder can not be written, MissingPartError where
 * the kernel lacks a package.
 */
export function installKernel(options: InstallOptions = {}): string {
  checkKernelParts();
  const folder = kernelFolder(options);
  const file = join(folder, "kernel.json");
  checkWritable(file);
  for (const logo of logos) {
    writeWhole(join(folder, logo), readFileSync(join(packageRoot, "kernels", kernelName, logo)));
  }
  // Last: the kernel is there when this file is.
  writeWhole(file, `${JSON.stringify(kernelSpec(), null, 2)}\n`);
  return folder;
}
