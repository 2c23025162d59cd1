import { compiledKernel } from "./kernel.js";
import { singlesOfThree, walsh } from "./sign-transforms.js";
import { codes, type Place, triplesAcross } from "./triple-places.js";

/** What is screened, the pairs in the order of their folds. */
export interface Screening {
  readonly units: number;
  readonly pairs: number;
  /** Where each fold begins. */
  readonly starts: Uint32Array;
  /** Residuals of each output. */
  readonly series: readonly Float64Array[];
  /** Signs of the units of each group as bits. */
  readonly signs: readonly Uint8Array[];
  /** By fold: what they are added to. */
  readonly scores: readonly Float64Array[];
}

/** Adds up the scores of triples. */
export interface Scorer {
  /**
   * Of units of one or two groups.
   *
   * @param size how many different signs the units can have
   * @param places signs of the units in each pair
   */
  within(size: number, places: Uint16Array, triples: readonly Place[]): void;
  /**
   * Of units of the groups a and b and each one behind them. @param places signs of the units of a and b in each pair
   */
  across(a: number, b: number, places: Uint16Array): void;
  /** Brings the scores to where they belong. */
  finish(): void;
}

/** {@link Scorer} in TypeScript. */
export function plainScorer(screening: Screening): Scorer {
  const { signs, units, pairs } = screening;
  const all = new Uint16Array(pairs);
  const sums = new Float64Array(codes ** 3);
  return {
    within(size, places, triples) {
      addScores(screening, places, sums.subarray(0, size), walsh, triples);
    },
    across(a, b, places) {
      for (let c = b + 1; c < signs.length; c++) {
        for (let s = 0; s < pairs; s++) all[s] = places[s] * codes + signs[c][s];
        addScores(screening, all, sums, singlesOfThree, triplesAcross(a, b, c, units));
      }
    },
    finish() {},
  };
}

const pageBytes = 65_536;
let compiled: WebAssembly.Module | undefined;

/** {@link Scorer} on WebAssembly. */
export function kernelScorer(screening: Screening): Scorer {
  const { units, pairs, starts, series, signs, scores } = screening;
  compiled ??= compiledKernel("triple-sums");
  if (!compiled) return plainScorer(screening);
  const { memory, screen, screenWithin } = new WebAssembly.Instance(compiled).exports as unknown as {
    readonly memory: WebAssembly.Memory;
    screen(...numbers: readonly number[]): void;
    screenWithin(...numbers: readonly number[]): void;
  };
  let end = pageBytes;
  const place = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 16) * 16;
    return start;
  };
  const [folds, groups] = [scores.length, signs.length];
  const pairsOfOutputs = Math.ceil(series.length / 2);
  const at = {
    places: place(2 * pairs),
    list: place(8 * codes ** 2),
    codes: place(groups * pairs),
    series: place(16 * pairsOfOutputs * pairs),
    starts: place(4 * starts.length),
    scores: place(8 * folds * scores[0].length),
    work: place(2 * pairs + 16 * (1 + 512 + 192 + 72 + 27 * folds)),
  };
  memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / pageBytes)));
  const { buffer } = memory;
  const numbers = new Float64Array(buffer, at.series, 2 * pairsOfOutputs * pairs);
  series.forEach((own, o) => {
    const to = (o >> 1) * 2 * pairs + (o & 1);
    for (let s = 0; s < pairs; s++) numbers[to + 2 * s] = own[s];
  });
  signs.forEach((own, group) => new Uint8Array(buffer, at.codes + group * pairs, pairs).set(own));
  new Uint32Array(buffer, at.starts, starts.length).set(starts);
  const added = scores.map((own, fold) => new Float64Array(buffer, at.scores + 8 * fold * own.length, own.length));
  scores.forEach((own, fold) => {
    added[fold].set(own);
  });
  return {
    within(size, places, triples) {
      new Uint16Array(buffer, at.places, pairs).set(places);
      new Uint32Array(buffer, at.list, 2 * triples.length).set(triples.flat());
      screenWithin(
        ...[size, pairs, at.places, at.list, triples.length],
        ...[at.series, pairsOfOutputs, folds, at.starts, at.scores, scores[0].length, at.work],
      );
    },
    across(a, b, places) {
      new Uint16Array(buffer, at.places, pairs).set(places);
      screen(
        ...[units, pairs, a, b, b + 1, groups, at.places, at.codes],
        ...[at.series, pairsOfOutputs, folds, at.starts, at.scores, scores[0].length, at.work],
      );
    },
    finish() {
      scores.forEach((own, fold) => {
        own.set(added[fold]);
      });
    },
  };
}

/**
 * Adds the squares of some products to the scores.
 *
 * @param places where each pair's residual is added up
 * @param transform makes the products of these sums
 * @param triples where each triple is among the products, and among the scores
 */
function addScores(
  { starts, series, scores }: Screening,
  places: Uint16Array,
  sums: Float64Array,
  transform: typeof walsh,
  triples: readonly Place[],
): void {
  const folds = scores.length;
  const products = new Float64Array(folds * 64);
  for (const numbers of series) {
    for (let fold = 0; fold < folds; fold++) {
      sums.fill(0);
      for (let at = starts[fold]; at < starts[fold + 1]; at++) sums[places[at]] += numbers[at];
      transform(sums, products.subarray(fold * 64));
    }
    for (const [at, index] of triples) {
      let all = 0;
      for (let fold = 0; fold < folds; fold++) all += products[fold * 64 + at];
      for (let fold = 0; fold < folds; fold++) scores[fold][index] += (all - products[fold * 64 + at]) ** 2;
    }
  }
}
