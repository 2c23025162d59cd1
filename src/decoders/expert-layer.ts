import type { Steps } from "../pace.js";
import type { ExpertsConfig } from "./config.js";
import { applyFeedForward } from "./parts.js";
import type { Products } from "./products.js";
import { routeInto, routeRoom } from "./router.js";
import type { ExpertLesion, LayerLesions } from "./units.js";
import type { Experts } from "./weights.js";

/** What experts of a layer made of the same rows before: by expert the rows that went to it, and what it made of them, without gates. */
export type ExpertMemory = Map<number, { readonly rows: readonly number[]; readonly made: Float32Array }>;

/**
 * What the experts of a layer add to some rows, `[rows, width]`. Every expert sees the rows that go to it at once; a row's terms are added in
 * the order of the experts, the shared one last.
 *
 * @param memory of a pass with the same x: what is in it is not computed again, what is not is added
 */
export function* applyExperts(
  products: Products,
  x: Float32Array,
  rows: number,
  config: ExpertsConfig,
  weights: Experts,
  lesions: LayerLesions,
  lesion: ExpertLesion,
  memory?: ExpertMemory,
): Steps<Float32Array> {
  const sum = new Float32Array(x.length);
  const logits = products.multiply(x, rows, weights.router);
  for (const [e, { rows: own, gates }] of visitors(logits, rows, config, lesions, lesion).entries()) {
    if (own.length === 0) continue;
    const known = memory?.get(e);
    if (known && sameRows(known.rows, own)) {
      addRows(sum, own, gates, known.made);
      continue;
    }
    const made = applyFeedForward(products, gathered(x, own, x.length / rows), own.length, weights.experts[e]);
    memory?.set(e, { rows: own, made });
    addRows(sum, own, gates, made);
    yield;
  }
  if (weights.shared && !lesions.always) {
    const gates = products.multiply(x, rows, weights.shared.gate).map((logit) => 1 / (1 + Math.exp(-logit)));
    const made = applyFeedForward(products, x, rows, weights.shared.expert);
    addRows(
      sum,
      Array.from({ length: rows }, (_, row) => row),
      gates,
      made,
    );
    yield;
  }
  return sum;
}

/** For every expert the rows that go to it, ascending, and their gates. */
function visitors(
  logits: Float32Array,
  rows: number,
  config: ExpertsConfig,
  { experts: lesioned }: LayerLesions,
  lesion: ExpertLesion,
): { rows: number[]; gates: number[] }[] {
  const of = Array.from({ length: config.count }, () => ({ rows: [] as number[], gates: [] as number[] }));
  const room = routeRoom(config.perToken);
  for (let row = 0; row < rows; row++) {
    const left = routeInto(room, logits, row * config.count, config, lesioned, lesion);
    for (let i = 0; i < left; i++) {
      const own = of[room.experts[i]];
      own.rows.push(row);
      own.gates.push(room.gates[i]);
    }
  }
  return of;
}

function sameRows(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((row, i) => row === b[i]);
}

function gathered(x: Float32Array, rows: readonly number[], width: number): Float32Array {
  const some = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    some.set(x.subarray(row * width, (row + 1) * width), i * width);
  });
  return some;
}

function addRows(sum: Float32Array, rows: readonly number[], gates: ArrayLike<number>, terms: Float32Array): void {
  const width = terms.length / rows.length;
  rows.forEach((row, i) => {
    const gate = gates[i];
    for (let j = 0; j < width; j++) sum[row * width + j] += gate * terms[i * width + j];
  });
}
