import { extent, paddedRange } from "../summaries.js";

/** A measure of one layer with its interval. */
export interface HierarchyPoint {
  readonly layer: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What is measured of each layer's modes. */
export type HierarchyPanel = "spread" | "frequency" | "edges" | "contours" | "chroma" | "share" | "likeness";

/** One network: the measures of its layers, as analysis gives them. */
export interface HierarchySeries {
  readonly name: string;
  readonly hierarchy: {
    readonly layers: readonly string[];
    readonly measures: Readonly<Record<HierarchyPanel, readonly HierarchyPoint[]>>;
    /** Sampling error of each layer, in the order of `layers`; NaN where it is not known. */
    readonly relativeErrors: readonly number[];
  };
}

interface Words {
  readonly title: string;
  readonly unit: string;
  /** A value that means "nothing special", drawn as a line. */
  readonly reference?: number;
}

/** What stands at each panel. */
export const words: Readonly<Record<HierarchyPanel, Words>> = {
  spread: { title: "Spread", unit: "share of pixels" },
  frequency: { title: "Spatial frequency", unit: "cycles per image" },
  edges: { title: "Edges", unit: "squared steps / square" },
  contours: { title: "On contours", unit: "times the mean", reference: 1 },
  chroma: { title: "Colour", unit: "share of the square" },
  share: { title: "Share of the image", unit: "share of all |modes|" },
  likeness: { title: "Likeness of faces", unit: "correlation" },
};
/** All panels in their order. */
export const panelOrder = Object.keys(words) as HierarchyPanel[];

/** From 0, where no value is below it, to the highest end of an interval. */
export function panelRange(networks: readonly HierarchySeries[], panel: HierarchyPanel): [number, number] {
  const values = networks
    .flatMap(({ hierarchy }) => hierarchy.measures[panel])
    .flatMap(({ value, low, high }) => [value, low, high])
    .filter(Number.isFinite);
  const { reference } = words[panel];
  const [low, high] = paddedRange([0, ...(reference === undefined ? [] : [reference]), ...values]);
  return [extent(values)[0] >= 0 ? 0 : low, high];
}
