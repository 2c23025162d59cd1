// Known vulnerabilities of what users install, the package's dependencies and what comes when it is asked for, by `npm audit`: fails on those
// of level high and critical. Where the registry does not answer such questions, a line says that nothing was looked at.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { stdout, stderr, error } = auditOfUsers();
const report = parsed(stdout);
const counts = report?.metadata?.vulnerabilities;
if (counts === undefined) {
  const said = report?.message ?? error?.message ?? (stderr.trim().split("\n")[0] || "no answer");
  console.log(`npm audit: left out, the registry does not answer (${said})`);
} else {
  const bad = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) => /^(high|critical)$/.test(severity));
  for (const { name, severity, range } of bad) console.log(`npm audit: ${name} ${range}: ${severity}`);
  console.log(
    `npm audit: ${counts.high + counts.critical} high or critical, ${counts.low + counts.moderate} below that`,
  );
  process.exitCode = counts.high + counts.critical > 0 ? 1 : 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `npm audit` of a project that depends on all that users of this one may install, with its lock. */
function auditOfUsers() {
  const read = (name) => JSON.parse(readFileSync(join(root, name), "utf8"));
  const { name, version, dependencies, peerDependencies, devDependencies, overrides } = read("package.json");
  const { optionalDependencies } = read("native/package.json");
  const development = Object.fromEntries(
    Object.entries(devDependencies).filter(([name]) => !(name in peerDependencies)),
  );
  const asked = Object.fromEntries(Object.entries(devDependencies).filter(([name]) => name in peerDependencies));
  const project = {
    ...{ name, version, overrides, optionalDependencies },
    dependencies: { ...dependencies, ...asked },
    devDependencies: development,
  };
  const folder = mkdtempSync(join(tmpdir(), "audit-"));
  try {
    writeFileSync(join(folder, "package.json"), JSON.stringify(project));
    copyFileSync(join(root, "package-lock.json"), join(folder, "package-lock.json"));
    return spawnSync("npm", ["audit", "--omit=dev", "--json"], {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 1 << 28,
      shell: process.platform === "win32",
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
