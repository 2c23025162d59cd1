import { execFile } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageRoot } from "../../src/package.js";

/** The environment without what `npm test` says of this project: npm is to see the folder that it is started in. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_|INIT_CWD|NODE_PATH)/.test(name) || /^npm_config_(registry|cache|userconfig|globalconfig)$/.test(name),
  ),
);

/** What a program said, and whether it failed. */
export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without blocking this process: what watches the tests wants to hear of it. */
function run(program: string, given: readonly string[], cwd: string): Promise<Said> {
  const options = {
    cwd,
    env: { ...env, CI: "", NO_COLOR: "1", npm_config_update_notifier: "false" },
    maxBuffer: 1 << 28,
    timeout: 240_000,
    shell: process.platform === "win32",
  };
  return new Promise((resolve) => {
    const child = execFile(program, given, options, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode, stdout, stderr });
    });
  });
}

/** Whether the registry of packages answers, at one of three times that it is asked. */
export async function registryAnswers(): Promise<boolean> {
  for (let time = 0; time < 3; time++) {
    if ((await run("npm", ["view", "fflate", "version"], tmpdir())).status === 0) return true;
  }
  return false;
}

/** Packs this package. @returns the tarball, its bytes, and what is in it */
export async function packed(to: string): Promise<{ tarball: string; size: number; files: string[] }> {
  const { status, stdout, stderr } = await run("npm", ["pack", "--json", "--pack-destination", to], packageRoot);
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  const [report] = JSON.parse(stdout.slice(stdout.indexOf("[\n"))) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  return { tarball: join(to, report.filename), size: report.size, files: report.files.map(({ path }) => path) };
}

/** A project of somebody else's, in a folder of its own. */
export function emptyProject(): Project {
  // Links on the way (macOS has some) would give files two names.
  return new Project(mkdtempSync(join(realpathSync(tmpdir()), "installed-")));
}

/** See `emptyProject`. */
export class Project {
  constructor(readonly folder: string) {
    this.write("package.json", '{ "name": "somebody", "private": true, "type": "module" }\n');
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  }

  /** @returns npm's warnings; @throws what npm says where it fails */
  async install(...names: readonly string[]): Promise<string> {
    const { status, stderr, stdout } = await run("npm", ["install", "--no-audit", "--no-fund", ...names], this.folder);
    if (status !== 0) throw new Error(`npm install ${names.join(" ")} failed: ${stderr}${stdout}`);
    return stderr;
  }

  /** Runs a module's text. */
  node(text: string): Promise<Said> {
    return run(process.execPath, [this.write("program.mjs", text)], this.folder);
  }

  /** Runs a command of an installed package, in another folder where one is given. */
  command(name: string, given: readonly string[], cwd = this.folder): Promise<Said> {
    return run(join(this.folder, "node_modules", ".bin", name), given, cwd);
  }

  /** Bytes of all that is installed. */
  installedBytes(): number {
    return bytesIn(join(this.folder, "node_modules"));
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, "node_modules", name));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function bytesIn(path: string): number {
  const found = lstatSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
