import type { Attribute, Node, StoredTensor } from "./messages.js";
import { bytesOf } from "./types.js";

/** What an attribute may be: a whole number, a list of them, or a tensor. */
export type AttributeValue = number | readonly number[] | StoredTensor;

/** A graph that is being written: nodes and stored tensors, in order. */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly stored: StoredTensor[] = [];

  /** @param prefix what names that nobody gave begin with */
  constructor(readonly prefix: string) {}

  /** A node of the standard operators. @returns the name of its first output */
  node(
    opType: string,
    input: readonly string[],
    options: {
      readonly output?: string | readonly string[];
      readonly attributes?: Readonly<Record<string, AttributeValue>>;
    } = {},
  ): string {
    const output = [options.output ?? `${this.prefix}${this.nodes.length}`].flat();
    const attribute = Object.entries(options.attributes ?? {}).map(([name, value]) => attributeFrom(name, value));
    this.nodes.push({ opType, input: [...input], output, ...(attribute.length > 0 && { attribute }) });
    return output[0];
  }

  /** Stored single-precision numbers. @returns their name */
  numbers(dims: readonly number[], values: Float32Array, name = `${this.prefix}stored/${this.stored.length}`): string {
    this.stored.push({ name, dims, dataType: 1, rawData: bytesOf(values) });
    return name;
  }

  /** Stored 64-bit integers: a list, or a number by itself. @returns their name */
  integers(values: number | readonly number[]): string {
    const name = `${this.prefix}stored/${this.stored.length}`;
    const dims = typeof values === "number" ? [] : [values.length];
    this.stored.push({ name, dims, dataType: 7, rawData: bytesOf(BigInt64Array.from([values].flat().map(BigInt))) });
    return name;
  }
}

/** An attribute of a node. */
function attributeFrom(name: string, value: AttributeValue): Attribute {
  if (typeof value === "number") return { name, type: 2, i: value };
  return Array.isArray(value) ? { name, type: 7, ints: value } : { name, type: 4, t: value as StoredTensor };
}
