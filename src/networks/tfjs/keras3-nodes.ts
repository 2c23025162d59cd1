import { invalid } from "../../errors.js";

/** An output of a layer: the layer's name, which of its uses, which of its outputs. */
type KerasPort = readonly [layer: string, node: number, tensor: number];

/** A list of a model's inputs or outputs: also where there is one alone, or where they have names. */
export function portList(what: string, value: unknown, models: ReadonlySet<string>): KerasPort[] {
  const ports = portsIn(value).map((port) => counted(port, models));
  if (ports.length === 0) throw invalid("Keras 3 model", `${what} that are outputs of layers`, value);
  return ports;
}

function portsIn(value: unknown): KerasPort[] {
  const port = portOf(value);
  if (port) return [port];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(portsIn);
}

/** TensorFlow.js counts the making of a model inside a model as its first use, as Keras 2 did. */
function counted([layer, node, tensor]: KerasPort, models: ReadonlySet<string>): KerasPort {
  return [layer, models.has(layer) ? node + 1 : node, tensor];
}

function portOf(value: unknown): KerasPort | undefined {
  if (!Array.isArray(value) || value.length < 3) return undefined;
  const [layer, node, tensor] = value as unknown[];
  const isPort = typeof layer === "string" && Number.isSafeInteger(node) && Number.isSafeInteger(tensor);
  return isPort ? [layer, node as number, tensor as number] : undefined;
}

/**
 * The uses of a layer in the form of Keras 2: for each the outputs that it is called with. The states that a recurrent
 * layer begins with stand behind what it reads.
 *
 * @param models names of the layers that are models themselves
 * @throws RangeError for an argument that is no tensor
 */
export function inboundNodes(
  layer: string,
  nodes: unknown,
  models: ReadonlySet<string>,
): (readonly [...KerasPort, object])[][] {
  if (!Array.isArray(nodes)) throw invalid("Keras 3 model", `a list of the uses of layer ${layer}`, nodes);
  return nodes.map((node: unknown) => {
    // As Keras 2 writes them.
    if (Array.isArray(node)) return node as (readonly [...KerasPort, object])[];
    const { args, kwargs } = (node ?? {}) as { args?: unknown; kwargs?: Readonly<Record<string, unknown>> };
    const read = tensorsIn(layer, args);
    const states = tensorsIn(layer, kwargs?.initial_state ?? []);
    for (const [key, value] of Object.entries(kwargs ?? {})) {
      if (key === "initial_state" || value === null || (key === "training" && value === false)) continue;
      throw invalid("Keras 3 model", `layer ${layer} called with tensors alone, without ${key}`, value);
    }
    return [...read, ...states].map((port) => [...counted(port, models), {}] as const);
  });
}

/** The tensors among some arguments, in order; there may be nothing else. */
function tensorsIn(layer: string, value: unknown): KerasPort[] {
  if (Array.isArray(value)) return value.flatMap((inner) => tensorsIn(layer, inner));
  const { class_name: kind, config } = (value ?? {}) as { class_name?: unknown; config?: { keras_history?: unknown } };
  const port = kind === "__keras_tensor__" ? portOf(config?.keras_history) : undefined;
  if (!port) throw invalid("Keras 3 model", `layer ${layer} called with tensors alone`, value);
  return [port];
}
