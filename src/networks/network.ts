import type { LoadedArray } from "../datasets/load-array.js";
import { invalid } from "../errors.js";
import type { NumberKind, Numbers } from "../formats/numbers.js";
import type { Narrowed } from "./narrow.js";

/**
 * A place in a network whose units can be lesioned: the output of a layer or node, or the input. Rows (the batch axis)
 * are not part of its shape.
 */
export interface Site {
  /**
   * Name of the layer, node or tensor; `layer:before` is before the layer's activation. The only input is `input`, or
   * has its own name where an inner tensor is called that. No two sites have one name.
   */
  readonly name: string;
  /** What computes it, e.g. `Dense`, `Conv2D`, `Relu`; `input` for an input. */
  readonly kind: string;
  /** Shape for one row. */
  readonly shape: readonly number[];
  /** Which axis of `shape` counts the units (channels, neurons); undefined where every single number is a unit. */
  readonly axis: number | undefined;
  /** How many units: the length of that axis. */
  readonly units: number;
  /**
   * Where the network takes many rows at once, but not while this site is lesioned: that they go through one at a time.
   */
  readonly rows?: typeof oneRowAtATime;
}

/** What `sites` says where rows go through a network one by one. */
export const oneRowAtATime = "one at a time";

/** An input or output of a network: its name, and its shape for one row. */
export interface Port {
  readonly name: string;
  readonly shape: readonly number[];
  /** Kind of its numbers; default float32. */
  readonly numbers?: NumberKind;
  /** As a site's. */
  readonly rows?: typeof oneRowAtATime;
}

/**
 * Rows of one input: numbers row-major, of any kind that the network's own holds exactly, or what `loadArray` gives.
 */
export type InputNumbers = Numbers | LoadedArray;

/** What goes in: the rows one after the other, row-major; by name where the network has several inputs. */
export type NetworkInputs = InputNumbers | Readonly<Record<string, InputNumbers>>;

/**
 * Inputs that were checked: how many rows, and the numbers of each of the network's inputs, in its order. They are of
 * the kind that was given, and can be copied as the input's own.
 */
export interface InputRows {
  readonly count: number;
  readonly data: readonly Numbers[];
}

/** A site that is lesioned, and what its lesioned units hold. */
export interface SiteLesion {
  readonly site: Site;
  /** The site's value where it is lesioned: `[1, ...site.shape]`, or one for each input: `[inputs, ...site.shape]`. */
  readonly replacement: Float32Array;
}

/** A site that loses units. */
export interface NarrowSite {
  readonly site: Site;
  /** Numbers of the units that stay, ascending. */
  readonly kept: readonly number[];
  /**
   * What each unit holds where it is lesioned, `[units]`; NaN where that differs from place to place, as a mean over
   * images does.
   */
  readonly constants: Float32Array;
}

/** One pass: some coalitions, each on the same inputs. Its rows are coalition by coalition, the inputs within. */
export interface LesionedPass {
  /** How many coalitions. */
  readonly coalitions: number;
  /** The inputs, from this one ... */
  readonly from: number;
  /** ... up to this one, which is not among them. */
  readonly to: number;
  /** For each lesioned site 1 where a unit is intact, else 0: `[coalitions, units]`. */
  readonly intact: readonly Uint8Array[];
  /**
   * What lesioned units hold in this pass, for each site `[1, ...site.shape]`; default what the network was prepared
   * with.
   */
  readonly replacements?: readonly Float32Array[];
}

/** A network made ready to be run with lesions at some sites, again and again, on the same inputs. */
export interface PreparedNetwork {
  /** Bytes of tensors that are alive at once, at most, in a pass of so many rows: measured, or from the shapes. */
  bytes(rows: number): number;
  /**
   * The output: `[coalitions, inputs of the pass, ...output.shape]`. @throws RangeError for a mask of the wrong length
   */
  run(pass: LesionedPass): Promise<Float32Array>;
  /**
   * Computes again what is kept for all passes, so that the next one shares nothing with those before.
   *
   * @param alone inputs that are computed each by itself; default none
   */
  anew(alone?: readonly number[]): Promise<void>;
  /** Gives back what it keeps: the activations in front of the first lesioned site, sessions. */
  dispose(): void;
}

/** A tensor that has a row for each input: its name, shape without rows, and kind of numbers. */
export interface RowsTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: NumberKind;
}

/** A lesioned tensor, as a pass has to know it. */
export interface MaskedTensor extends Pick<Site, "shape" | "axis" | "units"> {
  readonly name: string;
  /** Whether each input has a replacement of its own. */
  readonly paired: boolean;
}

/** A network with lesions as two ONNX models, for a runtime elsewhere: what `prepare` runs. */
export interface LesionedModels {
  readonly inputs: readonly RowsTensor[];
  /** The bytes of what is computed once for each input, and the inputs that it takes; absent where nothing is. */
  readonly before?: Uint8Array;
  readonly read?: readonly string[];
  /** What the second model takes for all inputs: outputs of the first, or inputs themselves. */
  readonly once: readonly RowsTensor[];
  /** The lesioned tensors. */
  readonly masked: readonly MaskedTensor[];
  /** Whether masks are what is intact, or, before operator version 9, where each number is taken from. */
  readonly where: boolean;
  /** The bytes of the second model, which takes masks and replacements as well. */
  readonly after: Uint8Array;
  /** Name of its output. */
  readonly output: string;
}

/** Where a network was read from: `loadNetwork` makes it again, in another thread or process. */
export interface NetworkSource {
  /** Path of its file, absolute, or the bytes of an ONNX file. */
  readonly from: string | Uint8Array;
  /** Options that it was read with: anything that can be cloned. */
  readonly options: object;
  /** Sites, by name, whose values it was given as outputs beside its own (`withSiteOutputs`); default none. */
  readonly siteOutputs?: readonly string[];
}

/** A tensor in which the heads of an attention layer stand side by side, `[tokens, heads x headSize]`. */
export interface AttentionTensor {
  /** Name of its site. */
  readonly site: string;
  readonly heads: number;
  /** Numbers that a head gives for each token. */
  readonly headSize: number;
}

/** What a network's graph shows of attention. */
export interface AttentionTensors {
  /** In the order of computation. */
  readonly found: readonly AttentionTensor[];
  /** What a softmax was multiplied with, where the operators behind it are none that are known to join heads. */
  readonly unclear: readonly { readonly name: string; readonly shape: readonly number[] }[];
}

/**
 * Any network: named sites, and passes with lesions. Made by `loadTfjs`, `layersNetwork`, `graphNetwork`, `loadOnnx`,
 * `loadMlp`.
 */
export interface Network {
  /** Kind of model, for provenance: `tf.LayersModel`, `tf.GraphModel`, `ONNX` or `dense layers`. */
  readonly kind: string;
  /** What computes it. */
  readonly backend: string;
  /** Checksum of its file or files; undefined for a model that was made in memory. */
  readonly sha256: string | undefined;
  /** Where it was read from; undefined for a model that was made in memory. */
  readonly source?: NetworkSource;
  /** Bytes of tensors of a pass at which it computes fastest; undefined for the usual 256 MB. */
  readonly usualMemory?: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Outputs that can not be played, such as whole numbers, and why. */
  readonly otherOutputs?: ReadonlyMap<string, string>;
  readonly sites: readonly Site[];
  /** The sites, by name, whose units are the players where none are named; default none: they have to be named. */
  readonly usualSites?: readonly string[];
  /** Most rows that it takes at once: 1 for a network whose file fixes that, else undefined. */
  readonly mostRows: number | undefined;
  /**
   * Whether its file fixes one row, and it was opened to many; whether these keep apart is then to be seen on real
   * rows.
   */
  readonly opened?: boolean;
  /** Attention layers, where its graph shows them; default none. `heads` names their heads. */
  readonly attention?: AttentionTensors;
  /** Names that are no sites, though one might look for them, and why. */
  readonly hidden: ReadonlyMap<string, string>;
  /** The same network, through which every row goes by itself: its `mostRows` is 1. */
  rowByRow(): Network;
  /**
   * The network really without units, as `compress` makes it: what is left computes what the lesioned network does.
   * Undefined for a kind of network that can not lose any. @throws RangeError naming the operator for which that would
   * not be exact
   */
  narrow?(sites: readonly NarrowSite[]): Promise<Narrowed<Network>>;
  /** What some sites hold in the intact network: for each site `[rows, ...site.shape]`. */
  activations(inputs: InputRows, sites: readonly Site[]): Promise<Float32Array[]>;
  /**
   * Makes it ready for passes with lesions. What comes before the first lesioned site is computed here, once for each
   * input. @throws RangeError for a site that the output does not depend on
   */
  prepare(inputs: InputRows, lesions: readonly SiteLesion[], output: string): Promise<PreparedNetwork>;
  /** What `prepare` runs, as ONNX models; only of networks from ONNX files. */
  lesionedModels?(lesions: readonly SiteLesion[], output: string): LesionedModels;
}

/**
 * Checks that there is a mask for each lesioned site, of a number for each coalition and unit. @throws RangeError where
 * not
 */
export function checkMasks({ coalitions, intact }: LesionedPass, lesions: readonly SiteLesion[]): void {
  if (intact.length !== lesions.length) throw invalid("masks", `${lesions.length}, one for each site`, intact.length);
  lesions.forEach(({ site }, l) => {
    const expected = coalitions * site.units;
    if (intact[l].length === expected) return;
    const rule = `${expected} numbers, one for each of ${coalitions} coalitions and ${site.units} units`;
    throw invalid(`mask of ${site.name}`, rule, intact[l]);
  });
}
