import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { packageRoot } from "../../package.js";
import { type InstallOptions, jupyterDataDir, type KernelSpec, kernelFolder, kernelName } from "./kernelspec.js";

/** State of an installation of the kernel, for `doctor`. */
export type InstallationState =
  | { readonly state: "absent" }
  /** `remark`: what is worth knowing all the same. */
  | { readonly state: "good"; readonly folder: string; readonly remark?: string }
  /** `remedy`: the command that mends it. */
  | { readonly state: "broken"; readonly folder: string; readonly problem: string; readonly remedy: string };

/** Whether the kernel is installed there, and whether what it points to still exists. */
export function installationState(options: InstallOptions = {}): InstallationState {
  return stateOf(kernelFolder(options));
}

/** The installation that Jupyter would use: the first where it looks. */
export function foundInstallation(env: NodeJS.ProcessEnv = process.env): InstallationState {
  const folder = jupyterPath(env)
    .map((data) => join(data, "kernels", kernelName))
    .find((candidate) => existsSync(join(candidate, "kernel.json")));
  return folder === undefined ? { state: "absent" } : stateOf(folder);
}

/** Folders of data where Jupyter looks, in its order, as far as they can be known without asking Python. */
export function jupyterPath(env: NodeJS.ProcessEnv = process.env): string[] {
  const folders = (list: string | undefined): string[] => (list ?? "").split(delimiter).filter(Boolean);
  const jupyter = folders(env.PATH).find((folder) => existsSync(join(folder, "jupyter")));
  const prefixes = [env.VIRTUAL_ENV, env.CONDA_PREFIX, jupyter && dirname(jupyter)].filter((prefix) => prefix);
  const system =
    process.platform === "win32"
      ? [join(env.PROGRAMDATA ?? "C:\\ProgramData", "jupyter")]
      : ["/usr/local/share/jupyter", "/usr/share/jupyter"];
  return [
    ...folders(env.JUPYTER_PATH),
    jupyterDataDir(env),
    ...prefixes.map((prefix) => join(prefix as string, "share", "jupyter")),
    ...system,
  ];
}

function stateOf(folder: string): InstallationState {
  const file = join(folder, "kernel.json");
  if (!existsSync(file)) return { state: "absent" };
  const broken = (problem: string): InstallationState => ({ state: "broken", folder, problem, remedy: remedy(folder) });
  let argv: unknown;
  try {
    ({ argv } = JSON.parse(readFileSync(file, "utf8")) as Partial<KernelSpec>);
  } catch (error) {
    return broken(`kernel.json can not be read (${(error as Error).message})`);
  }
  if (!Array.isArray(argv) || argv.length === 0) return broken("kernel.json names no program");
  const paths = argv.map((word) => String(word).replace("{resource_dir}", folder)).filter(isAbsolute);
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) {
    const [launcher] = paths.slice(-1);
    const why = missing === launcher ? "the package was moved or removed" : "Node was moved or removed";
    return broken(`it points to ${missing}, which does not exist: ${why}`);
  }
  const launcher = paths.find((path) => path.endsWith("launch.cjs"));
  const own = launcher === undefined || resolve(launcher).startsWith(join(packageRoot, "kernels"));
  return own
    ? { state: "good", folder }
    : { state: "good", folder, remark: `it runs another copy of this package, ${launcher}` };
}

/** The command that installs the kernel in that folder. */
function remedy(folder: string): string {
  const command = "npx shapley-modes kernel install";
  if (folder === kernelFolder()) return command;
  const prefix = resolve(folder, "../../../..");
  return folder === kernelFolder({ prefix }) ? `${command} --prefix ${prefix}` : command;
}
