import { join } from "node:path";

/** Chunks whose files share a folder: none is long to list, however many chunks a job has. */
export const chunksPerFolder = 100;

/** Chunks of a job, at most: what lists them all takes memory for each. */
export const mostChunks = 10_000_000;

/** The plan of a job. */
export const planPath = (folder: string): string => join(folder, "plan.json");

/** What says that a driver is at work. */
export const driverLockPath = (folder: string): string => join(folder, "driver.lock");

/** What tasks write on stderr, where an array engine starts them. */
export const logFolder = (folder: string): string => join(folder, "logs");

/** `00012`, of chunks 1200 to 1299. */
export const shardOf = (chunk: number): string => String(Math.floor(chunk / chunksPerFolder)).padStart(5, "0");

/** `chunk-0001234`. */
export const nameOfChunk = (chunk: number): string => `chunk-${String(chunk).padStart(7, "0")}`;

/** The folder of a chunk's file, and of what is done of it so far. */
export const chunkFolder = (folder: string, chunk: number): string => join(folder, "chunks", shardOf(chunk));

/** The file of a chunk: there once the chunk is done. */
export const chunkPath = (folder: string, chunk: number): string =>
  join(chunkFolder(folder, chunk), `${nameOfChunk(chunk)}.bin`);

/** What the latest attempt at a chunk says of itself. */
export const notePath = (folder: string, chunk: number): string =>
  join(folder, "notes", shardOf(chunk), `${nameOfChunk(chunk)}.json`);

/** Some numbers in words: `3, 5-7, 12`. */
export function rangesText(numbers: readonly number[], separator = ", ", most = Number.POSITIVE_INFINITY): string {
  const ranges: string[] = [];
  for (let at = 0; at < numbers.length; ) {
    let end = at;
    while (end + 1 < numbers.length && numbers[end + 1] === numbers[end] + 1) end++;
    ranges.push(end === at ? `${numbers[at]}` : `${numbers[at]}-${numbers[end]}`);
    at = end + 1;
  }
  if (ranges.length <= most) return ranges.join(separator);
  return `${ranges.slice(0, most).join(separator)}${separator}... (${numbers.length} in all)`;
}
