import { invalid } from "../../errors.js";
import type { Tensorflow } from "../../tensors/backend.js";
import type { LayersModel, SymbolicTensor, Tensor } from "../../tensors/tensorflow.js";
import type { TfGraph, TfInput } from "./graph.js";
import { type Activation, type Layer, withFreshState, withInner } from "./inner-layers.js";
import { outputsOf, type TensorNames, tensorNames } from "./layer-names.js";

interface Step {
  readonly kind: string;
  readonly inputs: readonly string[];
  readonly channelsFirst: boolean;
  /** The tensors that are computed together, in order. */
  readonly tensors: readonly string[];
  compute(inputs: readonly Tensor[]): readonly Tensor[];
}

/** Layers whose activation is the last thing they do. */
const activated = /^(Dense|Conv[123]D|Conv[23]DTranspose|DepthwiseConv2D|SeparableConv2D)$/;

/** Layers that draw random numbers in every call: TensorFlow.js leaves out that they do so in training only. */
const random = /^Random/;

/**
 * A LayersModel as tensors: a layer's output has the layer's name (of a layer that is used several times `name@0`,
 * `name@1`, of one with several outputs `name:0`, `name:1`), what an activation is applied to has the name
 * `layer:before`. Layers of a model inside the model have the inner model's name in front: `inner/layer`. Without
 * training behaviour: no dropout, no noise; recurrent layers begin every row with zeros, also where they are stateful.
 *
 * @throws RangeError for a model with a layer that masks time steps, an input of text, or two tensors of one name
 */
export function layersGraph(tf: Tensorflow, model: LayersModel): TfGraph {
  const linear = (tf.layers.activation({ activation: "linear" }) as unknown as { activation: Activation }).activation;
  const steps = new Map<string, Step>();
  const ambiguous = new Map<string, readonly string[]>();
  const drawing = new Map<string, string>();

  function namesIn(container: Pick<LayersModel, "inputs" | "outputs">, prefix: string): TensorNames {
    const names = tensorNames(container, prefix);
    for (const [name, tensors] of names.ambiguous) ambiguous.set(name, tensors);
    return names;
  }
  function addStep(step: Step): void {
    for (const tensor of step.tensors) {
      if (steps.has(tensor)) throw invalid("network", "one in which no two tensors have the same name", tensor);
      steps.set(tensor, step);
    }
  }

  /** Adds a tensor and all that it is computed from; `bound` are the tensors that are known, by their symbols. */
  function add(symbol: SymbolicTensor, names: TensorNames, bound: Map<number, string>): string {
    const known = bound.get(symbol.id);
    if (known !== undefined) return known;
    const layer = symbol.sourceLayer as Layer;
    const inputs = symbol.inputs.map((input) => add(input, names, bound));
    const outputs = outputsOf(layer, symbol.nodeIndex);
    if (layer.layers && layer.inputs && layer.outputs) {
      const container = layer as Layer & Pick<LayersModel, "inputs" | "outputs">;
      const prefix = `${names.of(outputs[0]).replace(/:0$/, "")}/`;
      const inner = new Map(container.inputs.map((input, i) => [input.id, inputs[i]]));
      const inside = namesIn(container, prefix);
      container.outputs.forEach((output, o) => bound.set(outputs[o].id, add(output, inside, inner)));
    } else {
      const tensors = outputs.map((output) => names.of(output));
      outputs.forEach((output, o) => bound.set(output.id, tensors[o]));
      addLayer(layer, symbol, inputs, tensors);
    }
    return bound.get(symbol.id) as string;
  }

  function addLayer(layer: Layer, symbol: SymbolicTensor, inputs: readonly string[], tensors: readonly string[]): void {
    const kind = layer.getClassName();
    for (const inner of withInner(layer)) {
      const innerKind = inner.getClassName();
      if (innerKind === "Masking" || inner.maskZero) {
        throw invalid("network", "one whose layers do not mask time steps", `${innerKind} ${inner.name}`);
      }
      if (random.test(innerKind)) for (const tensor of tensors) drawing.set(tensor, `${innerKind} ${inner.name}`);
    }
    checkAxis(layer, symbol);
    const channelsFirst = layer.dataFormat === "channelsFirst";
    const activation = activated.test(kind) ? layer.activation : undefined;
    // The states that recurrent layers begin with are inputs as well, behind the first.
    const { initialState, mask, ...callArgs } = (symbol.callArgs ?? {}) as Record<string, unknown>;
    if (mask !== undefined && mask !== null) {
      throw invalid("network", "one whose layers do not mask time steps", `${kind} ${layer.name}`);
    }
    const run = (values: readonly Tensor[]) => {
      const fed = values.length === 1 ? values[0] : [...values];
      const result = withFreshState(layer, () => layer.apply(fed, { ...callArgs, training: false }));
      return (Array.isArray(result) ? result : [result]) as Tensor[];
    };
    if (activation && activation.getClassName() !== "linear") {
      const [name] = tensors;
      const before = `${name}:before`;
      const compute = (values: readonly Tensor[]) => {
        layer.activation = linear;
        try {
          return run(values);
        } finally {
          layer.activation = activation;
        }
      };
      addStep({ kind, inputs, channelsFirst, tensors: [before], compute });
      const kindAfter = activation.getClassName();
      const after = ([x]: readonly Tensor[]) => [activation.apply(x) as Tensor];
      addStep({ kind: kindAfter, inputs: [before], channelsFirst, tensors, compute: after });
    } else addStep({ kind, inputs, channelsFirst, tensors, compute: run });
  }

  const names = namesIn(model, "");
  const bound = new Map<number, string>();
  const inputs = model.inputs.map((symbol): TfInput => {
    const tensor = names.of(symbol);
    bound.set(symbol.id, tensor);
    addStep({ kind: "input", inputs: [], channelsFirst: false, tensors: [tensor], compute: () => fail(tensor) });
    return {
      name: tensor,
      tensor,
      dtype: inputType(tensor, symbol.dtype),
      shape: symbol.shape.slice(1),
      oneRow: false,
    };
  });
  const outputs = new Map(model.outputs.map((symbol) => [names.of(symbol), add(symbol, names, bound)]));
  for (const [layer, tensors] of [...ambiguous]) {
    const before = tensors.map((tensor) => `${tensor}:before`).filter((tensor) => steps.has(tensor));
    if (before.length > 1) ambiguous.set(`${layer}:before`, before);
  }
  const step = (name: string) => steps.get(name) ?? fail(name);

  return {
    inputs,
    outputs: [...outputs].map(([name, tensor]) => ({ name, tensor })),
    order: [...steps.keys()],
    inputsOf: (name) => step(name).inputs,
    kindOf: (name) => step(name).kind,
    axisOf: (name, rank) => (step(name).channelsFirst ? 0 : rank - 1),
    random: drawing,
    ambiguous,
    together: (name) => step(name).tensors,
    compute: (name, values) => step(name).compute(values),
  };
}

/** TensorFlow.js' kernels of batch normalisation spread their numbers along the last axis, whatever the layer says. */
function checkAxis(layer: Layer, { inputs }: SymbolicTensor): void {
  const { axis } = layer as { axis?: unknown };
  if (layer.getClassName() !== "BatchNormalization" || inputs.length === 0) return;
  const last = inputs[0].shape.length - 1;
  if (axis === -1 || axis === last) return;
  throw invalid(`axis of BatchNormalization ${layer.name}`, "the last one, along which TensorFlow.js normalises", axis);
}

function inputType(name: string, dtype: string | undefined): TfInput["dtype"] {
  if (dtype === undefined || /^b?float\d+$/.test(dtype)) return "float32";
  if (/^u?int\d+$/.test(dtype)) return "int32";
  if (dtype === "bool") return dtype;
  throw invalid(`input ${name}`, "one of real numbers or booleans, not of text and the like", dtype);
}

function fail(name: string): never {
  throw new Error(`the model has no value for ${name}`);
}
