import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { installKernel } from "../../src/notebook/run/kernelspec.js";

/** Debian's Notebook 6, or undefined. */
export function notebookProgram(): string | undefined {
  return ["/usr/bin/jupyter-notebook"].find((path) => existsSync(path));
}

/** Starts a notebook server for a folder, with our kernel: its address, and what ends it. */
export async function startNotebookServer(program: string, folder: string) {
  installKernel({ prefix: join(folder, "env") });
  const port = await freePort();
  const options = {
    "--ip": "127.0.0.1",
    "--port": String(port),
    "--NotebookApp.port_retries": "0",
    "--NotebookApp.token": "",
    "--notebook-dir": folder,
  };
  const argv = ["--no-browser", "--allow-root", ...Object.entries(options).map(([name, value]) => `${name}=${value}`)];
  const server = spawn(program, argv, {
    env: {
      ...process.env,
      HOME: folder,
      JUPYTER_PATH: join(folder, "env", "share", "jupyter"),
      JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let words = "";
  await new Promise<void>((resolve, reject) => {
    server.stderr.on("data", (text) => {
      words += text;
      if (words.includes("is running at")) resolve();
    });
    server.once("close", () => reject(new Error(`the notebook server ended: ${words}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      // Asked politely it ends its kernels as well.
      server.kill("SIGTERM");
      await once(server, "close");
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
