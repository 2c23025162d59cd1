import { uniformIndex } from "../coalitions/random.js";
import type { Random } from "../coalitions/random-streams.js";
import type { JsonObject } from "../json.js";
import { type LogitParts, type LogitWalk, plainLogitWalk } from "../lesion/logit-walk.js";
import { type ScoreName, scoreOf } from "../lesion/scores.js";
import { softmaxParts } from "../lesion/softmax-parts.js";
import type { SoftmaxWalk } from "../lesion/softmax-walk.js";
import { wasmLogitWalk } from "../lesion/wasm-logit-walk.js";
import { wasmSoftmaxWalk } from "../lesion/wasm-softmax-walk.js";
import { atOnce } from "../pace.js";
import { short } from "./question.js";

/** Scores that are walked without logits. */
const ofSoftmax = ["cross-entropy", "log-probability"] as const;
const coalitions = 100;
/** Steps and coalitions in plain TypeScript that are measured. */
const few = 10;

/** What beside class precision is measured in turn with it. */
export interface OtherScores {
  readonly work: Record<string, () => void>;
  /**
   * What there is to say, from the medians of the times in milliseconds and the time of a step of class precision in
   * microseconds.
   */
  report(times: Readonly<Record<string, number>>, step: number): { lines: readonly string[]; numbers: JsonObject };
}

/**
 * Steps of walks of scores of the softmax, and random coalitions, each unit in half of them.
 *
 * @throws Error where the softmax without logits differs from that of the logits by more than these are off
 */
export function otherScores(parts: LogitParts, random: Random, orderings: readonly Uint32Array[]): OtherScores {
  const [wasm, plain] = [wasmLogitWalk(parts), plainLogitWalk(parts)];
  const steps = orderings.length * parts.units;
  const work: Record<string, () => void> = {};
  for (const name of ofSoftmax) {
    const walk = softmaxWalk(parts, name);
    const [value, byLogits] = [0, 1].map(() => new Float64Array(parts.inputs));
    checkNear(walk, wasm, parts, name, orderings[0]);
    const { write } = scoreOf(name);
    work[name] = () => playAll(orderings, walk.reset, walk.add, () => walk.write(value));
    work[`${name} by logits`] = () => playAll(orderings, wasm.reset, wasm.add, () => write(wasm, parts, byLogits));
    work[`${name} plain`] = () =>
      playAll([orderings[0].slice(0, few)], plain.reset, plain.add, () => write(plain, parts, byLogits));
  }
  const sets = Array.from({ length: coalitions }, () => {
    return Array.from({ length: parts.units }, (_, unit) => unit).filter(() => uniformIndex(random, 2) === 1);
  });
  for (const name of ["class-precision", "cross-entropy"] as const) {
    const { write } = scoreOf(name);
    const value = new Float64Array(parts.classes);
    const play = (walk: LogitWalk, some: readonly number[][]) => () => {
      for (const set of some) {
        walk.set(set);
        write(walk, parts, value);
      }
    };
    work[`random ${name}`] = play(wasm, sets);
    work[`random ${name} plain`] = play(plain, sets.slice(0, few));
  }
  return {
    work,
    report(times, step) {
      const us = (name: string, count: number) => (1000 * times[name]) / count;
      const walked = ofSoftmax.map((name) => ({
        score: name,
        step: us(name, steps),
        by_logits: us(`${name} by logits`, steps),
        plain: us(`${name} plain`, few),
      }));
      const random = (["class-precision", "cross-entropy"] as const).map((name) => ({
        score: name,
        coalition: us(`random ${name}`, coalitions),
        plain: us(`random ${name} plain`, few),
      }));
      return {
        lines: [
          ...walked.map(
            ({ score, step: own, by_logits, plain }) =>
              `${score}: ${short(own)} us a step, ${short(own / step)} times class precision ` +
              `(by logits ${short(by_logits)} us, ${short(by_logits / step)} times; plain TypeScript ${short(plain)} us)`,
          ),
          ...random.map(
            ({ score, coalition, plain }) =>
              `random coalitions, ${score}: ${short(coalition)} us each (plain TypeScript ${short(plain)} us)`,
          ),
        ],
        numbers: { walked, random },
      };
    },
  };
}

function softmaxWalk(parts: LogitParts, name: ScoreName): SoftmaxWalk {
  const terms = softmaxParts(parts, [], scoreOf(name).ofSoftmax?.perInput ?? false);
  const walk = terms && atOnce(wasmSoftmaxWalk(terms));
  if (!walk) throw new Error("the softmax of the network is not walked without logits");
  return walk;
}

function playAll(
  orderings: readonly Uint32Array[],
  reset: () => void,
  add: (unit: number) => void,
  write: () => void,
): void {
  for (const ordering of orderings) {
    reset();
    for (const unit of ordering) {
      add(unit);
      write();
    }
  }
}

function checkNear(a: SoftmaxWalk, b: LogitWalk, parts: LogitParts, name: ScoreName, ordering: Uint32Array): void {
  const [x, y] = [0, 1].map(() => new Float64Array(parts.inputs));
  a.reset();
  b.reset();
  for (const unit of ordering) {
    a.add(unit);
    b.add(unit);
    a.write(x);
    scoreOf(name).write(b, parts, y);
    if (!x.every((value, i) => Math.abs(value - y[i]) < 1e-4)) throw new Error(`${name} of both walks differs`);
  }
}
