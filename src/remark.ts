const said = new Set<string>();

/**
 * Says on stderr, or on the console of a browser, what a user should know but need not act on: each remark once in a
 * process.
 */
export function remarkOnce(remark: string): void {
  if (said.has(remark)) return;
  said.add(remark);
  if (globalThis.process?.stderr) process.stderr.write(`${remark}\n`);
  else console.warn(remark);
}
