import { GameError, invalid } from "../errors.js";
import type { LesionedPass, PreparedNetwork, Site } from "../networks/network.js";
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
  /** Evaluates coalitions, and hands over each one's whole output `[inputs, ...output]`, in order. The array is used again. */
  evaluate(
    coalitions: number,
    isMember: (coalition: number, player: number) => boolean,
    pace: () => Promise<void> | undefined,
    done: (coalition: number, output: Float32Array) => void,
  ): Promise<void>;
}

/**
 * Sends coalitions x inputs through a network, at most `rowsAtOnce` rows in a pass: several coalitions with all inputs each, or
 * where one has more inputs than that, one in parts.
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
 * Checks that equal inputs give equal outputs, from two passes of the intact network that share nothing: to the bit where the backend
 * computes so, else to 1e-5 of the largest number.
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

/**
 * How much an input's output depends on the rows that it shares a pass with: some inputs under some coalitions (all intact, none, every
 * other unit), together and each alone.
 *
 * @param inputs how many the game has
 * @returns the largest difference, as a share of the largest number
 */
export async function rowsMix(
  prepared: PreparedNetwork,
  sites: readonly Site[],
  inputs: number,
  rowsAtOnce: number,
  most: { readonly inputs: number; readonly coalitions: number },
): Promise<number> {
  const to = Math.min(most.inputs, inputs, rowsAtOnce);
  const coalitions = Math.min(most.coalitions, Math.floor(rowsAtOnce / to));
  const isIntact = [() => 1, () => 0, (unit: number) => unit % 2];
  const mask = (units: number, c: number) => Uint8Array.from({ length: units }, (_, unit) => isIntact[c](unit));
  const all = sites.map(({ units }) =>
    Uint8Array.from(Array.from({ length: coalitions }, (_, c) => [...mask(units, c)]).flat()),
  );
  const together = await prepared.run({ coalitions, from: 0, to, intact: all });
  const outputs = together.length / (coalitions * to);
  let [largest, difference] = [0, 0];
  for (let row = 0; row < coalitions * to; row++) {
    const [c, from] = [Math.floor(row / to), row % to];
    const intact = sites.map(({ units }) => mask(units, c));
    const alone = await prepared.run({ coalitions: 1, from, to: from + 1, intact });
    alone.forEach((value, o) => {
      const shared = together[row * outputs + o];
      if (Object.is(value, shared)) return;
      const apart = Math.abs(value - shared);
      largest = Math.max(largest, Math.abs(value));
      difference = Math.max(difference, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
    });
  }
  return difference === 0 ? 0 : difference / largest;
}

/**
 * Checks that an input's output does not depend on the rows that it shares a pass with. Rounding may differ with the number of
 * rows, by far less than the thousandth that is allowed.
 *
 * @throws RangeError where it does
 */
export async function checkRowsApart(
  prepared: PreparedNetwork,
  sites: readonly Site[],
  inputs: number,
  rowsAtOnce: number,
): Promise<void> {
  const mixed = await rowsMix(prepared, sites, inputs, rowsAtOnce, { inputs: 2, coalitions: 2 });
  if (mixed > 1e-3) {
    throw invalid("network", "one in which an input's output does not depend on the other rows of the batch", mixed);
  }
}
