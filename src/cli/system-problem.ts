/** What a machine lacks, by the code of the error. */
const lacks: Readonly<Record<string, string>> = {
  EMFILE: "this process may open no more files (`ulimit -n` shows how many, and raises it)",
  ENFILE: "this machine can open no more files",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENOMEM: "there is not enough memory",
};

/** In a line, what the machine lacked; undefined for an error of another kind, also of those that caused it. */
export function systemProblem(error: unknown): string | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 10; each = each.cause, depth++) {
    const { code, message } = each as NodeJS.ErrnoException;
    const what = lacks[code ?? ""];
    if (what !== undefined) return `${what}: ${message.split("\n")[0]}`;
  }
  return undefined;
}
