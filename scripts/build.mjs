// Builds dist/ from src/, into a fresh folder, so that nothing of an older build is left behind: TypeScript with tsc,
// the WebAssembly kernels (*.as.ts) with AssemblyScript.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
rmSync(resolve(root, "dist"), { recursive: true, force: true });
run("typescript/bin/tsc", ["-p", "tsconfig.json"]);
for (const name of ["lesion/logit-walk", "lesion/dense-walk", "networks/dcgan/doubling"]) {
  const kernel = [`src/${name}.as.ts`, "-o", `dist/${name}.wasm`];
  mkdirSync(dirname(resolve(root, kernel[2])), { recursive: true });
  run("assemblyscript/bin/asc.js", [...kernel, "--enable", "simd", "--runtime", "stub", "-O3", "--noAssert"]);
}
chmodSync(resolve(root, "dist/cli/main.js"), 0o755);

function run(program, args) {
  const done = spawnSync(process.execPath, [resolve(root, "node_modules", program), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}
