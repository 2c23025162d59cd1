import { GameError, invalid } from "../errors.js";
import { rowsBetween } from "../networks/input-rows.js";
import type { InputRows, LesionedPass, Network, PreparedNetwork, Site } from "../networks/network.js";
import type { Players } from "./unit-groups.js";

/** Writes, for the members of a coalition, which units of each site are intact: `[units]` for each site. */
export type MaskWriter = (isMember: (player: number) => boolean) => readonly Uint8Array[];

/** A writer of masks whose arrays are used again at every call. */
export function maskWriter({ members }: Players, sites: readonly Site[]): MaskWriter {
  const masks = sites.map((site) => new Uint8Array(site.units).fill(1));
  return (isMember) => {
    members.forEach((units, player) => {
      const intact = isMember(player) ? 1 : 0;
      for (const { site, unit } of units) masks[site][unit] = intact;
    });
    return masks;
  };
}

/** Passes of coalitions x inputs through a network. */
export interface Passes {
  /** The output for all inputs with all units intact. */
  intactOutput(): Promise<Float32Array>;
  /**
   * Evaluates coalitions, and hands over each one's whole output `[inputs, ...output]`, in order. The array is used
   * again.
   */
  evaluate(
    coalitions: number,
    isMember: (coalition: number, player: number) => boolean,
    pace: () => Promise<void> | undefined,
    done: (coalition: number, output: Float32Array) => void,
  ): Promise<void>;
}

/**
 * Sends coalitions x inputs through a network, at most `rowsAtOnce` rows in a pass: several coalitions with all inputs
 * each, or where one has more inputs than that, one in parts.
 */
export function passes(
  prepared: PreparedNetwork,
  inputs: number,
  outputs: number,
  rowsAtOnce: number,
  write: MaskWriter,
): Passes {
  async function evaluate(
    coalitions: number,
    isMember: (coalition: number, player: number) => boolean,
    pace: () => Promise<void> | undefined,
    done: (coalition: number, output: Float32Array) => void,
  ): Promise<void> {
    const together = Math.max(1, Math.floor(rowsAtOnce / inputs));
    const whole = new Float32Array(inputs * outputs);
    for (let first = 0; first < coalitions; first += together) {
      const count = Math.min(together, coalitions - first);
      const intact = masksOf(first, count, isMember);
      // One coalition at a time goes through in parts, where its inputs are too many for a pass.
      for (let from = 0; from < inputs; from += rowsAtOnce) {
        const to = Math.min(from + rowsAtOnce, inputs);
        const values = await run(prepared, { coalitions: count, from, to, intact }, outputs);
        const size = (to - from) * outputs;
        for (let c = 0; c < count; c++) {
          whole.set(values.subarray(c * size, (c + 1) * size), from * outputs);
          if (to === inputs) done(first + c, whole);
        }
        await pace();
      }
    }
  }

  function masksOf(first: number, count: number, isMember: (c: number, player: number) => boolean): Uint8Array[] {
    const masks: Uint8Array[] = [];
    for (let c = 0; c < count; c++) {
      write((player) => isMember(first + c, player)).forEach((mask, s) => {
        masks[s] ??= new Uint8Array(count * mask.length);
        masks[s].set(mask, c * mask.length);
      });
    }
    return masks;
  }

  return {
    evaluate,
    async intactOutput() {
      let output = new Float32Array(0);
      const keep = (_: number, whole: Float32Array) => {
        output = whole.slice();
      };
      await evaluate(
        1,
        () => true,
        () => undefined,
        keep,
      );
      return output;
    },
  };
}

/** Whether an error of a backend says that memory ran out: each has words of its own. */
export function isOutOfMemory(error: unknown): error is Error {
  return error instanceof Error && /alloc|out of memory|memory access|\bOOM\b/i.test(error.message);
}

async function run(prepared: PreparedNetwork, pass: LesionedPass, outputs: number): Promise<Float32Array> {
  const rows = pass.coalitions * (pass.to - pass.from);
  let values: Float32Array;
  try {
    values = await prepared.run(pass);
  } catch (cause) {
    if (!isOutOfMemory(cause)) throw cause;
    const half = rows >> 1;
    const bytes = prepared.bytes(Math.max(1, half));
    const megabytes = Math.max(1, Math.floor(bytes / 2 ** 20));
    const fits =
      half === 0 ? `one row takes ${bytes} bytes` : `memory: ${bytes} (${megabytes} MB) makes passes of ${half}`;
    throw new GameError(`out of memory in a pass of ${rows} row${rows === 1 ? "" : "s"}; ${fits} (${cause.message})`, {
      cause,
    });
  }
  if (values.length !== rows * outputs) {
    throw invalid("network", `one whose output has ${outputs} numbers for each row of a pass`, values.length / rows);
  }
  return values;
}

/** Backends that compute the same pass to the same bits. */
const sameBits = /^(wasm|cpu|onnxruntime-node \(cpu\))$/;

/**
 * Checks that equal inputs give equal outputs, from two passes of the intact network that share nothing: to the bit
 * where the backend computes so, else to 1e-5 of the largest number.
 *
 * @param backend what computes, as the network says
 * @throws RangeError where they do not
 */
export function checkRepeats(first: Float32Array, second: Float32Array, backend: string): void {
  let largest = 0;
  let difference = 0;
  first.forEach((value, o) => {
    if (Object.is(value, second[o])) return;
    const apart = Math.abs(value - second[o]);
    difference = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(difference, apart);
    largest = Math.max(largest, Math.abs(value));
  });
  if (difference <= (sameBits.test(backend) ? 0 : 1e-5 * largest)) return;
  const rule =
    "one that gives the same output for the same input whenever it is asked, intact; it draws random numbers, or keeps a state";
  throw invalid("network", rule, `outputs that differ by ${difference}`);
}

/** What tells that rows change each other, so that they have to go through one at a time. */
export class RowsMix extends Error {}

/**
 * Checks that some inputs have the outputs that they have when they go through alone: rounding may differ with the
 * number of rows, by up to 1e-4 of the largest number on a processor, 1e-3 on a graphics card, and 1e-5 where the file
 * was written for one row.
 *
 * @throws RowsMix where they have others
 */
export function checkAlone(together: Float32Array, alone: Float32Array, { backend, opened }: Network): void {
  let [largest, difference] = [0, 0];
  together.forEach((shared, o) => {
    const value = alone[o];
    if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    if (Object.is(value, shared)) return;
    const apart = Math.abs(value - shared);
    difference = Math.max(difference, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
  });
  const rounding = opened ? 1e-5 : sameBits.test(backend) ? 1e-4 : 1e-3;
  if (difference > rounding * largest) throw new RowsMix(`${difference} of ${largest}`);
}

/** Most inputs of the pass of {@link checkRowsApart}, and most of its rows that go through alone as well. */
const [mostTogether, mostAlone] = [4096, 8];

/**
 * Checks that an input's output does not depend on the rows that it shares a pass with: a pass of all inputs that fit
 * under coalitions that have all units, none, and every other one, and some of its rows, from the first to the last,
 * alone.
 *
 * @param inputs how many the game has
 * @param outputs numbers of the output for one row
 * @throws RowsMix where it does; what a network that was opened throws, where it does not take as many
 */
export async function checkRowsApart(
  network: Network,
  prepared: PreparedNetwork,
  sites: readonly Site[],
  inputs: number,
  rowsAtOnce: number,
  outputs: number,
): Promise<void> {
  const isIntact = [() => 1, () => 0, (unit: number) => unit % 2];
  const to = Math.min(inputs, rowsAtOnce, mostTogether);
  const coalitions = Math.min(isIntact.length, Math.floor(rowsAtOnce / to));
  const rows = coalitions * to;
  const mask = (units: number, c: number) => Uint8Array.from({ length: units }, (_, unit) => isIntact[c](unit));
  const masks = sites.map(({ units }) => {
    const all = new Uint8Array(coalitions * units);
    for (let c = 0; c < coalitions; c++) all.set(mask(units, c), c * units);
    return all;
  });
  const together = await run(prepared, { coalitions, from: 0, to, intact: masks }, outputs);
  const count = Math.min(rows, mostAlone);
  const [shared, alone] = [new Float32Array(count * outputs), new Float32Array(count * outputs)];
  for (let k = 0; k < count; k++) {
    const row = count === 1 ? 0 : Math.round((k * (rows - 1)) / (count - 1));
    const from = row % to;
    const intact = sites.map(({ units }) => mask(units, Math.floor(row / to)));
    alone.set(await run(prepared, { coalitions: 1, from, to: from + 1, intact }, outputs), k * outputs);
    shared.set(together.subarray(row * outputs, (row + 1) * outputs), k * outputs);
  }
  // All at once: next to the other rows, what a lesion leaves may be nothing but rounding.
  checkAlone(shared, alone, network);
}

/**
 * Checks that what some rows hold at some sites does not depend on the others.
 *
 * @param values of all rows together, for each site `[rows, ...site.shape]`
 * @throws RowsMix where it does
 */
export async function checkActivationsApart(
  network: Network,
  rows: InputRows,
  sites: readonly Site[],
  values: readonly Float32Array[],
): Promise<void> {
  if (rows.count === 1 || network.mostRows === 1 || network.opened) return;
  for (const row of [0, rows.count - 1]) {
    const alone = await network.activations(rowsBetween(rows, row, row + 1), sites);
    alone.forEach((value, s) => {
      checkAlone(values[s].subarray(row * value.length, (row + 1) * value.length), value, network);
    });
  }
}
