const said = new Set<string>();

/** Says on stderr what a user should know but need not act on: each remark once in a process. */
export function remarkOnce(remark: string): void {
  if (said.has(remark)) return;
  said.add(remark);
  process.stderr.write(`${remark}\n`);
}
