// Builds dist/ from src/: TypeScript with tsc, the WebAssembly kernels (*.as.ts) with AssemblyScript, the scripts of live
// pages with esbuild. Everything is made in a fresh
// folder, which then takes dist's place, so that nothing of an older build is left, and a dist that is in use is there all the time but for
// a moment.
//
// `--if-stale` builds only where dist is older than what it is made from: for npm, which prepares the package on many occasions.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePages } from "./bundle-pages.mjs";
import { takePlace } from "./take-place.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "dist");
const stamp = join("cli", "main.js"); // of tsc's files one whose time is the build's

try {
  if (!process.argv.includes("--if-stale") || isStale()) await build();
} catch (error) {
  process.stderr.write(`not built: ${error.message}\n`);
  process.exitCode = 1;
}

async function build() {
  const fresh = join(root, `dist.${process.pid}.building`);
  const old = join(root, `dist.${process.pid}.old`);
  rmSync(fresh, { recursive: true, force: true });
  try {
    run("typescript/bin/tsc", ["-p", "tsconfig.json", "--outDir", fresh]);
    for (const name of [
      "decoders/products",
      "decoders/training/kernels",
      "estimators/regression/products",
      "estimators/regression/triple-sums",
      "lesion/logit-walk",
      "lesion/dense-walk",
      "lesion/softmax-walk",
      "networks/dcgan/doubling",
      "networks/mlp/dense-sums",
    ]) {
      const made = `${name}.wasm`;
      mkdirSync(dirname(join(fresh, name)), { recursive: true });
      if (isCurrent(name)) copyFileSync(join(dist, made), join(fresh, made));
      else {
        const kernel = [`src/${name}.as.ts`, "-o", relative(root, join(fresh, made))];
        run("assemblyscript/bin/asc.js", [...kernel, "--enable", "simd", "--runtime", "stub", "-O3", "--noAssert"]);
      }
    }
    for (const name of ["tensors/tensorflow", "figures/render/playwright"]) loosen(fresh, name);
    await bundlePages(join(fresh, "pages"));
    chmodSync(join(fresh, stamp), 0o755);
    takePlace(fresh, dist, old);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Whether dist has a kernel that is younger than all AssemblyScript beside its source, and than this script: compiling all of them takes longer than tsc. */
function isCurrent(name) {
  const built = statSync(join(dist, `${name}.wasm`), { throwIfNoEntry: false });
  const folder = join(root, "src", dirname(name));
  const sources = readdirSync(folder).filter((file) => file.endsWith(".as.ts"));
  const made = [
    ...sources.map((file) => join(folder, file)),
    fileURLToPath(import.meta.url),
    join(root, "package-lock.json"),
  ];
  return built !== undefined && Math.max(...made.map(newest)) < built.mtimeMs;
}

/** Publishes declarations that need no optional package; those with its types stay beside them, for the cells of notebooks. */
function loosen(folder, name) {
  renameSync(join(folder, `${name}.d.ts`), join(folder, `${name}.typed.d.ts`));
  copyFileSync(join(root, "src", `${name}.loose.d.ts`), join(folder, `${name}.d.ts`));
}

function isStale() {
  const built = statSync(join(dist, stamp), { throwIfNoEntry: false });
  if (!built) return true;
  const made = ["src", "scripts/build.mjs", "scripts/bundle-pages.mjs", "tsconfig.json"].map((name) =>
    join(root, name),
  );
  return Math.max(...made.map(newest)) > built.mtimeMs;
}

function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function run(program, args) {
  const done = spawnSync(process.execPath, [resolve(root, "node_modules", program), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (done.status !== 0) throw new Error(`${program} failed`);
}
