import { invalid } from "../errors.js";
import type { PreparedNetwork, Site } from "../networks/network.js";
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
 * Sends coalitions x inputs through a network, `rowsAtOnce` rows in a pass; a pass may begin and end in the middle of a
 * coalition's inputs.
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
    const whole = new Float32Array(inputs * outputs);
    const total = coalitions * inputs;
    for (let from = 0; from < total; from += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, total - from);
      const chosen = Int32Array.from({ length: count }, (_, row) => (from + row) % inputs);
      const intact: Uint8Array[] = [];
      for (let row = 0; row < count; ) {
        const c = Math.floor((from + row) / inputs);
        const end = Math.min(count, (c + 1) * inputs - from);
        write((player) => isMember(c, player)).forEach((mask, s) => {
          intact[s] ??= new Uint8Array(count * mask.length);
          for (let r = row; r < end; r++) intact[s].set(mask, r * mask.length);
        });
        row = end;
      }
      const values = await run(prepared, chosen, intact, outputs);
      for (let row = 0; row < count; row++) {
        whole.set(values.subarray(row * outputs, (row + 1) * outputs), chosen[row] * outputs);
        if (chosen[row] === inputs - 1) done((from + row - (inputs - 1)) / inputs, whole);
      }
      await pace();
    }
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

async function run(prepared: PreparedNetwork, inputs: Int32Array, intact: Uint8Array[], outputs: number) {
  let values: Float32Array;
  try {
    values = await prepared.run({ inputs, intact });
  } catch (cause) {
    const problem = (cause as Error).message;
    if (!/alloc|out of memory|memory access|bad_alloc/i.test(problem)) throw cause;
    const half = Math.max(1, inputs.length >> 1);
    const fits = `memory: ${prepared.bytes(half)} makes passes of ${half}`;
    throw new Error(`out of memory in a pass of ${inputs.length} rows; ${fits} (${problem})`, { cause });
  }
  if (values.length !== inputs.length * outputs) {
    const rule = `one whose output has ${outputs} numbers for each row of a pass`;
    throw invalid("network", rule, values.length / inputs.length);
  }
  return values;
}

/**
 * Checks that an input's output does not depend on the rows it shares a pass with: the first input intact, beside itself
 * lesioned, must come out as it does alone.
 *
 * @throws RangeError where it does not
 */
export async function checkRowsApart(prepared: PreparedNetwork, sites: readonly Site[]): Promise<void> {
  const intact = sites.map((site) => new Uint8Array(site.units).fill(1));
  const besides = sites.map((site) => new Uint8Array(2 * site.units).fill(1, 0, site.units));
  const alone = await prepared.run({ inputs: Int32Array.of(0), intact });
  const shared = await prepared.run({ inputs: Int32Array.of(0, 0), intact: besides });
  let largest = 0;
  let difference = 0;
  alone.forEach((value, o) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - shared[o]));
  });
  // Rounding may differ with the number of rows, by far less than this.
  if (difference > 1e-3 * largest) {
    throw invalid(
      "network",
      "one in which an input's output does not depend on the other rows of the batch",
      difference,
    );
  }
}
