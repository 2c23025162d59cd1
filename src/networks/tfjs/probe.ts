import { invalid } from "../../errors.js";
import { copyAs } from "../../formats/numbers.js";
import { shapeSize } from "../../shape-size.js";
import type { Tensorflow } from "../../tensors/backend.js";
import type { Tensor } from "../../tensors/tensorflow.js";
import { ancestors, descendants, mostNumbers } from "../cut.js";
import { bytesFrom, defaultMemory, rowRanges, rowsWithin } from "../memory.js";
import type { InputRows, Port, PreparedNetwork, SiteLesion } from "../network.js";
import { hasRows, type Probe } from "../shapes.js";
import { computeInOrder, type TfGraph } from "./graph.js";

/**
 * Shapes of all tensors, from passes of zeros with one row and with two. A model that does not take two rows, or whose
 * outputs then do not have two, is run a row at a time; so is one whose file says that there is one row.
 */
export function probe(tf: Tensorflow, graph: TfGraph, inputs: readonly Port[]): Probe {
  const first = shapesWith(tf, graph, inputs, 1);
  for (const { name, tensor } of graph.outputs) {
    const { dtype } = first.get(tensor)!;
    if (/^(string|complex64)$/.test(dtype)) throw invalid(`output ${name}`, "real numbers", dtype);
  }
  let second: ReturnType<typeof shapesWith> | undefined;
  try {
    if (!graph.inputs.some(({ oneRow }) => oneRow)) second = shapesWith(tf, graph, inputs, 2);
  } catch {
    // Says nothing but that two rows are too many.
  }
  const shapesFrom = (two: typeof second) =>
    new Map(
      graph.order.map((name) => {
        const { shape, dtype } = first.get(name)!;
        return [name, { one: shape, two: two?.get(name)?.shape, float: dtype === "float32" }];
      }),
    );
  const shapes = shapesFrom(second);
  // An output that no input reaches has nothing to do with rows.
  const fromInputs = descendants(graph, new Set(graph.inputs.map(({ tensor }) => tensor)));
  const reached = graph.outputs.filter(({ tensor }) => fromInputs.has(tensor));
  const takesTwo = second && reached.every(({ tensor }) => hasRows(shapes.get(tensor)!));
  return takesTwo ? { shapes, mostRows: undefined } : { shapes: shapesFrom(undefined), mostRows: 1 };
}

function shapesWith(tf: Tensorflow, graph: TfGraph, inputs: readonly Port[], rows: number) {
  const shapes = new Map<string, { shape: readonly number[]; dtype: string }>();
  const known = new Map(
    graph.inputs.map(({ tensor, dtype }, i) => [tensor, tf.zeros([rows, ...inputs[i].shape], dtype) as Tensor]),
  );
  computeInOrder(tf, graph, graph.order, known, new Set(), (name, { shape, dtype }) => {
    shapes.set(name, { shape, dtype });
    return undefined;
  });
  return shapes;
}

/**
 * Some tensors of the intact network for all inputs, `[inputs, ...shape]`, computed a part of the inputs at a time,
 * some alone. Whoever asks for them lets them go.
 */
export function tensorsForInputs(
  tf: Tensorflow,
  graph: TfGraph,
  { shapes, mostRows }: Probe,
  { count, data }: InputRows,
  wanted: readonly string[],
  alone?: readonly number[],
): Map<string, Tensor> {
  const isInput = new Set(graph.inputs.map((input) => input.tensor));
  const needed = ancestors(graph, wanted);
  const order = graph.order.filter((name) => needed.has(name));
  const sizeOf = (name: string) => shapeSize(shapes.get(name)!.one);
  const inputNames = order.filter((name) => isInput.has(name));
  const again = order.filter((name) => !isInput.has(name));
  const perRow = 4 * mostNumbers(graph, { once: inputNames, again }, [], new Set(wanted), sizeOf);
  const step = rowsWithin(defaultMemory, (rows) => rows * perRow, mostRows);
  const parts: Map<string, Tensor>[] = [];
  for (const [from, to] of rowRanges(count, step, alone)) {
    const known = new Map<string, Tensor>();
    graph.inputs.forEach(({ tensor, dtype }, i) => {
      if (!needed.has(tensor)) return;
      const numbers = data[i].subarray(from * sizeOf(tensor), to * sizeOf(tensor));
      known.set(tensor, tf.tensor(copyAs(numbers, dtype), [to - from, ...shapes.get(tensor)!.one.slice(1)], dtype));
    });
    computeInOrder(tf, graph, order, known, new Set(wanted));
    parts.push(known);
  }
  return new Map(
    wanted.map((name) => {
      const tensors = parts.map((part) => part.get(name) as Tensor);
      const whole = tensors.length === 1 ? tensors[0] : tf.concat(tensors);
      if (tensors.length > 1) tf.dispose(tensors);
      return [name, whole];
    }),
  );
}

/** Passes are measured as long as the next one takes no more than this: 64 MB. */
const mostMeasured = 2 ** 26;

/**
 * Bytes of tensors that are alive at once in passes, measured in passes of 1, 2, 4, 8 and 16 rows (fewer where they are
 * large).
 */
export async function passBytes(
  tf: Tensorflow,
  run: PreparedNetwork["run"],
  lesions: readonly SiteLesion[],
  mostRows: number | undefined,
): Promise<PreparedNetwork["bytes"]> {
  const measured: [rows: number, bytes: number][] = [];
  for (let rows = 1; rows <= (mostRows ?? 16); rows *= 2) {
    const before = tf.memory().numBytes;
    const intact = lesions.map(({ site }) => new Uint8Array(rows * site.units).fill(1));
    const { peakBytes } = await tf.profile(async () => {
      await run({ coalitions: rows, from: 0, to: 1, intact });
      return [];
    });
    const bytes = Math.max(1, peakBytes - before, measured.at(-1)?.[1] ?? 0);
    measured.push([rows, bytes]);
    if (2 * bytes > mostMeasured) break;
  }
  return bytesFrom(measured);
}
