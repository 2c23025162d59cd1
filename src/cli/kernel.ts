import type { Command } from "commander";
import { installKernel } from "../notebook/run/kernelspec.js";
import { onPath } from "./on-path.js";

/** `kernel install`: makes the TypeScript kernel known to Jupyter. */
export function addKernel(program: Command): void {
  const kernel = program.command("kernel").description("the TypeScript kernel for Jupyter");
  kernel
    .command("install")
    .description("make the kernel known to Jupyter")
    .option("--user", "in the user's own Jupyter folder (default)")
    .option("--prefix <dir>", "in DIR/share/jupyter/kernels, e.g. of a virtual environment")
    .action(({ user, prefix }: { user?: boolean; prefix?: string }) => {
      if (user && prefix !== undefined) kernel.error("error: --user and --prefix exclude each other");
      const folder = installKernel(prefix === undefined ? {} : { prefix });
      process.stdout.write(`installed in ${folder}\n`);
      if (!onPath("jupyter")) process.stderr.write("Jupyter itself was not found (pip install jupyterlab)\n");
    });
}
