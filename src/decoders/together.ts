import type { Steps } from "../pace.js";
import type { ExpertsConfig } from "./config.js";
import { addAttention, type DecoderParts, type Passage } from "./forward.js";
import { applyFeedForward, rmsNorm } from "./parts.js";
import type { TurnTable } from "./rotation.js";
import { route } from "./router.js";
import { rowsAtOnce } from "./streaming.js";
import type { DecoderLesions, LayerLesions } from "./units.js";
import type { FeedForward, Layer } from "./weights.js";

/** The vectors of a passage under the lesions of some coalitions, which do not differ so far. */
export interface State {
  /** Which passage. */
  readonly passage: number;
  /** Which coalitions. */
  readonly members: readonly number[];
  /** `[tokens, width]` */
  readonly vectors: Float32Array;
}

/**
 * Passages under the lesions of several coalitions, layer by layer: every part of a layer's weights sees all of them
 * before the next one is asked for, so weights on a disk are read once. Coalitions share their vectors up to the first
 * lesion in which they differ, and what an expert makes of the same rows. The vectors are the same bits as those of
 * each passage and coalition alone.
 *
 * @param lesions of each coalition
 */
export function* throughTogether(
  parts: DecoderParts,
  passages: readonly Passage[],
  table: TurnTable,
  lesions: readonly DecoderLesions[],
): Steps<State[]> {
  const members = lesions.map((_, c) => c);
  let states: State[] = passages.map(({ tokens }, passage) => ({
    passage,
    members,
    vectors: parts.weights.embeddings(tokens),
  }));
  for (let l = 0; l < parts.config.layers; l++) {
    const split = states.flatMap((state) => branches(state, lesions, l, ({ whole, heads }) => [whole, ...heads]));
    for (const { passage, members: own, vectors } of split) {
      yield* addAttention(parts, l, vectors, passages[passage], table, lesions[own[0]]);
    }
    states = yield* feedForward(parts, l, split, lesions);
  }
  return states;
}

/** A state for each kind of lesion that its coalitions have, with vectors of its own. */
function branches(
  state: State,
  lesions: readonly DecoderLesions[],
  l: number,
  kindOf: (lesions: LayerLesions) => readonly boolean[],
): State[] {
  const groups = grouped(state.members, (c) => kindOf(lesions[c].layers[l]));
  return groups.map((members, g) => ({
    ...state,
    members,
    vectors: g === groups.length - 1 ? state.vectors : state.vectors.slice(),
  }));
}

function grouped(members: readonly number[], kindOf: (member: number) => readonly boolean[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const member of members) {
    const key = kindOf(member).map(Number).join("");
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()];
}

/** Some coalitions of a state that have the same lesions of a layer's experts. */
interface Branch {
  readonly members: readonly number[];
  /** What the layer adds, then the vectors behind it; undefined where it adds nothing. */
  readonly sum: Float32Array | undefined;
  /**
   * The gate of each row and expert, -1 where the row does not go there, `[rows, experts]`; of each row alone in a
   * dense layer and for the shared expert.
   */
  readonly gates: Float32Array;
  readonly sharedGates: Float32Array;
}

/** In place of a gate, which is never below 0. */
const closed = -1;

interface Family {
  readonly state: State;
  readonly branches: readonly Branch[];
}

function* feedForward(
  parts: DecoderParts,
  l: number,
  states: readonly State[],
  lesions: readonly DecoderLesions[],
): Steps<State[]> {
  const { config, weights } = parts;
  const layer = weights.layers[l];
  const families: Family[] = [];
  for (const state of states) {
    families.push(familyOf(parts, l, state, lesions));
    yield;
  }
  if (layer.experts) {
    const { count } = config.experts as ExpertsConfig;
    for (const [e, expert] of layer.experts.experts.entries()) {
      yield* addTerms(parts, layer, expert, families, ({ gates }, row) => gates[row * count + e]);
    }
    if (layer.experts.shared) {
      const { expert } = layer.experts.shared;
      yield* addTerms(parts, layer, expert, families, ({ sharedGates }, row) => sharedGates[row]);
    }
  } else {
    yield* addTerms(parts, layer, layer.dense as FeedForward, families, ({ gates }, row) => gates[row]);
  }
  return families.flatMap(({ state, branches: own }) => {
    return own.map(({ members, sum }) => {
      if (!sum) return { ...state, members };
      for (let i = 0; i < sum.length; i++) sum[i] += state.vectors[i];
      return { ...state, members, vectors: sum };
    });
  });
}

/** The branches of a state, and which of their rows go where. */
function familyOf(
  { config, weights, products }: DecoderParts,
  l: number,
  state: State,
  lesions: readonly DecoderLesions[],
): Family {
  const { experts, feedForwardNorm } = weights.layers[l];
  const { vectors } = state;
  const rows = vectors.length / config.width;
  const [{ lesion }] = lesions;
  const groups = grouped(state.members, (c) => {
    const { whole, always, experts: out } = lesions[c].layers[l];
    // Where the layer is skipped, its parts are, whether they are lesioned or not: one branch keeps the vectors.
    return whole ? [whole] : [whole, always, ...out];
  });
  const x = rmsNorm(vectors, feedForwardNorm, config.epsilon);
  const logits = experts && products.multiply(x, rows, experts.router);
  const shared = experts?.shared && products.multiply(x, rows, experts.shared.gate);
  const own = groups.map((members): Branch => {
    const out = lesions[members[0]].layers[l];
    const nothing = out.whole || (!experts && out.always);
    const gates = new Float32Array(nothing ? 0 : rows * (experts ? out.experts.length : 1)).fill(experts ? closed : 1);
    if (logits && !nothing) {
      const { count } = config.experts as ExpertsConfig;
      for (let row = 0; row < rows; row++) {
        const way = route(logits, row * count, config.experts as ExpertsConfig, out.experts, lesion);
        way.experts.forEach((e, i) => {
          gates[row * count + e] = way.gates[i];
        });
      }
    }
    const sharedGates =
      shared && !nothing && !out.always ? shared.map((logit) => 1 / (1 + Math.exp(-logit))) : new Float32Array();
    return { members, sum: nothing ? undefined : new Float32Array(vectors.length), gates, sharedGates };
  });
  return { state, branches: own };
}

/**
 * Adds what an expert makes of the rows that go to it, of all states, some rows at a time; a row that several branches
 * have is computed once.
 */
function* addTerms(
  { config: { epsilon }, products }: DecoderParts,
  { feedForwardNorm }: Layer,
  expert: FeedForward,
  families: readonly Family[],
  gateOf: (branch: Branch, row: number) => number | undefined,
): Steps<void> {
  const width = feedForwardNorm.length;
  const waiting: { family: Family; row: number }[] = [];
  function* some(): Steps<void> {
    const x = new Float32Array(waiting.length * width);
    waiting.forEach(({ family, row }, i) => {
      x.set(family.state.vectors.subarray(row * width, (row + 1) * width), i * width);
    });
    const made = applyFeedForward(products, rmsNorm(x, feedForwardNorm, epsilon), waiting.length, expert);
    waiting.forEach(({ family, row }, i) => {
      for (const branch of family.branches) {
        const gate = gateOf(branch, row);
        if (gate === undefined || gate === closed) continue;
        const sum = branch.sum as Float32Array;
        for (let j = 0; j < width; j++) sum[row * width + j] += gate * made[i * width + j];
      }
    });
    waiting.length = 0;
    yield;
  }
  for (const family of families) {
    const rows = family.state.vectors.length / width;
    for (let row = 0; row < rows; row++) {
      const goes = family.branches.some((branch) => {
        const gate = gateOf(branch, row);
        return gate !== undefined && gate !== closed;
      });
      if (!goes) continue;
      waiting.push({ family, row });
      if (waiting.length === rowsAtOnce) yield* some();
    }
  }
  if (waiting.length > 0) yield* some();
}
