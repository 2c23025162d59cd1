import type { LayersModel, SymbolicTensor } from "../../tensors/tensorflow.js";

/** What a layer has that its type does not say. */
export type Layer = LayersModel["layers"][number] & {
  activation?: Activation;
  dataFormat?: string;
  maskZero?: boolean;
  /** These three of a model inside a model. */
  layers?: Layer[];
  inputs?: SymbolicTensor[];
  outputs?: SymbolicTensor[];
  /** What wrappers (TimeDistributed, Bidirectional) wrap. */
  layer?: Layer;
  forwardLayer?: Layer;
  backwardLayer?: Layer;
  /** Set where state is kept from pass to pass. */
  _stateful?: boolean;
};

/** What is applied to a layer's result. */
export interface Activation {
  apply(x: unknown): unknown;
  getClassName(): string;
}

/** A layer and all that are inside it: wrapped, or layers of a model. */
export function withInner(layer: Layer): Layer[] {
  const inside = [layer.layer, layer.forwardLayer, layer.backwardLayer, ...(layer.layers ?? [])];
  return [layer, ...inside.filter((inner): inner is Layer => inner !== undefined).flatMap(withInner)];
}

/**
 * Calls a layer as if it and all inside it kept no state: recurrent layers then begin every row with zeros, as they do
 * after `resetStates`, and take any number of rows.
 */
export function withFreshState<T>(layer: Layer, call: () => T): T {
  const stateful = withInner(layer).filter((inner) => inner._stateful === true);
  const specs = stateful.map((inner) => inner.inputSpec);
  for (const inner of stateful) {
    inner._stateful = false;
    // It was built for a fixed number of rows.
    inner.inputSpec = inner.inputSpec?.map((spec) =>
      Object.assign(
        Object.create(Object.getPrototypeOf(spec)),
        spec,
        spec.shape && { shape: [null, ...spec.shape.slice(1)] },
      ),
    );
  }
  try {
    return call();
  } finally {
    stateful.forEach((inner, i) => {
      inner._stateful = true;
      inner.inputSpec = specs[i];
    });
  }
}
