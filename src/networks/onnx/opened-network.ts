import { invalid } from "../../errors.js";
import { shapeSize } from "../../shape-size.js";
import { cacheMemory } from "../memory.js";
import { type Network, oneRowAtATime, type Site } from "../network.js";
import type { Probe } from "../shapes.js";
import { declaredShape, type OnnxGraph, onnxGraph } from "./onnx-graph.js";
import { openRows, rowsAsTime } from "./open-rows.js";
import { type RowPlace, rowPlaces } from "./row-places.js";

/** A graph, and how it is tried and made into a network. */
export interface Forms<Found extends Probe> {
  readonly graph: OnnxGraph;
  /** Learns the shapes of a form of the graph. */
  probe(form: OnnxGraph): Promise<Found>;
  /** Makes a form of the graph a network; `opened` where it was written for one row. */
  network(form: OnnxGraph, found: Found, opened: boolean): Network;
}

/**
 * The network of a graph, for as many rows at once as it takes. Where its file fixes the batch at one row, or it does
 * not run with two, it is opened (see `openRows`); sites and outputs that do not have their rows first are then played
 * as the file says, one row at a time.
 *
 * @throws RangeError where a recurrent layer takes the axis of the rows as time
 */
export async function networkOfRows<Found extends Probe>(forms: Forms<Found>): Promise<Network> {
  const { graph } = forms;
  const fixesRows = graph.inputs.some((input) => declaredShape(input)?.[0] === 1);
  const found = await forms.probe(graph);
  const shapeOf = (name: string) => found.shapes.get(name)?.one;
  const places = rowPlaces(graph, shapeOf);
  const recurrent = rowsAsTime(graph, places);
  if (recurrent && !fixesRows) {
    const what = `${recurrent.opType} ${recurrent.name || recurrent.output?.[0]}`;
    const rule =
      "rows on the first axis of its input; a recurrent layer takes that axis as time, [time, batch, features], so its rows would be the steps of one sequence; export it with the batch first (in PyTorch: batch_first=True)";
    throw invalid("network", rule, what);
  }
  if (recurrent) return forms.network(graph, oneRow(found), false);
  if (found.mostRows === undefined) {
    const network = forms.network(graph, found, fixesRows);
    if (!fixesRows) return network;
    return (await mixesRows(network, found))
      ? forms.network(graph, oneRow(found), false)
      : { ...network, opened: true, rowByRow: () => forms.network(graph, oneRow(found), false) };
  }
  const closed = forms.network(graph, found, false);
  const form = withRowOutputs(openRows(graph, places, shapeOf), places, shapeOf);
  if (form === undefined) return closed;
  const many = await forms.probe(form).catch(() => undefined);
  if (many?.mostRows !== undefined || !many || !sameShapes(found, many)) return closed;
  const opened = forms.network(form, many, true);
  return (await mixesRows(opened, many)) ? closed : inTwoForms(opened, closed);
}

/**
 * Whether two rows that were made up change each other's outputs: then the network takes one at a time, as `sites`
 * says. That they do not says little; each game looks at its own rows. A network of which no two rows fit into the
 * usual memory, and which is then played a row at a time, is not run for this.
 */
async function mixesRows(network: Network, { shapes }: Probe): Promise<boolean> {
  if ([...shapes.values()].some(({ one }) => 2 * 4 * shapeSize(one) > cacheMemory)) return false;
  const [output] = network.outputs;
  const site = network.sites.find(({ kind }) => kind === "input") ?? network.sites[0];
  if (!output || !site) return false;
  const data = network.inputs.map(({ shape }) =>
    Float32Array.from({ length: 2 * shapeSize(shape) }, (_, i) => ((i * 7) % 5) % 2),
  );
  try {
    const lesion = { site, replacement: new Float32Array(shapeSize(site.shape)) };
    const prepared = await network.prepare({ count: 2, data }, [lesion], output.name);
    try {
      const intact = [new Uint8Array(site.units).fill(1)];
      const run = (from: number, to: number) => prepared.run({ coalitions: 1, from, to, intact });
      const [both, first, second] = [await run(0, 2), await run(0, 1), await run(1, 2)];
      const alone = Float32Array.of(...first, ...second);
      const largest = alone.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      return alone.some((value, o) => !(Math.abs(value - both[o]) <= 1e-5 * largest) && !Object.is(value, both[o]));
    } finally {
      prepared.dispose();
    }
  } catch {
    return false; // numbers that were made up need not be what the network takes
  }
}

/** A graph whose only outputs are those with their rows first; undefined where there are none. */
function withRowOutputs(
  { model }: OnnxGraph,
  places: ReadonlyMap<string, RowPlace>,
  shapeOf: (name: string) => readonly number[] | undefined,
): OnnxGraph | undefined {
  const output = (model.graph.output ?? []).filter(({ name }) => {
    const place = places.get(name ?? "");
    return place?.axis === 0 && place.outside === 1 && shapeOf(name ?? "")?.[0] === 1;
  });
  if (output.length === 0) return undefined;
  return onnxGraph({ ...model, graph: { ...model.graph, output } } as typeof model);
}

/** Whether one row has the shapes in a form that it has in the other. */
function sameShapes(closed: Probe, opened: Probe): boolean {
  return [...closed.shapes].every(([name, { one }]) => {
    const other = opened.shapes.get(name)?.one;
    return other !== undefined && other.length === one.length && one.every((length, axis) => length === other[axis]);
  });
}

/** What is known of a network that is to be run a row at a time. */
function oneRow<Found extends Probe>(found: Found): Found {
  const shapes = new Map([...found.shapes].map(([name, shape]) => [name, { ...shape, two: undefined }]));
  return { ...found, shapes, mostRows: 1 };
}

/** Two forms of a network as one: what the opened form does not have is played in the closed one. */
function inTwoForms(opened: Network, closed: Network): Network {
  const byName = new Map(opened.sites.map((site) => [site.name, site]));
  const outputs = new Set(opened.outputs.map(({ name }) => name));
  const sites = closed.sites.map((site): Site => byName.get(site.name) ?? { ...site, rows: oneRowAtATime });
  const formFor = (wanted: readonly Site[], output?: string) => {
    const many = wanted.every(({ rows }) => rows === undefined) && (output === undefined || outputs.has(output));
    return many ? opened : closed;
  };
  return {
    ...opened,
    opened: true,
    outputs: closed.outputs.map((port) => (outputs.has(port.name) ? port : { ...port, rows: oneRowAtATime })),
    ...(closed.otherOutputs && { otherOutputs: closed.otherOutputs }),
    hidden: closed.hidden,
    sites,
    rowByRow: () => closed,
    activations: (rows, wanted) => formFor(wanted).activations(rows, wanted),
    prepare: (rows, lesions, output) =>
      formFor(
        lesions.map(({ site }) => site),
        output,
      ).prepare(rows, lesions, output),
    ...(opened.lesionedModels && {
      lesionedModels: (lesions, output) =>
        (
          formFor(
            lesions.map(({ site }) => site),
            output,
          ) as Required<Network>
        ).lesionedModels(lesions, output),
    }),
  };
}
