import { invalid } from "../errors.js";
import { exactSizeText, sizeText } from "../words.js";
import type { DecoderConfig } from "./config.js";
import type { StreamedWeights } from "./streamed-weights.js";

/** How a decoder whose weights stay on the disk keeps its memory. */
export interface Streaming {
  /** Bytes that it may take. */
  readonly memory: number;
  /** Tokens of a pass, unless one sequence has more. */
  readonly tokensAtOnce: number;
  /** Bytes of weights that were read so far. */
  bytesRead(): number;
  /**
   * How many passages and coalitions go through the network together, so that the memory is kept.
   *
   * @param passages tokens of each passage
   * @throws RangeError where not even one coalition of the longest passage fits
   */
  plan(passages: readonly number[], coalitions: number): BatchPlan;
}

/** How work is cut. */
export interface BatchPlan {
  readonly passages: number;
  readonly coalitions: number;
}

/** Rows that go through an expert, or another feed-forward network, at a time. */
export const rowsAtOnce = 256;
/**
 * Numbers of rows and products that the kernel takes at a time, 32 MB; twice, since it has another memory for
 * attention.
 */
export const roomNumbers = 2 ** 23;
/** Arrays that are no longer needed are there for a while: so many times what is needed at once. */
const garbage = 2;
/** Least of `tokensAtOnce`. */
const fewTokens = 16;

/** The memory of a decoder with some weights on the disk. */
export function streamingOf(config: DecoderConfig, weights: StreamedWeights, memory: number): Streaming {
  const fixed = weights.mostBytes() + weights.largestTensor();
  const perToken = passBytesPerToken(config);
  const tokensAtOnce = Math.max(fewTokens, Math.min(4096, Math.floor((memory - fixed) / (4 * garbage * perToken))));
  /** Bytes that are taken whatever goes through, in passages of at most so many tokens. */
  const base = (longest: number) => fixed + roomBytes(config, longest) + garbage * workBytes(config, longest);
  const least = base(fewTokens);
  if (memory < least) {
    throw invalid(
      "memory",
      `at least ${exactSizeText(least)}, since the largest part of the weights takes ${exactSizeText(weights.mostBytes())}`,
      exactSizeText(memory),
    );
  }
  return {
    memory,
    tokensAtOnce,
    bytesRead: weights.bytesRead,
    plan(passages, coalitions) {
      const longest = Math.max(...passages);
      const left = memory - base(longest);
      const perRow = stateBytes(config);
      if (left < longest * perRow) {
        throw invalid(
          "memory",
          `at least ${sizeText(base(longest) + longest * perRow)} for a passage of ${longest} tokens`,
          exactSizeText(memory),
        );
      }
      const tokens = passages.reduce((sum, count) => sum + count, 0);
      const together = Math.floor(left / (tokens * perRow));
      if (together >= 1) return { passages: passages.length, coalitions: Math.min(coalitions, together) };
      return { passages: Math.max(1, Math.floor(left / (longest * perRow))), coalitions: 1 };
    },
  };
}

/**
 * Bytes that a token of a coalition takes from layer to layer: its vector, what the layer makes of it, and its gates.
 */
function stateBytes({ width, experts }: DecoderConfig): number {
  return 4 * (2 * width + 2 * (experts?.count ?? 0) + 2);
}

/** Bytes that a token takes while a layer is computed. */
function passBytesPerToken(config: DecoderConfig): number {
  const { width, heads, keyHeads, headWidth, vocabulary } = config;
  const attention = 2 * width + 2 * heads * headWidth + 4 * keyHeads * headWidth;
  return 4 * Math.max(attention, 2 * width + 2 * hiddenWidth(config), 2 * width + vocabulary);
}

function hiddenWidth({ denseWidth, experts, sparse }: DecoderConfig): number {
  const dense = sparse.includes(false) ? denseWidth : 0;
  return Math.max(dense, experts?.width ?? 0, experts?.sharedWidth ?? 0);
}

function workBytes(config: DecoderConfig, tokens: number): number {
  const { width, heads, keyHeads, headWidth, vocabulary } = config;
  const attention = tokens * (2 * width + 2 * heads * headWidth + 4 * keyHeads * headWidth);
  const rows = rowsAtOnce * (2 * width + Math.max(2 * hiddenWidth(config), vocabulary));
  return 4 * Math.max(attention, rows);
}

function roomBytes(config: DecoderConfig, tokens: number): number {
  const { width, heads, headWidth, vocabulary } = config;
  const sides = Math.max(width + hiddenWidth(config), width + vocabulary, width + heads * headWidth);
  return 2 * 4 * Math.min(roomNumbers, Math.max(tokens, rowsAtOnce) * sides);
}
