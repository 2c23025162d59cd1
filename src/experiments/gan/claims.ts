import type { Hierarchy, HierarchyMeasure, LayerMeasure } from "../../analysis/hierarchy.js";
import { invalid } from "../../errors.js";
import { has } from "../../kinds.js";

/** A network and the hierarchy of its layers. */
export interface NamedHierarchy {
  readonly name: string;
  readonly hierarchy: Hierarchy;
}

/** Controls, and the network itself measured as they are: `ganControls` gives both. */
export interface ControlHierarchies {
  readonly reference: { readonly hierarchy: Hierarchy };
  readonly controls: readonly NamedHierarchy[];
}

/** A sentence about the layers, and whether the numbers say so. */
export interface HierarchyClaim {
  readonly claim: string;
  /** "parts": share of a layer's filters that paint one part of the face (`partFilters`). */
  readonly measure: HierarchyMeasure | "parts";
  /** Values of the layers, in order, but for the colours: `10.1, 14.1, 17.2, 20.0`. */
  readonly measured: string;
  /** Whether it holds of the network; null where a value that it needs is not known. */
  readonly holds: boolean | null;
  /** Of which controls it holds too: what these share with the network is enough for it. */
  readonly alsoIn: readonly string[];
  readonly verdict: string;
}

/** @param layers that a claim is about, in order: all but the colours; `controls` those of each control */
type Test = (layers: readonly LayerMeasure[], controls: readonly (readonly LayerMeasure[])[]) => boolean;

/** From the first layer to the last, beyond both intervals. */
const rises: Test = (layers) => (layers.at(-1) as LayerMeasure).low > layers[0].high;

/** A layer in between is above the first and the last, beyond all three intervals. */
const peaksBetween: Test = (layers) => {
  const most = Math.max(layers[0].high, (layers.at(-1) as LayerMeasure).high);
  return layers.slice(1, -1).some(({ low }) => low > most);
};

/** Every layer is above that layer of every control, beyond both intervals. */
const exceedsControls: Test = (layers, controls) =>
  controls.length > 0 && layers.every(({ low }, l) => controls.every((control) => low > control[l].high));

/**
 * What the paper says of the layers (arXiv 2506.19732, experiment B), sentence by sentence, and what follows from it.
 */
const claims: readonly { claim: string; measure: HierarchyMeasure; test: Test }[] = [
  { claim: "First layers paint parts of a face, last ones all over it", measure: "spread", test: rises },
  {
    claim: "First layers paint what differs between faces, last ones the same everywhere",
    measure: "likeness",
    test: rises,
  },
  { claim: "Middle layers paint edges", measure: "edges", test: peaksBetween },
  { claim: "Middle layers paint contours of the face", measure: "contours", test: peaksBetween },
  {
    claim: "Modes of all layers lie on contours, more than in any control",
    measure: "contours",
    test: exceedsControls,
  },
  { claim: "Last layers paint texture: the finest structure", measure: "frequency", test: rises },
  { claim: "Last layers paint colour", measure: "chroma", test: rises },
];

/**
 * The paper's claims about the layers of a generator, each held against the measures of a network, and against those of
 * its controls: a claim that holds of networks without what the claim is put down to is no evidence for it.
 *
 * Sampling error moves measures and intervals, and controls have more of it than the network, being played with fewer
 * faces and orderings. So a claim holds only if it holds of the network as it was measured and of the network measured
 * as the controls are; the values told are those of the former. Where a value is not known, as likeness of a single
 * face, neither is the verdict.
 *
 * @param network measured; its last layer is that of the colours, of which nothing is claimed
 * @param compared the controls, and the network measured with their faces and orderings; default no controls
 * @throws RangeError for fewer than three layers beside the colours, or controls with other layers
 */
export function hierarchyClaims(network: Hierarchy, compared?: ControlHierarchies): HierarchyClaim[] {
  has("network", network, "a Hierarchy", "layers", "measures");
  const { layers: names } = network;
  if (names.length < 4) throw invalid("layers", "at least four, of which three are no colours", names);
  const controls = compared?.controls ?? [];
  const alike = compared?.reference.hierarchy ?? network;
  for (const { name, hierarchy } of [{ name: "the reference", hierarchy: alike }, ...controls]) {
    if (hierarchy.layers.join("\n") !== names.join("\n")) {
      throw invalid(`layers of ${name}`, `those of the network, ${names.join(", ")}`, hierarchy.layers);
    }
  }
  return claims.map(({ claim, measure, test }) => {
    const inner = (hierarchy: Hierarchy) => hierarchy.measures[measure].slice(0, -1);
    const layers = inner(network);
    const others = controls.map(({ name, hierarchy }) => ({ name, layers: inner(hierarchy) }));
    const ofOthers = others.map((other) => other.layers);
    const known = [layers, inner(alike), ...ofOthers].every((measured) => measured.every(isKnown));
    const precise = test(layers, ofOthers);
    const fair = test(inner(alike), ofOthers);
    const alsoIn = known ? others.filter((other) => test(other.layers, [])).map(({ name }) => name) : [];
    return {
      claim,
      measure,
      measured: layers.map(({ value }) => value.toPrecision(3)).join(", "),
      holds: known ? precise && fair : null,
      alsoIn,
      verdict: known ? verdictOf(precise, fair, alsoIn, controls.length) : "not known",
    };
  });
}

function isKnown({ value, low, high }: LayerMeasure): boolean {
  return !(Number.isNaN(value) || Number.isNaN(low) || Number.isNaN(high));
}

function verdictOf(precise: boolean, fair: boolean, alsoIn: readonly string[], controls: number): string {
  if (!precise) return "not confirmed";
  if (!fair) return "not confirmed: not seen with the controls' faces and orderings";
  if (controls === 0) return "holds";
  return alsoIn.length === 0 ? "confirmed: in no control" : `holds, but also in: ${alsoIn.join(", ")}`;
}
