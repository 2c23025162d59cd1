import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { installKernel } from "../../src/notebook/run/kernelspec.js";

/** Debian's Notebook 6, or undefined. */
export function notebookProgram(): string | undefined {
  return ["/usr/bin/jupyter-notebook"].find((path) => existsSync(path));
}

/** Starts a notebook server for a folder, with our kernel: its address, and what ends it. */
export async function startNotebookServer(program: string, folder: string) {
  installKernel({ prefix: join(folder, "env") });
  const options = ["--ip=127.0.0.1", "--NotebookApp.token=", `--notebook-dir=${folder}`];
  const server = spawn(program, ["--no-browser", "--allow-root", ...options], {
    env: {
      ...process.env,
      HOME: folder,
      JUPYTER_PATH: join(folder, "env", "share", "jupyter"),
      JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  // It takes the first port that is free, and says which.
  const url = await new Promise<string>((resolve, reject) => {
    server.stderr.on("data", (text) => {
      words += text;
      const address = /is running at:.*?(http:\/\/127\.0\.0\.1:\d+)\//s.exec(words);
      if (address) resolve(address[1]);
    });
    server.once("close", () => reject(new Error(`the notebook server ended: ${words}`)));
  });
  return {
    url,
    async stop() {
      // Asked politely it ends its kernels as well.
      server.kill("SIGTERM");
      await once(server, "close");
    },
  };
}
