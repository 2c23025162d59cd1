import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { lesionedModel } from "../../../src/networks/onnx/lesioned-model.js";
import { messages, type Node, readModel, writeModel } from "../../../src/networks/onnx/messages.js";
import { onnxGraph } from "../../../src/networks/onnx/onnx-graph.js";
import { parseModel } from "../../../src/networks/onnx/parse.js";
import { type Field, type Messages, readMessage, writeMessage } from "../../../src/networks/onnx/wire.js";
import { fc } from "../../helpers/properties.js";

const kinds = Object.keys(messages) as (keyof typeof messages)[];

/** A record of a field that no list names: of any wire type, and of a number that the kind of message does not have. */
function unknownRecord(kind: string): fc.Arbitrary<Uint8Array> {
  const free = Array.from({ length: 40 }, (_, i) => i + 1).filter(
    (number) => !(number in (messages as Messages)[kind]),
  );
  const number = fc.oneof(fc.constantFrom(...free), fc.integer({ min: 100, max: 2 ** 29 - 1 }));
  const content = fc.oneof(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => (writer: BinaryWriter, field: number) => {
      writer.tag(field, WireType.Varint).uint64(value);
    }),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => (writer: BinaryWriter, field: number) => {
      writer.tag(field, WireType.Bit64).fixed64(value);
    }),
    fc.uint8Array({ maxLength: 40 }).map((value) => (writer: BinaryWriter, field: number) => {
      writer.tag(field, WireType.LengthDelimited).bytes(value);
    }),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((value) => (writer: BinaryWriter, field: number) => {
      writer.tag(field, WireType.Bit32).fixed32(value);
    }),
    fc.nat(99).map((value) => (writer: BinaryWriter, field: number) => {
      writer.tag(field, WireType.StartGroup).tag(1, WireType.Varint).uint32(value).tag(field, WireType.EndGroup);
    }),
  );
  return fc.tuple(number, content).map(([field, write]) => {
    const writer = new BinaryWriter();
    write(writer, field);
    return writer.finish();
  });
}

/** One value of a field, with its tag. */
function record(number: number, [, holds]: Field, depth: number): fc.Arbitrary<Uint8Array> {
  const writer = (wire: WireType) => new BinaryWriter().tag(number, wire);
  if (holds === "whole") {
    const large = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    return fc.oneof(large, fc.nat(200).map(BigInt)).map((value) => writer(WireType.Varint).int64(value).finish());
  }
  if (holds === "code") return fc.integer().map((value) => writer(WireType.Varint).int32(value).finish());
  if (holds === "float") return fc.float({ noNaN: true }).map((value) => writer(WireType.Bit32).float(value).finish());
  const bytes =
    holds === "text"
      ? fc.string({ unit: "grapheme", maxLength: 50 }).map((text) => new TextEncoder().encode(text))
      : holds === "bytes"
        ? fc.uint8Array({ maxLength: 50 })
        : message(holds, depth - 1);
  return bytes.map((value) => writer(WireType.LengthDelimited).bytes(value).finish());
}

/** The bytes of a message with some of its known fields, in order, and behind them unknown ones. */
function message(kind: string, depth: number): fc.Arbitrary<Uint8Array> {
  const fields = Object.entries((messages as Messages)[kind]).flatMap(([number, field]) => {
    if (depth === 0 && field[1] in messages) return [];
    return [fc.array(record(Number(number), field, depth), { maxLength: field[2] ? 2 : 1 })];
  });
  const unknown = fc.array(unknownRecord(kind), { minLength: 1, maxLength: 3 });
  return fc.tuple(...fields, unknown).map((lists) => new Uint8Array(Buffer.concat(lists.flat())));
}

/** The same message as if every part of it had been changed: none is the one that was read. */
function copied<T>(value: T): T {
  if (value instanceof Uint8Array) return value.slice() as T;
  if (Array.isArray(value)) return value.map(copied) as T;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, copied(held)])) as T;
}

describe("messages of ONNX files", () => {
  it.each(kinds)("come back byte for byte with fields that nobody knows: %s", (kind) => {
    fc.assert(
      fc.property(message(kind, 2), (bytes) => {
        const read = readMessage(messages, kind, bytes);
        expect(writeMessage(messages, kind, read)).toEqual(bytes);
        expect(writeMessage(messages, kind, copied(read))).toEqual(bytes);
        expect(writeMessage(messages, kind, { ...read })).toEqual(bytes);
      }),
      { numRuns: 40, seed: 10 },
    );
  });

  it("come back as they stand also where another order or form of the same fields was chosen", () => {
    const writer = new BinaryWriter();
    writer.tag(25, WireType.LengthDelimited).bytes(Uint8Array.of()); // a function before all else
    writer.tag(1, WireType.Varint).raw(Uint8Array.of(0x8a, 0x80, 0)); // 10 in three bytes
    const tensor = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(Uint8Array.of(3, 2)).finish(); // packed sizes
    const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(tensor).finish();
    writer.tag(7, WireType.LengthDelimited).bytes(graph);
    const bytes = writer.finish();
    const model = readModel(bytes);
    expect(model.irVersion).toBe(10);
    expect(model.graph!.initializer![0].dims).toEqual([3, 2]);
    expect(writeModel(model)).toEqual(bytes);
    expect(readModel(writeModel({ ...model, irVersion: 11 })).graph).toEqual(model.graph);
  });

  it("are all of their parts where a single one is given in several", () => {
    const part = (field: number, name: string) => {
      const node = new BinaryWriter().tag(3, WireType.LengthDelimited).string(name).finish();
      const graph = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(node).finish();
      return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(graph).finish();
    };
    const bytes = new Uint8Array(Buffer.concat([part(7, "first"), part(7, "second")]));
    const model = readModel(bytes);
    expect(model.graph!.node!.map(({ name }) => name)).toEqual(["first", "second"]);
    expect(writeModel(model)).toEqual(bytes);
  });

  it("are no copies of large bytes, and can not be changed by accident", () => {
    const rawData = new Uint8Array(2 ** 20);
    const bytes = writeModel({ graph: { initializer: [{ name: "w", rawData }] } });
    const read = readModel(bytes).graph!.initializer![0];
    expect(read.rawData!.buffer).toBe(bytes.buffer);
    expect(() => Object.assign(read, { name: "v" })).toThrow(TypeError);
  });

  it("stay whole in a lesioned model: functions, weights, nodes and fields of the model that nobody knows", async () => {
    const unknown = (text: string) => [new BinaryWriter().tag(99, WireType.LengthDelimited).string(text).finish()];
    const node = (opType: string, input: string[], output: string[]): Node => ({
      opType,
      input,
      output,
      attribute: [{ name: "alpha", f: 0.5, type: 1, $unknown: unknown(`attribute of ${opType}`) }],
      $unknown: unknown(`node ${opType}`),
    });
    const own = {
      name: "F",
      domain: "own",
      overload: "a",
      attributeProto: [{ name: "slope", f: 2, type: 1 }],
      $unknown: unknown("function"),
    };
    const file = writeModel({
      irVersion: 13,
      opsetImport: [{ version: 21, $unknown: unknown("operator set") }],
      functions: [own],
      $unknown: unknown("model"),
      graph: {
        node: [node("MatMul", ["x", "w"], ["h"]), node("LeakyRelu", ["h"], ["p"]), node("Elu", ["p"], ["y"])],
        initializer: [
          { name: "w", dims: [1, 1], dataType: 1, rawData: new Uint8Array(4), $unknown: unknown("tensor") },
        ],
        input: [{ name: "x", type: { tensorType: { elemType: 1 } } }],
        output: [{ name: "y" }],
      },
    });
    const { model } = await parseModel(file, "a.onnx");
    const cut = { once: ["h"], again: ["p", "y"] };
    const once = [{ name: "h", code: 1, shape: [1] }];
    const lesions = [{ name: "h", shape: [1], axis: 0, units: 1, paired: false }];
    const lesioned = lesionedModel(onnxGraph(model), cut, once, lesions, "y");
    const written = Buffer.from(writeModel(lesioned.model));
    const kept = [
      "attribute of LeakyRelu",
      "node LeakyRelu",
      "attribute of Elu",
      "node Elu",
      "function",
      "operator set",
      "model",
    ];
    for (const text of kept) expect(written.includes(Buffer.from(unknown(text)[0])), text).toBe(true);
    expect(written.includes(Buffer.from(writeMessage(messages, "Function", own)))).toBe(true);
    const nodeElu = Buffer.from(writeMessage(messages, "Node", node("Elu", ["p"], ["y"])));
    expect(written.includes(nodeElu)).toBe(true);
  });

  it("are refused where they are damaged: truncated, nested too deep, no text", () => {
    const bytes = writeModel({ graph: { node: [{ name: "a node with a name" }] } });
    for (let length = 1; length < bytes.length; length++) expect(() => readModel(bytes.subarray(0, length))).toThrow();
    const node = Uint8Array.of(0x1a, 1, 0xff);
    const graph = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(node).finish();
    const file = new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(graph).finish();
    expect(() => readModel(file)).toThrow(/invalid|UTF-8/i);
  });
});
