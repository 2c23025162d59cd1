import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { randomStream } from "../../src/coalitions/random-streams.js";
import { shapley } from "../../src/engine/shapley.js";
import { heads } from "../../src/lesion/heads.js";
import { networkGame } from "../../src/lesion/network-game.js";
import { loadOnnx } from "../../src/networks/onnx/load.js";
import { onnxRuntime } from "../helpers/onnx-runtime.js";
import { graphOf, integers, type NodeSpec, onnxFile, port, weight } from "../networks/onnx/build.js";

/** How an export writes attention down. */
type Form = "bert" | "gpt2" | "vit" | "llama" | "opt";
const forms: Form[] = ["bert", "gpt2", "vit", "llama", "opt"];

const [count, size, keyHeads] = [4, 3, 2];
const hidden = count * size;
// As many tokens as numbers in a head: no length tells the axes apart.
const tokens = size;

/** What of a layer's output projection is set to 0: a head of a layer. */
interface Silenced {
  readonly layer: number;
  readonly head: number;
}

/**
 * A transformer of attention layers with residual connections, as an exporter writes it, `[rows, tokens, hidden]` to
 * the same.
 */
function transformer(form: Form, layers: number, silenced?: Silenced, tail: NodeSpec[] = []): Uint8Array {
  const random = randomStream(7);
  const nodes: NodeSpec[] = [];
  const weights = [
    integers("split", [4], [0, 0, count, size]),
    integers("splitKeys", [4], [0, 0, keyHeads, size]),
    integers("join", [3], [0, 0, hidden]),
    integers("flat", [2], [-1, hidden]),
    integers("unflat", [3], [-1, tokens, hidden]),
    integers("repeat", [5], [1, 1, count / keyHeads, 1, 1]),
    integers("merged", [4], [-1, count, tokens, size]),
    integers("rowsAndHeads", [3], [-1, tokens, size]),
    integers("axis2", [1], [2]),
    integers("thirds", [3], [hidden, hidden, hidden]),
    weight("scale", [], [1 / Math.sqrt(size)]),
    weight(
      "mask",
      [1, 1, tokens, tokens],
      Array.from({ length: tokens ** 2 }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e4 : 0)),
    ),
    weight("zero", [], [0]),
  ];
  const matrix = (name: string, rows: number, columns: number, zeroed: (row: number) => boolean = () => false) => {
    const values = Array.from({ length: rows * columns }, () => 2 * uniformFloat64(random) - 1);
    weights.push(
      weight(
        name,
        [rows, columns],
        values.map((value, i) => (zeroed(Math.floor(i / columns)) ? 0 : value)),
      ),
    );
  };
  let x = "x";
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string) => `/layer.${layer}/${name}`;
    const add = (operator: string, inputs: string[], output: string, attributes?: Record<string, unknown>) => {
      nodes.push(attributes ? [operator, inputs, [output], attributes] : [operator, inputs, [output]]);
      return output;
    };
    const keyWidth = form === "llama" ? keyHeads * size : hidden;
    let [q, k, v] = ["q", "k", "v"].map(at);
    if (form === "gpt2") {
      matrix(at("qkv.w"), hidden, 3 * hidden);
      add("Reshape", [x, "flat"], at("flat"));
      add("MatMul", [at("flat"), at("qkv.w")], at("qkv.flat"));
      weights.push(integers(at("three"), [3], [-1, tokens, 3 * hidden]));
      add("Reshape", [at("qkv.flat"), at("three")], at("qkv"));
      nodes.push(["Split", [at("qkv"), "thirds"], [q, k, v], { axis: 2 }]);
    } else {
      for (const [name, width] of [
        ["q", hidden],
        ["k", keyWidth],
        ["v", keyWidth],
      ] as const) {
        matrix(at(`${name}.w`), hidden, width);
        add("MatMul", [x, at(`${name}.w`)], at(name));
      }
    }
    const perHead = (name: string, shape = "split") => {
      add("Reshape", [name, shape], `${name}.split`);
      return add("Transpose", [`${name}.split`], `${name}.heads`, { perm: [0, 2, 1, 3] });
    };
    q = perHead(q);
    [k, v] = [k, v].map((name) => {
      if (form !== "llama") return perHead(name);
      const few = perHead(name, "splitKeys");
      add("Unsqueeze", [few, "axis2"], `${name}.five`);
      add("Tile", [`${name}.five`, "repeat"], `${name}.tiled`);
      return add("Reshape", [`${name}.tiled`, "merged"], `${name}.repeated`);
    });
    let swap = [0, 1, 3, 2];
    if (form === "opt") {
      [q, k, v] = [q, k, v].map((name) => add("Reshape", [name, "rowsAndHeads"], `${name}.bmm`));
      swap = [0, 2, 1];
    }
    add("Transpose", [k], at("k.t"), { perm: swap });
    add("MatMul", [q, at("k.t")], at("raw"));
    let scores = add("Mul", [at("raw"), "scale"], at("scores"));
    if (form === "gpt2" || form === "llama") scores = add("Add", [scores, "mask"], at("masked"));
    let probabilities = add("Softmax", [scores], at("softmax"), { axis: form === "opt" ? 2 : 3 });
    if (form === "vit") {
      // scaled_dot_product_attention: rows without a token are guarded.
      add("IsNaN", [probabilities], at("nan"));
      probabilities = add("Where", [at("nan"), "zero", probabilities], at("guarded"));
    }
    if (form === "bert") probabilities = add("Identity", [probabilities], at("dropout"));
    let context = add("MatMul", [probabilities, v], at("context"));
    if (form === "opt") context = add("Reshape", [context, "merged"], at("context.heads"));
    add("Transpose", [context], at("context.t"), { perm: [0, 2, 1, 3] });
    add("Reshape", [at("context.t"), "join"], at("joined"));
    const isSilenced = (row: number) => silenced?.layer === layer && Math.floor(row / size) === silenced.head;
    matrix(at("o.w"), hidden, hidden, isSilenced);
    if (form === "gpt2") {
      add("Reshape", [at("joined"), "flat"], at("joined.flat"));
      add("MatMul", [at("joined.flat"), at("o.w")], at("o.flat"));
      add("Reshape", [at("o.flat"), "unflat"], at("o"));
    } else add("MatMul", [at("joined"), at("o.w")], at("o"));
    x = add("Add", [x, at("o")], layer === layers - 1 && tail.length === 0 ? "y" : at("out"));
  }
  return onnxFile(
    graphOf({
      nodes: [...nodes, ...tail],
      weights,
      inputs: [port("x", ["rows", tokens, hidden])],
      outputs: [port("y", ["rows", tokens, hidden])],
    }),
  );
}

function inputsOf(rows: number): Float32Array {
  const random = randomStream(3);
  return Float32Array.from({ length: rows * tokens * hidden }, () => 2 * uniformFloat64(random) - 1);
}

describe.skipIf(!onnxRuntime)("heads", () => {
  it.each(forms)(
    "of a graph like %s's are found, and lesioning one is as if its part of the projection were 0",
    async (form) => {
      const network = await loadOnnx(transformer(form, 2));
      const found = heads(network);
      expect(found.sites).toEqual({ layer0: "/layer.0/joined", layer1: "/layer.1/joined" });
      const names = [0, 1].flatMap((layer) => [0, 1, 2, 3].map((head) => `layer${layer}/head${head}`));
      expect(Object.keys(found.groups)).toEqual(names);
      const x = inputsOf(2);
      const game = await networkGame(network, x, { ...found, onRemark() {} });
      expect(game.units).toEqual(names);
      for (const [layer, head] of [
        [0, 0],
        [0, 3],
        [1, 1],
      ]) {
        const unit = layer * count + head;
        const lesioned = await game.evaluate(
          coalitionsOf(names.length, [names.map((_, u) => u).filter((u) => u !== unit)]),
        );
        const silent = await loadOnnx(transformer(form, 2, { layer, head }));
        const other = await networkGame(silent, x, { ...heads(silent), onRemark() {} });
        const expected = await other.evaluate(coalitionsOf(names.length, [names.map((_, u) => u)]));
        const scale = Math.max(...Array.from(expected, Math.abs));
        lesioned.forEach((value, i) => {
          expect(Math.abs(value - expected[i])).toBeLessThan(1e-5 * scale);
        });
        other.dispose();
      }
      game.dispose();
    },
  );

  it("of some layers alone are played, and add up", async () => {
    const network = await loadOnnx(transformer("bert", 3));
    const game = await networkGame(network, inputsOf(1), {
      ...heads(network, { layers: [2, 0] }),
      score: "mean-output",
    });
    expect(game.units.map((name) => name.split("/")[0])).toEqual([
      ...Array(4).fill("layer2"),
      ...Array(4).fill("layer0"),
    ]);
    const modes = await shapley(game, { orderings: 4 });
    expect(modes.efficiencyGap).toBeLessThan(1e-5);
    for (const layers of [[3], [0, 0], [-1], [0.5]]) {
      expect(() => heads(network, { layers })).toThrow("different numbers from 0 to 2");
    }
    expect(() => heads(network, { layers: [] })).toThrow(TypeError);
    game.dispose();
  });

  it("are not guessed: what is not recognised is refused, with the tensors that may hold heads", async () => {
    const odd = transformer("bert", 1, undefined, [
      ["Softmax", ["/layer.0/scores"], ["again"], { axis: 3 }],
      ["MatMul", ["again", "/layer.0/v.heads"], ["odd"]],
      ["Relu", ["odd"], ["positive"]],
      ["Transpose", ["positive"], ["odd.t"], { perm: [0, 2, 1, 3] }],
      ["Reshape", ["odd.t", "join"], ["odd.joined"]],
      ["Add", ["/layer.0/out", "odd.joined"], ["y"]],
    ]);
    const network = await loadOnnx(odd);
    expect(() => heads(network)).toThrow(
      "expected attention in all layers (it is in 1) whose heads are laid side by side; unclear: odd [4, 3, 3]",
    );
    const plain = onnxFile(
      graphOf({
        nodes: [
          ["Relu", ["x"], ["r"]],
          ["Softmax", ["r"], ["y"], { axis: 3 }],
        ],
        inputs: [port("x", ["rows", 2, 3, 4])],
        outputs: [port("y", ["rows", 2, 3, 4])],
      }),
    );
    const other = await loadOnnx(plain);
    expect(() => heads(other)).toThrow(
      /tensors that may hold heads: input \[2, 3, 4\], r \[2, 3, 4\].*say sites and groups/,
    );
    expect(() => heads({} as never)).toThrow(TypeError);
  });

  it("stand along the last axis: where the user has said another, it is refused", async () => {
    const network = await loadOnnx(transformer("bert", 1), { axes: { "/layer.0/joined": 0 } });
    expect(() => heads(network)).toThrow("invalid axis of /layer.0/joined; expected 1, along which its 4 heads stand");
  });
});
