import type { Hierarchy, HierarchyMeasure, LayerMeasure } from "../../analysis/hierarchy.js";
import { invalid } from "../../errors.js";

/** A network and the hierarchy of its layers. */
export interface NamedHierarchy {
  readonly name: string;
  readonly hierarchy: Hierarchy;
}

/** A sentence about the layers, and whether the numbers say so. */
export interface HierarchyClaim {
  readonly claim: string;
  readonly measure: HierarchyMeasure;
  /** Values of the layers, in order, but for the colours: `10.1, 14.1, 17.2, 20.0`. */
  readonly measured: string;
  /** Whether it holds of the network. */
  readonly holds: boolean;
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

/** What the paper says of the layers (arXiv 2506.19732, experiment B), sentence by sentence, and what follows from it. */
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
 * The paper's claims about the layers of a generator, each held against the measures of a network, and against those of its
 * controls: a claim that holds of networks without what the claim is put down to is no evidence for it.
 *
 * @param network measured; its last layer is that of the colours, of which nothing is claimed
 * @throws RangeError for fewer than three layers beside the colours
 */
export function hierarchyClaims(network: Hierarchy, controls: readonly NamedHierarchy[] = []): HierarchyClaim[] {
  if (network.layers.length < 4)
    throw invalid("layers", "at least four, of which three are no colours", network.layers);
  return claims.map(({ claim, measure, test }) => {
    const inner = (hierarchy: Hierarchy) => hierarchy.measures[measure].slice(0, -1);
    const layers = inner(network);
    const others = controls.map(({ name, hierarchy }) => ({ name, layers: inner(hierarchy) }));
    const holds = test(
      layers,
      others.map((other) => other.layers),
    );
    const alsoIn = others.filter((other) => test(other.layers, [])).map(({ name }) => name);
    return {
      claim,
      measure,
      measured: layers.map(({ value }) => value.toPrecision(3)).join(", "),
      holds,
      alsoIn,
      verdict: verdictOf(holds, alsoIn, controls.length),
    };
  });
}

function verdictOf(holds: boolean, alsoIn: readonly string[], controls: number): string {
  if (!holds) return "not confirmed";
  if (controls === 0) return "holds";
  return alsoIn.length === 0 ? "confirmed: in no control" : `holds, but also in: ${alsoIn.join(", ")}`;
}
