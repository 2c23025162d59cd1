import { describe, expect, it } from "vitest";
import { compress } from "../../../src/analysis/smaller/compress.js";
import { loadOnnx } from "../../../src/networks/onnx/load.js";
import { onnxRuntime } from "../../helpers/onnx-runtime.js";
import { fc } from "../../helpers/properties.js";
import { numbers } from "../../networks/mlp/small.js";
import { graphOf, integers, type NodeSpec, onnxFile, port, weight } from "../../networks/onnx/build.js";

type Weights = ReturnType<typeof weight>[];
interface Tensor {
  readonly name: string;
  readonly channels: number;
  readonly side: number;
}

/**
 * A network drawn from choices: convolutions, gates, sums with what came before, and so on, and dense layers at the
 * end.
 */
function drawn(choices: readonly (readonly [step: number, choice: number])[], dynamic: boolean): Uint8Array {
  const nodes: NodeSpec[] = [];
  const weights: Weights = [];
  const stored = (dims: number[], add = 0) => {
    const name = `w${weights.length}`;
    const length = dims.reduce((a, b) => a * b, 1);
    weights.push(
      weight(
        name,
        dims,
        numbers(length, weights.length + 1).map((x) => x + add),
      ),
    );
    return name;
  };
  const listed = (values: number[]) => {
    const name = `w${weights.length}`;
    weights.push(integers(name, [values.length], values) as unknown as Weights[number]);
    return name;
  };
  const tensors: Tensor[] = [];
  const put = (operator: string, inputs: string[], channels: number, side: number, attributes = {}): Tensor => {
    const tensor = { name: `t${nodes.length}`, channels, side };
    nodes.push([operator, inputs, [tensor.name], attributes]);
    tensors.push(tensor);
    return tensor;
  };
  let now = put("Conv", ["x", stored([4, 3, 3, 3])], 4, 6, { pads: [1, 1, 1, 1] });
  for (const [step, choice] of choices) {
    const { name, channels, side } = now;
    const earlier = tensors.filter((one) => one.side === side && one.name !== name);
    const other = earlier[choice % Math.max(1, earlier.length)];
    const alike = earlier.filter((one) => one.channels === channels)[0];
    const out = 2 + (choice % 4);
    switch (step) {
      case 0:
        now = put("Conv", [name, stored([out, channels, 3, 3]), stored([out])], out, side, { pads: [1, 1, 1, 1] });
        break;
      case 1:
        now = put("Conv", [name, stored([out, channels, 1, 1]), stored([out])], out, side);
        break;
      case 2:
        now = put("Conv", [name, stored([channels, 1, 3, 3])], channels, side, { group: channels, pads: [1, 1, 1, 1] });
        break;
      case 3: {
        const parameters = [stored([channels]), stored([channels]), stored([channels]), stored([channels], 1)];
        now = put("BatchNormalization", [name, ...parameters], channels, side);
        break;
      }
      case 4:
        now = put(["Relu", "Sigmoid", "Tanh", "LeakyRelu", "Abs"][choice % 5], [name], channels, side);
        break;
      case 5:
        now = put("Mul", [name, put("Sigmoid", [name], channels, side).name], channels, side);
        break;
      case 6:
        if (alike) now = put(choice % 2 ? "Add" : "Mul", [name, alike.name], channels, side);
        break;
      case 7:
        if (other) now = put("Concat", [other.name, name], other.channels + channels, side, { axis: 1 });
        break;
      case 8:
        now = put(choice % 2 ? "MaxPool" : "AveragePool", [name], channels, side, {
          kernel_shape: [3, 3],
          pads: [1, 1, 1, 1],
          ...(choice % 2 === 0 && { count_include_pad: choice % 4 ? 1 : 0 }),
        });
        break;
      case 9: {
        const squeezed = put("GlobalAveragePool", [name], channels, 1);
        const gate = put("Conv", [squeezed.name, stored([channels, channels, 1, 1]), stored([channels])], channels, 1);
        now = put("Mul", [name, put("Sigmoid", [gate.name], channels, 1).name], channels, side);
        break;
      }
      case 10:
        now = put("ConvTranspose", [name, stored([channels, out, 3, 3])], out, side, { pads: [1, 1, 1, 1] });
        break;
      default:
        now = put("Add", [name, stored(choice % 2 ? [channels, 1, 1] : [1])], channels, side);
    }
  }
  const width = now.channels * now.side * now.side;
  if (dynamic) {
    nodes.push(
      ["Shape", [now.name], ["sizes"]],
      ["Gather", ["sizes", listed([0])], ["rows"], { axis: 0 }],
      ["Concat", ["rows", listed([-1])], ["target"], { axis: 0 }],
      ["Reshape", [now.name, "target"], ["flat"]],
    );
  } else nodes.push(["Flatten", [now.name], ["flat"], { axis: 1 }]);
  nodes.push(
    ["MatMul", ["flat", stored([width, 5])], ["product"]],
    ["Add", ["product", stored([5])], ["dense"]],
    ["Relu", ["dense"], ["active"]],
    ["Gemm", ["active", stored([2, 5]), stored([2])], ["y"], { transB: 1, alpha: 0.5, beta: 1.5 }],
  );
  const ports = { inputs: [port("x", ["rows", 3, 6, 6])], outputs: [port("y", ["rows", 2])] };
  return onnxFile(graphOf({ nodes, weights, ...ports }), 14);
}

describe.skipIf(!onnxRuntime)("compress of drawn ONNX networks", () => {
  it("is exact or refused by name, whatever the network, the sites, the units and the constant", async () => {
    const nat = fc.nat({ max: 1000 });
    const parts = fc.record({
      choices: fc.array(fc.tuple(fc.integer({ min: 0, max: 11 }), nat), { minLength: 1, maxLength: 7 }),
      dynamic: fc.boolean(),
      sites: fc.uniqueArray(nat, { minLength: 1, maxLength: 3 }),
      picks: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      constant: fc.constantFrom(0, 0, 0.5),
    });
    const counts = { exact: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(parts, async ({ choices, dynamic, sites, picks, constant }) => {
        const network = await loadOnnx(drawn(choices, dynamic), { threads: 1 });
        const inner = network.sites.filter(({ kind }) => kind !== "input");
        const keep = Object.fromEntries(
          sites.map((number) => {
            const site = inner[number % inner.length];
            const some = Array.from({ length: site.units }, (_, unit) => unit).filter(
              (unit) => picks[(unit + number) % 12],
            );
            return [site.name, some.length > 0 ? some : [0]];
          }),
        );
        const smaller = await compress(network, keep, { lesion: { constant } }).catch((error: Error) => error);
        if (smaller instanceof Error) {
          expect(smaller.message).toMatch(/^invalid (units of|keep)/);
          counts.refused++;
          return;
        }
        for (const [name, units] of Object.entries(keep)) {
          const site = smaller.network.sites.find((one) => one.name === name);
          // Fewer where another site's lesions leave nobody that needs a channel.
          if (site) expect(site.units).toBeLessThanOrEqual(units.length);
        }
        expect(smaller.difference).toBeLessThanOrEqual(1e-5 * Math.max(1, smaller.largest));
        counts.exact++;
      }),
      { numRuns: 40, seed: 11 },
    );
    expect(counts.exact).toBeGreaterThan(10);
    expect(counts.refused).toBeGreaterThan(5);
  });
});
