import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs";
import { invalid } from "../../errors.js";
import type { Tensorflow } from "../../tensors/backend.js";
import type { TfGraph, TfInput } from "./graph.js";

/** What a layer has that its type does not say. */
type Layer = LayersModel["layers"][number] & {
  activation?: Activation;
  dataFormat?: string;
  maskZero?: boolean;
  inputs?: SymbolicTensor[];
  outputs?: SymbolicTensor[];
  layers?: Layer[];
};
interface Activation {
  apply(x: Tensor): Tensor;
  getClassName(): string;
}

interface Step {
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly channelsFirst: boolean;
  compute(inputs: readonly Tensor[]): Tensor;
}

/** Layers whose activation is the last thing they do. */
const activated = /^(Dense|Conv[123]D|Conv[23]DTranspose|DepthwiseConv2D|SeparableConv2D)$/;

/**
 * A LayersModel as tensors: a layer's output has the layer's name (`name@1` for its second use, `name:1` for its second
 * output), what an activation is applied to has the name `layer:before`. Layers of a model inside the model have the inner
 * model's name in front: `inner/layer`.
 *
 * @throws RangeError for a model with a layer that masks time steps
 */
export function layersGraph(tf: Tensorflow, model: LayersModel): TfGraph {
  const linear = (tf.layers.activation({ activation: "linear" }) as unknown as { activation: Activation }).activation;
  const steps = new Map<string, Step>();

  function nameOf(symbol: SymbolicTensor, prefix: string): string {
    const use = symbol.nodeIndex > 0 ? `@${symbol.nodeIndex}` : "";
    const output = symbol.outputTensorIndex ? `:${symbol.outputTensorIndex}` : "";
    return `${prefix}${symbol.sourceLayer.name}${use}${output}`;
  }

  /** Adds a tensor and all that it is computed from; `bound` are the inputs of an inner model, by what is fed to them. */
  function add(symbol: SymbolicTensor, prefix: string, bound: Map<number, string>): string {
    const known = bound.get(symbol.id);
    if (known !== undefined) return known;
    const layer = symbol.sourceLayer as Layer;
    const kind = layer.getClassName();
    if (kind === "Masking" || layer.maskZero) {
      throw invalid("network", "one whose layers do not mask time steps", `${kind} ${layer.name}`);
    }
    const inputs = symbol.inputs.map((input) => add(input, prefix, bound));
    const name = nameOf(symbol, prefix);
    bound.set(symbol.id, name);
    if (layer.layers && layer.inputs && layer.outputs) {
      const inner = new Map(layer.inputs.map((input, i) => [input.id, inputs[i]]));
      const result = add(layer.outputs[symbol.outputTensorIndex ?? 0], `${name}/`, inner);
      bound.set(symbol.id, result);
      return result;
    }
    const channelsFirst = layer.dataFormat === "channelsFirst";
    const activation = activated.test(kind) ? layer.activation : undefined;
    const run = (values: readonly Tensor[]) => {
      const result = layer.apply(values.length === 1 ? values[0] : [...values], {
        ...symbol.callArgs,
        training: false,
      });
      return (Array.isArray(result) ? result[symbol.outputTensorIndex ?? 0] : result) as Tensor;
    };
    if (activation && activation.getClassName() !== "linear") {
      const before = `${name}:before`;
      const compute = (values: readonly Tensor[]) => {
        layer.activation = linear;
        try {
          return run(values);
        } finally {
          layer.activation = activation;
        }
      };
      steps.set(before, { kind, inputs, channelsFirst, compute });
      const kindAfter = activation.getClassName();
      steps.set(name, { kind: kindAfter, inputs: [before], channelsFirst, compute: ([x]) => activation.apply(x) });
    } else steps.set(name, { kind, inputs, channelsFirst, compute: run });
    return name;
  }

  const bound = new Map<number, string>();
  const inputs = model.inputs.map((symbol): TfInput => {
    const tensor = nameOf(symbol, "");
    bound.set(symbol.id, tensor);
    steps.set(tensor, { kind: "input", inputs: [], channelsFirst: false, compute: () => fail(tensor) });
    return { name: tensor, tensor, dtype: symbol.dtype === "int32" ? "int32" : "float32", shape: symbol.shape };
  });
  const outputs = model.outputs.map((symbol) => ({ name: symbol.sourceLayer.name, tensor: add(symbol, "", bound) }));
  const step = (name: string) => steps.get(name) ?? fail(name);

  return {
    inputs,
    outputs,
    order: [...steps.keys()],
    inputsOf: (name) => step(name).inputs,
    kindOf: (name) => step(name).kind,
    axisOf: (name, rank) => (step(name).channelsFirst ? 0 : rank - 1),
    compute: (name, values) => step(name).compute(values),
  };
}

function fail(name: string): never {
  throw new Error(`the model has no value for ${name}`);
}
