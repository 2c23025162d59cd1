import { describe, expect, it } from "vitest";
import {
  gameFrom,
  type InputRows,
  type LesionedPass,
  type Network,
  networkGame,
  type Port,
  type PreparedNetwork,
  type Site,
  type SiteLesion,
  shapley,
  sites,
} from "../../src/index.js";

const hidden: Site = { name: "hidden", kind: "product", shape: [3], axis: 0, units: 3 };
const input: Port = { name: "input", shape: [3] };
const output: Port = { name: "output", shape: [2] };

/** Hidden units 2x; outputs: their sum, and the product of the first two. */
function outputsOf(units: ArrayLike<number>): [number, number] {
  return [units[0] + units[1] + units[2], units[0] * units[1]];
}

/** A network of somebody else's: nothing of this package computes it. */
function ownNetwork(): Network {
  const network: Network = {
    kind: "sums and products",
    backend: "plain JavaScript",
    sha256: undefined,
    inputs: [input],
    outputs: [output],
    sites: [hidden],
    mostRows: undefined,
    hidden: new Map(),
    rowByRow: () => ({ ...network, mostRows: 1 }),
    activations: async (rows) => [hiddenOf(rows)],
    async prepare(rows: InputRows, [lesion]: readonly SiteLesion[]): Promise<PreparedNetwork> {
      const values = hiddenOf(rows);
      return {
        bytes: (count) => 20 * count,
        anew: async () => {},
        dispose() {},
        async run({ coalitions, from, to, intact, replacements }: LesionedPass) {
          const replacement = replacements?.[0] ?? lesion.replacement;
          const result = new Float32Array(coalitions * (to - from) * 2);
          for (let c = 0, at = 0; c < coalitions; c++) {
            for (let row = from; row < to; row++, at += 2) {
              const units = [0, 1, 2].map((unit) =>
                intact[0][3 * c + unit] === 1
                  ? values[3 * row + unit]
                  : replacement[replacement.length === 3 ? unit : 3 * row + unit],
              );
              result.set(outputsOf(units), at);
            }
          }
          return result;
        },
      };
    },
  };
  return network;
}

function hiddenOf({ data: [x] }: InputRows): Float32Array {
  return Float32Array.from(x as Float32Array, (value) => 2 * value);
}

const inputs = Float32Array.of(1, 2, 3, -1, 0.5, 4);
const mean = [0, 2.5, 7];

describe("a network of one's own", () => {
  it("lists its sites", () => {
    expect(sites(ownNetwork())).toEqual([{ name: "hidden", kind: "product", shape: [3], units: 3, rows: "any" }]);
  });

  it.each([
    ["zero", () => [0, 0, 0]],
    ["mean", () => mean],
    [{ constant: 5 }, () => [5, 5, 5]],
    [{ activation: Float32Array.of(1, 1, 1) }, () => [2, 2, 2]],
  ] as const)("its modes under the lesion %o are those of the same function", async (lesion, replacement) => {
    const game = await networkGame(ownNetwork(), inputs, { sites: ["hidden"], lesion });
    const same = await gameFrom(3, (intact) =>
      [0, 1].map((row) =>
        outputsOf([0, 1, 2].map((u) => (intact.has(u) ? 2 * inputs[3 * row + u] : replacement()[u]))),
      ),
    );
    const [modes, expected] = [
      await shapley(game, { estimator: "exact" }),
      await shapley(same, { estimator: "exact" }),
    ];
    expect(modes.units).toEqual(["hidden/0", "hidden/1", "hidden/2"]);
    expect(modes.outputShape).toEqual([2, 2]);
    modes.values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.values[i], 5);
    });
  });

  it("is played with a background, groups and a score, in passes as small as the memory says", async () => {
    const background = Float32Array.of(0, 0, 0, 1, 1, 1);
    const options = {
      sites: ["hidden"],
      groups: { first: ["hidden/0", "hidden/1"], last: ["hidden/2"] },
      lesion: { background },
      score: "output:1",
    } as const;
    const whole = await shapley(await networkGame(ownNetwork(), inputs, options), { estimator: "exact" });
    const small = await shapley(await networkGame(ownNetwork(), inputs, { ...options, memory: 60 }), {
      estimator: "exact",
    });
    expect(small.values).toEqual(whole.values);
    // v(all) - v(none) of the product: 8 and -2, less the mean of 0 and 4.
    expect(Array.from(whole.unit("first").values)).toEqual([8 - 2, -2 - 2]);
    expect(Array.from(whole.unit("last").values)).toEqual([0, 0]);
  });

  it("stays in its thread, and a remark says so", async () => {
    const remarks: string[] = [];
    const game = await networkGame(ownNetwork(), inputs, { sites: ["hidden"] });
    await shapley(game, { estimator: "exact", workers: 2, onRemark: (remark) => remarks.push(remark) });
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(/^one worker is used/);
  });

  it("that gives other numbers for equal passes is refused", async () => {
    let pass = 0;
    const network = ownNetwork();
    const restless: Network = {
      ...network,
      rowByRow: () => ({ ...restless, mostRows: 1 }),
      async prepare(...given) {
        const prepared = await network.prepare(...given);
        return { ...prepared, run: async (one) => (await prepared.run(one)).map((value) => value + pass++) };
      },
    };
    await expect(networkGame(restless, inputs, { sites: ["hidden"] })).rejects.toThrow(
      /draws random numbers, or keeps a state/,
    );
  });
});
