import { createRequire } from "node:module";
import { join } from "node:path";
import type * as TypeScript from "typescript";
import { MissingPartError } from "../../errors.js";
import { packageRoot } from "../../package.js";

/** The kernel's own account of the packages that it needs (kernels/shapley-modes/parts.cjs). */
interface KernelParts {
  missingParts(): string[];
  typescript(): typeof TypeScript;
  typescriptVersion(): string | undefined;
}

function kernelParts(): KernelParts {
  return createRequire(import.meta.url)(join(packageRoot, "kernels", "shapley-modes", "parts.cjs")) as KernelParts;
}

/** @throws MissingPartError where the kernel lacks a package, with the command that installs it */
export function checkKernelParts(): void {
  const missing = kernelParts().missingParts();
  if (missing.length === 0) return;
  throw new MissingPartError("the TypeScript kernel", `install what it needs with: npm install ${missing.join(" ")}`);
}

/** Version of the TypeScript that compiles cells; undefined where there is none. */
export function cellTypescriptVersion(): string | undefined {
  return kernelParts().typescriptVersion();
}

/** The TypeScript that compiles cells. It is large: loaded when it is asked for. */
export function cellTypescript(): typeof TypeScript {
  checkKernelParts();
  return kernelParts().typescript();
}
