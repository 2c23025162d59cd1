import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allIntact, coalitionsOf } from "../coalitions/coalition.js";
import type { Decoder } from "../decoders/decoder.js";
import { expertsGame } from "../decoders/experts-game.js";
import { loadDecoder } from "../decoders/load-decoder.js";
import { fileSize, readPartInto } from "../files.js";
import { type Answer, type Question, short } from "./question.js";
import { writeRandomDecoder } from "./random-decoder.js";
import { trueSize, writeTrueSize } from "./true-size.js";

/** What the decoder may take, and what the whole process must not. */
const memory = 3e9;
const mostResident = 4 * 2 ** 30;
const questions = 8;
const tokensEach = 16;

/** One layer of Mixtral at its true size, weights on the disk. */
export const expertsStream: Question = {
  name: "stream",
  asks: "how long do coalitions of a layer of Mixtral's true size take whose weights are read from the disk?",
  async answer(signal: AbortSignal): Promise<Answer> {
    const folder = mkdtempSync(join(tmpdir(), "shapley-modes-true-size-"));
    try {
      await checkSmall(join(folder, "small"));
      signal.throwIfAborted();
      const written = writeTrueSize(folder);
      signal.throwIfAborted();
      const decoder = await loadDecoder(folder, { memory });
      const game = expertsGame(decoder, tasksOf(questions, tokensEach), { score: "log-probability" });
      const count = trueSize.experts;
      const units = Array.from({ length: count }, (_, e) => e);
      const coalitions = coalitionsOf(
        count,
        units.map((out) => units.filter((e) => e !== out)),
      );
      const timed = async (work: () => Promise<unknown>) => {
        const [start, before] = [performance.now(), decoder.bytesRead as number];
        await work();
        return { seconds: (performance.now() - start) / 1000, bytes: (decoder.bytesRead as number) - before };
      };
      const reading = readThrough(join(folder, "model.safetensors"));
      signal.throwIfAborted();
      const one = await timed(() => game.evaluate(allIntact(count), signal));
      const together = await timed(() => game.evaluate(coalitions, signal));
      const alone = await timed(async () => {
        for (const out of units) {
          await game.evaluate(coalitionsOf(count, [units.filter((e) => e !== out)]), signal);
        }
      });
      const resident = process.resourceUsage().maxRSS * 1024;
      if (resident > mostResident) throw new Error(`the process took ${resident} bytes; ${mostResident} were allowed`);
      if (together.bytes > written) throw new Error(`${together.bytes} bytes were read of ${written}`);
      const tokens = questions * tokensEach;
      const computing = (one.seconds - one.bytes / reading.rate) / tokens;
      const gflops = flopsPerToken() / computing / 1e9;
      return {
        figure: {
          value: together.seconds,
          unit: "s",
          of: `${count} coalitions of ${tokens} tokens, one layer, together`,
        },
        baseline: { value: alone.seconds, unit: "s", of: "the same one after the other: each reads all weights" },
        ratio: alone.seconds / together.seconds,
        lines: [
          `of        one layer of Mixtral-8x7B's dimensions in bfloat16, ${gigabytes(written)} on the disk, weights by lot, one core`,
          `kept      ${gigabytes(memory)} were allowed to the decoder, ${gigabytes(resident)} is the largest resident set of the whole process`,
          `read      ${gigabytes(together.bytes)} together, ${gigabytes(alone.bytes)} one after the other`,
          `reading   ${short(reading.rate / 1e9)} GB/s, which is ${short(one.bytes / reading.rate)} s of the ${short(one.seconds)} s of one coalition`,
          `computing ${short(computing * 1000)} ms a token, ${short(gflops)} GFLOP/s, reading taken off`,
          "checked   values of a small decoder are the same bits from the disk and from memory",
        ],
        numbers: {
          written,
          memory,
          resident,
          tokens,
          coalitions: count,
          together: { ...together },
          alone: { ...alone },
          one: { ...one },
          reading: { ...reading },
          gflops,
        },
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Bytes a second that a file is read with, a piece at a time. */
function readThrough(path: string): { bytes: number; seconds: number; rate: number } {
  const bytes = fileSize(path);
  const piece = new Uint8Array(2 ** 26);
  const start = performance.now();
  for (let from = 0; from < bytes; from += piece.length) {
    readPartInto(path, from, piece.subarray(0, Math.min(piece.length, bytes - from)));
  }
  const seconds = (performance.now() - start) / 1000;
  return { bytes, seconds, rate: bytes / seconds };
}

/** Questions of tokens that do not begin alike. */
function tasksOf(count: number, tokens: number) {
  const own = Array.from({ length: count }, (_, q) => ({
    prompt: Array.from({ length: tokens }, (__, i) => (17 * q + 29 * i * i + i) % 256),
    answer: [(31 * q + 7) % 256],
  }));
  return [{ name: "tokens by lot", questions: own }];
}

/** Multiplications and additions of a token in a layer: attention's products and two experts. */
function flopsPerToken(): number {
  const { width, hidden, heads, keyHeads, headWidth } = trueSize;
  return 2 * (2 * width * heads * headWidth + 2 * width * keyHeads * headWidth + 2 * 3 * width * hidden);
}

/** Holds a decoder on the disk against the same one in memory, at a small width. */
async function checkSmall(folder: string): Promise<void> {
  writeRandomDecoder(folder, 1);
  const decoders: Decoder[] = [await loadDecoder(folder), await loadDecoder(folder, { memory: 20e6 })];
  const [a, b] = await Promise.all(
    decoders.map((decoder) => {
      const game = expertsGame(decoder, tasksOf(4, 9), { score: "log-probability" });
      const some = [0, 3, 8, 13].map((out) => game.units.map((_, u) => u).filter((u) => u % 17 !== out));
      return game.evaluate(coalitionsOf(game.units.length, some));
    }),
  );
  if (!a.every((value, i) => value === b[i])) throw new Error("values from the disk are other than those from memory");
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
