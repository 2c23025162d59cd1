import { invalid } from "../../errors.js";
import { checkNames } from "../../nearest-names.js";
import type { OptionNames } from "../../options.js";
import { shapeSize } from "../../shape-size.js";
import { type BackendName, backendLabel, loadTensorflow } from "../../tensors/backend.js";
import type { Tensor } from "../../tensors/tensorflow.js";
import { ancestors, cut, descendants } from "../cut.js";
import {
  checkMasks,
  type InputRows,
  type LesionedPass,
  type Network,
  type PreparedNetwork,
  type Site,
  type SiteLesion,
} from "../network.js";
import {
  checkShapeNames,
  completeShape,
  type GivenShape,
  hasRows,
  inputSite,
  type Probe,
  rowShape,
  siteFrom,
  type UnitAxis,
  unitAxis,
} from "../shapes.js";
import { computeInOrder, type TfGraph } from "./graph.js";
import { passBytes, probe, tensorsForInputs } from "./probe.js";
import { lesionedValue, rowsOf } from "./rows.js";

/** Options of `layersNetwork`, `graphNetwork` and `loadTfjs`. */
export interface TfjsOptions {
  /**
   * Sizes of one row of the input, where the model leaves them open, e.g. `[224, 224, 3]`; by the inputs' names where
   * there are several. Default: what the model says.
   */
  readonly shape?: GivenShape;
  /** Sizes to take where the model leaves some open and `shape` says none, such as those of the inputs at hand. */
  readonly usualShape?: GivenShape;
  /**
   * For sites whose units are not the channels (or, of an input, not the single numbers): index of the axis, rows not
   * counted, or "all".
   */
  readonly axes?: Readonly<Record<string, UnitAxis>>;
  /** Which tensor backend computes; default the best there is (see `loadTensorflow`). */
  readonly backend?: BackendName;
  /** Checksum of the model's files, for provenance; `loadTfjs` computes it. */
  readonly sha256?: string;
}

/** The names of `TfjsOptions`. */
export const tfjsOptionNames: OptionNames<TfjsOptions> = {
  shape: true,
  usualShape: true,
  axes: true,
  backend: true,
  sha256: true,
};

/** A network from the tensors of a TensorFlow.js model. Learns their shapes from two passes of zeros. */
export async function tfjsNetwork(kind: string, graph: TfGraph, options: TfjsOptions): Promise<Network> {
  const tensors = await loadTensorflow(options.backend);
  const { tf: first, backend } = tensors;
  const loaded = async () => (await loadTensorflow(backend)).tf;
  checkShapeNames(
    options,
    graph.inputs.map(({ name }) => name),
  );
  const inputs = graph.inputs.map(({ name, shape, dtype }) => ({
    name,
    numbers: dtype,
    shape: completeShape(name, shape, options),
  }));
  const found = probe(first, graph, inputs);
  const { shapes } = found;
  const isInput = new Set(graph.inputs.map((input) => input.tensor));
  // Numbers that are not single precision may count rows: they are computed in every pass.
  const withRows = (tensor: string) =>
    isInput.has(tensor) || (shapes.get(tensor)!.float && hasRows(shapes.get(tensor)!));
  const tensorOfSite = new Map([...isInput].map((name) => [inputSite(name, [...isInput], graph.order), name]));
  const tensorOf = ({ name }: Site) => tensorOfSite.get(name) ?? name;
  const tensorOfOutput = new Map(graph.outputs.map(({ name, tensor }) => [name, tensor]));

  const networkOf = (found: Probe): Network => ({
    kind,
    backend: backendLabel(tensors),
    sha256: options.sha256,
    inputs,
    outputs: graph.outputs.map(({ name, tensor }) => ({ name, shape: rowShape(shapes.get(tensor)!) })),
    sites: sitesOf(graph, shapes, isInput, options.axes ?? {}),
    mostRows: found.mostRows,
    rowByRow: () => networkOf({ ...found, mostRows: 1 }),
    hidden: new Map([...graph.ambiguous].map(([name, tensors]) => [name, `it could mean ${tensors.join(" or ")}`])),

    async activations(rows: InputRows, sites: readonly Site[]): Promise<Float32Array[]> {
      const tf = await loaded();
      for (const site of sites) checkNotDrawn(graph, tensorOf(site), `site ${site.name}`);
      const computed = tensorsForInputs(tf, graph, found, rows, [...new Set(sites.map(tensorOf))]);
      const values = await Promise.all(sites.map((site) => computed.get(tensorOf(site))!.data()));
      tf.dispose([...computed.values()]);
      return values as Float32Array[];
    },

    async prepare(rows: InputRows, lesions: readonly SiteLesion[], outputName: string): Promise<PreparedNetwork> {
      const tf = await loaded();
      // What is wanted may also be a site (`withSiteOutputs`).
      const output = tensorOfOutput.get(outputName) ?? tensorOfSite.get(outputName) ?? outputName;
      checkNotDrawn(graph, output, `output ${outputName}`);
      const lesioned = lesions.map(({ site }) => tensorOf(site));
      const parts = cut(graph, lesioned, output, withRows);
      const order = [...parts.once, ...parts.again];
      let once = tensorsForInputs(tf, graph, found, rows, parts.once);
      const replacements = lesions.map(({ site, replacement }) =>
        tf.tensor(replacement, [replacement.length / shapeSize(site.shape), ...site.shape]),
      );
      const indexOf = new Map(lesioned.map((name, l) => [name, l]));
      async function run(pass: LesionedPass): Promise<Float32Array> {
        checkMasks(pass, lesions);
        const tf = await loaded();
        const known = new Map<string, Tensor>();
        for (const [name, tensor] of once)
          known.set(
            name,
            tf.tidy(() => rowsOf(tf, tensor, pass)),
          );
        computeInOrder(tf, graph, order, known, new Set([output]), (name, value) => {
          const l = indexOf.get(name);
          if (l === undefined) return undefined;
          const other = pass.replacements?.[l];
          const replacement = other ? tf.tensor(other, [1, ...lesions[l].site.shape]) : replacements[l];
          return lesionedValue(tf, value, lesions[l], replacement, pass.intact[l], pass);
        });
        const result = known.get(output)!;
        const values = await result.data();
        result.dispose();
        return floats(values);
      }
      const anew = async (alone?: readonly number[]) => {
        const tf = await loaded();
        tf.dispose([...once.values()]);
        once = tensorsForInputs(tf, graph, found, rows, parts.once, alone);
      };
      const dispose = () => {
        tf.dispose([...once.values(), ...replacements]);
        once.clear();
      };
      try {
        return { bytes: await passBytes(tf, run, lesions, found.mostRows), run, anew, dispose };
      } catch (error) {
        dispose();
        throw error;
      }
    },
  });
  return networkOf(found);
}

/** @throws RangeError for a tensor that depends on random numbers, so that one coalition would have many values */
function checkNotDrawn(graph: TfGraph, tensor: string, called: string): void {
  if (graph.random.size === 0) return;
  const needed = ancestors(graph, [tensor]);
  const drawn = [...graph.random].find(([name]) => needed.has(name));
  if (drawn) throw invalid("network", `one whose ${called} draws no random numbers`, `${drawn[1]}, ${drawn[0]}`);
}

/** An output's numbers in single precision. @throws RangeError for whole numbers that it can not hold */
function floats(values: Float32Array | Int32Array | Uint8Array): Float32Array {
  if (values instanceof Float32Array) return values;
  const lost = values.find((value) => Math.abs(value) > 2 ** 24);
  if (lost !== undefined) throw invalid("output", "whole numbers up to 16777216, as single precision holds them", lost);
  return Float32Array.from(values);
}

/** Every tensor of single-precision numbers that has a row for each input, and depends on it. */
function sitesOf(
  graph: TfGraph,
  shapes: Probe["shapes"],
  isInput: ReadonlySet<string>,
  axes: Readonly<Record<string, UnitAxis>>,
): Site[] {
  const fromInputs = descendants(graph, isInput);
  const sites = graph.order
    .filter((tensor) => isInput.has(tensor) || fromInputs.has(tensor))
    .filter((tensor) => {
      const shape = shapes.get(tensor)!;
      return shape.float && hasRows(shape) && shape.one.length > 1;
    })
    .map((tensor) => {
      const ofInput = isInput.has(tensor);
      const name = ofInput ? inputSite(tensor, [...isInput], graph.order) : tensor;
      const shape = shapes.get(tensor)!.one.slice(1);
      const axis = unitAxis(
        name,
        shape,
        (Object.hasOwn(axes, name) ? axes[name] : undefined) ?? (ofInput ? "all" : undefined),
        graph.axisOf(tensor, shape.length),
      );
      return siteFrom(name, graph.kindOf(tensor), shape, axis);
    });
  checkNames(
    "axes",
    axes,
    sites.map(({ name }) => name),
    "sites",
  );
  return sites;
}
