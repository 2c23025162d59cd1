// Known vulnerabilities of what users install, by `npm audit --omit=dev`: fails on those of level high and critical. Where the registry
// does not answer such questions, a line says that nothing was looked at.
import { spawnSync } from "node:child_process";

const { stdout, stderr, error } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
  encoding: "utf8",
  maxBuffer: 1 << 28,
  shell: process.platform === "win32",
});
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
