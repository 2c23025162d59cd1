import type { Channels, Layout } from "../../channels.js";
import type { KeptPlaces } from "../../kept-places.js";
import type { Node, StoredTensor } from "../schema.js";
import { whole } from "../schema.js";

/** What a rule is told of the node that it is for. */
export interface Seen {
  readonly node: Node;
  /** How messages call the node. */
  readonly called: string;
  readonly channels: Channels;
  /** Names of its inputs; "" for one that is left out. */
  readonly input: readonly string[];
  /** Layout of an input, its lesions made; undefined for a weight, and where nothing is known. */
  layout(input: number): Layout | undefined;
  /** An input that is a weight or constant. */
  stored(input: number): StoredTensor | undefined;
  /** Shape of an input or output for one row, with a 1 for the rows; undefined for a weight. */
  shape(name: string): readonly number[] | undefined;
  /** Whether a tensor has a row for each input of the network, on its first axis. */
  hasRows(name: string): boolean;
  /**
   * What an operator that works place by place makes of constants: runs the node on tensors of one place for each
   * channel.
   *
   * @returns `[length]`; NaN where an input is no constant
   */
  evaluated(layouts: ReadonlyMap<number, Layout>, length: number): Promise<Float32Array>;
}

/** Tools to make a node again once it is clear which channels go. */
export interface Rebuild {
  /** Places of a layout that stay, ascending. */
  kept(layout: Layout): readonly number[];
  /** Whether a layout loses any. */
  loses(layout: Layout | undefined): layout is Layout;
  /** An input's stored tensor with some places only. @returns its name */
  narrowed(input: number, parts: readonly KeptPlaces[]): string;
  /** A new stored tensor in the place of an input's. @returns its name */
  stored(input: number, make: (name: string) => StoredTensor): string;
}

/** What a rule says of a node. */
export interface Ruled {
  /** Layouts of the node's outputs; undefined for one of which nothing can go. */
  readonly outputs: readonly (Layout | undefined)[];
  /** The node without the channels that go, perhaps with others around it; default: as it is. */
  rebuild?(tools: Rebuild): Node | readonly Node[];
}

/**
 * How channels go through an operator. Undefined for a node that the rule does not hold for: all of its channels stay.
 */
export type Rule = (seen: Seen) => Ruled | undefined | Promise<Ruled | undefined>;

/** An attribute that is a whole number. */
export function wholeAttribute(node: Node, name: string, usual: number): number {
  const found = node.attribute?.find((attribute) => attribute.name === name);
  return found ? whole(found.i) : usual;
}

/** An attribute that is a list of whole numbers. */
export function listAttribute(node: Node, name: string): number[] | undefined {
  return node.attribute?.find((attribute) => attribute.name === name)?.ints?.map(whole);
}

/** An attribute that is a number. @param usual where there is none */
export function numberAttribute(node: Node, name: string, usual: number): number {
  const found = node.attribute?.find((attribute) => attribute.name === name);
  return found ? (found.f ?? 0) : usual;
}

/** Whether a convolution or pooling adds places around its input. */
export function isPadded(node: Node): boolean {
  const found = node.attribute?.find(({ name }) => name === "auto_pad");
  const automatic = Buffer.from(found?.s ?? []).toString("latin1") || "NOTSET";
  if (automatic !== "NOTSET") return automatic !== "VALID";
  return (listAttribute(node, "pads") ?? []).some((pad) => pad !== 0);
}

/** A node with other inputs. */
export function withInputs(node: Node, changes: ReadonlyMap<number, string>): Node {
  return { ...node, input: (node.input ?? []).map((name, i) => changes.get(i) ?? name) };
}

/** A node with another whole number as attribute. */
export function withAttribute(node: Node, name: string, value: number): Node {
  const others = (node.attribute ?? []).filter((attribute) => attribute.name !== name);
  return { ...node, attribute: [...others, { name, type: 2, i: value }] };
}
