import type { Steps } from "../pace.js";
import type { ExpertsConfig } from "./config.js";
import { applyFeedForward } from "./parts.js";
import type { Products } from "./products.js";
import { routeInto, routeRoom } from "./router.js";
import { copyNumbers, gatheredRows } from "./rows.js";
import { giveBack, takeArray } from "./spare-arrays.js";
import type { ExpertLesion, LayerLesions } from "./units.js";
import type { Experts } from "./weights.js";

/** What experts of a layer made of rows before, without gates: of each row as many experts as a token goes to. */
export interface ExpertMemory {
  readonly perToken: number;
  /** Which experts, `[rows, perToken]`; -1 where there is none. */
  readonly experts: Int32Array;
  /** What they made, `[rows, perToken, width]`. */
  readonly made: Float32Array;
}

/** Room for what experts make of some rows. */
export function expertMemory({ perToken }: ExpertsConfig, rows: number, width: number): ExpertMemory {
  return {
    perToken,
    experts: new Int32Array(rows * perToken).fill(-1),
    made: new Float32Array(rows * perToken * width),
  };
}

/**
 * What the experts of a layer add to some rows, `[rows, width]`. Every expert sees the rows that go to it at once; a
 * row's terms are added in the order of the experts, the shared one last.
 *
 * @param memory of passes with the same rows: what is in it is not computed again, what is not is added
 * @param places of the rows in the memory; default as they are
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
  places?: Int32Array,
): Steps<Float32Array> {
  const width = x.length / rows;
  const sum = takeArray(x.length).fill(0);
  const logits = products.multiply(x, rows, weights.router);
  const visits = visitors(logits, rows, config, lesions, lesion);
  giveBack(logits);
  for (let e = 0; e < config.count; e++) {
    const unknown: number[] = [];
    for (let i = visits.begins[e]; i < visits.begins[e + 1]; i++) {
      const row = visits.rows[i];
      const slot = memory ? slotOf(memory, places ? places[row] : row, config.perToken, e) : -1;
      if (memory && slot >= 0) addRow(sum, row * width, visits.gates[i], memory.made, slot * width, width);
      else unknown.push(i);
    }
    if (unknown.length === 0) continue;
    const own = unknown.map((i) => visits.rows[i]);
    const given = gatheredRows(x, own, width);
    const made = applyFeedForward(products, given, own.length, weights.experts[e]);
    own.forEach((row, i) => {
      addRow(sum, row * width, visits.gates[unknown[i]], made, i * width, width);
      if (!memory) return;
      const slot = freeSlot(memory, places ? places[row] : row, config.perToken, visits, row);
      memory.experts[slot] = e;
      copyNumbers(made, i * width, memory.made, slot * width, width);
    });
    giveBack(made);
    if (given !== x) giveBack(given);
    yield;
  }
  if (weights.shared && !lesions.always) {
    const gates = products.multiply(x, rows, weights.shared.gate).map((logit) => 1 / (1 + Math.exp(-logit)));
    const made = applyFeedForward(products, x, rows, weights.shared.expert);
    for (let row = 0; row < rows; row++) addRow(sum, row * width, gates[row], made, row * width, width);
    giveBack(made);
    yield;
  }
  return sum;
}

/** Which rows go to which experts. */
interface Visitors {
  /** Expert e is visited by `rows` from `begins[e]` to `begins[e + 1]`, ascending, with their `gates`. */
  readonly begins: Int32Array;
  readonly rows: Int32Array;
  readonly gates: Float32Array;
  /** The experts of each row, `[rows, perToken]`; -1 where there are fewer. */
  readonly picked: Int32Array;
}

function visitors(
  logits: Float32Array,
  rows: number,
  config: ExpertsConfig,
  { experts: lesioned }: LayerLesions,
  lesion: ExpertLesion,
): Visitors {
  const { count, perToken } = config;
  const room = routeRoom(perToken);
  const picked = new Int32Array(rows * perToken).fill(-1);
  const gates = new Float32Array(rows * perToken);
  const begins = new Int32Array(count + 1);
  for (let row = 0; row < rows; row++) {
    const left = routeInto(room, logits, row * count, config, lesioned, lesion);
    for (let i = 0; i < left; i++) {
      const at = row * perToken + i;
      picked[at] = room.experts[i];
      gates[at] = room.gates[i];
      begins[picked[at] + 1]++;
    }
  }
  for (let e = 0; e < count; e++) begins[e + 1] += begins[e];
  const next = begins.slice();
  const sorted = { rows: new Int32Array(begins[count]), gates: new Float32Array(begins[count]) };
  for (let at = 0; at < picked.length; at++) {
    if (picked[at] < 0) continue;
    const to = next[picked[at]]++;
    sorted.rows[to] = Math.floor(at / perToken);
    sorted.gates[to] = gates[at];
  }
  return { begins, ...sorted, picked };
}

/** Where a memory has what an expert made of a row; -1 where it has not. */
function slotOf({ experts }: ExpertMemory, row: number, perToken: number, e: number): number {
  for (let slot = row * perToken; slot < (row + 1) * perToken; slot++) if (experts[slot] === e) return slot;
  return -1;
}

/** A place of a row's in a memory: an empty one, or that of an expert to which the row does not go now. */
function freeSlot(
  { experts }: ExpertMemory,
  place: number,
  perToken: number,
  { picked }: Visitors,
  row: number,
): number {
  const begin = place * perToken;
  let free = begin;
  for (let slot = begin; slot < begin + perToken; slot++) {
    const e = experts[slot];
    if (e === -1) return slot;
    let wanted = false;
    for (let i = row * perToken; i < (row + 1) * perToken; i++) wanted ||= picked[i] === e;
    if (!wanted) free = slot;
  }
  return free;
}

function addRow(sum: Float32Array, to: number, gate: number, terms: Float32Array, at: number, width: number): void {
  for (let j = 0; j < width; j++) sum[to + j] += gate * terms[at + j];
}
