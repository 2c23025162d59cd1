import { appendFileSync } from "node:fs";
import { FileError } from "../../src/errors.js";
import { processorTime } from "../helpers/processor-time.js";

/** Where the cases at random begin, and how many times as many there are: `npm run fuzz -- --seed 7 --times 10`. */
export const fuzzSeed = Number(process.env.FUZZ_SEED ?? 10);
export const fuzzTimes = Number(process.env.FUZZ_TIMES ?? 1);

/** What a stranger might bring. */
export interface FuzzCase {
  readonly name: string;
  /**
   * "refused" where it must be, "read" (or what is read) where that; undefined where damage at random may have left a
   * whole file.
   */
  readonly expected?: unknown;
}

/** What became of the cases of a format. */
export interface FuzzCounts {
  read: number;
  refused: number;
}

/**
 * Tries the cases of a format, and returns what became of them.
 *
 * @param read reads a case or throws; what it reads has to be right, which it checks itself
 * @throws Error that names each case that was read and should not, the other way round, took ten seconds, or was
 * refused by anything but one line of this package
 */
export async function fuzz<C extends FuzzCase>(
  format: string,
  cases: Iterable<C> | AsyncIterable<C>,
  read: (one: C) => unknown,
): Promise<FuzzCounts> {
  const counts: FuzzCounts = { read: 0, refused: 0 };
  const problems: string[] = [];
  for await (const one of cases) {
    const spent = processorTime();
    const outcome = await outcomeOf(() => read(one));
    counts[outcome instanceof Error ? "refused" : "read"]++;
    const problem = problemOf(one.expected, outcome);
    if (problem !== undefined) problems.push(`${one.name}: ${problem}`);
    if (spent() > 10_000) problems.push(`${one.name}: took ten seconds`);
  }
  count(format, { ...counts });
  if (problems.length > 0) throw new Error(`${problems.length} cases of ${format}:\n${problems.join("\n")}`);
  return counts;
}

/** Tells `npm run fuzz` what became of some cases. */
export function count(format: string, counts: Readonly<Record<string, number>>): void {
  const file = process.env.FUZZ_COUNTS;
  if (file) appendFileSync(file, `${JSON.stringify({ format, counts })}\n`);
}

async function outcomeOf(read: () => unknown): Promise<Error | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function problemOf(expected: unknown, outcome: Error | undefined): string | undefined {
  if (!outcome) return expected === "refused" ? "was read" : undefined;
  if (!isOneLine(outcome)) return outcome.stack;
  return expected === undefined || expected === "refused" ? undefined : `was refused: ${outcome.message}`;
}

/** Whether an error is one readable line of this package. */
export function isOneLine(error: unknown): boolean {
  const { message } = error as Error;
  const own = error instanceof FileError || (error instanceof RangeError && message.startsWith("invalid "));
  return own && /^[^\n\u2028]{1,1000}$/.test(message);
}
