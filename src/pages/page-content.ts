import type { JsonObject } from "../json.js";

/** What a page is about: a game, a network of dense layers, a generator of images, or a network from an ONNX file. */
export type PageKind = "game" | "mlp" | "generator" | "onnx";

/** All kinds. */
export const pageKinds: readonly PageKind[] = ["game", "mlp", "generator", "onnx"];

/** Arrays of numbers that a page holds. */
export type PageArray = Float64Array | Float32Array | Int32Array | Uint16Array | Uint8Array;

/** All that a page needs to know: what is said in words and single numbers, and its arrays by name. */
export interface PageContent<Facts extends JsonObject = JsonObject> {
  readonly kind: PageKind;
  readonly title: string;
  /** What the page is about, in a sentence or two; `""` for nothing. */
  readonly about: string;
  readonly facts: Facts;
  readonly arrays: Readonly<Record<string, PageArray>>;
  /** Where arrays come from that the package has itself. */
  readonly sources?: { readonly network: string; readonly inputs?: string };
}
