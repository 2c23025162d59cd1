import { zipSync } from "fflate";

/** Builds the pickles and zip files that PyTorch writes, so that tests can also build those that it never would. */

/** Opcodes of the pickle protocol, version 2. */
const op = { global: 0x63, mark: 0x28, tuple: 0x74, reduce: 0x52, persistentId: 0x51, newObject: 0x81, build: 0x62 };

/** A piece of a pickle. */
export type Piece = readonly number[];

const ascii = (text: string) => [...new TextEncoder().encode(text)];

/** A module's or function's name, as Python finds it. */
export const global = (module: string, name: string): Piece => [op.global, ...ascii(`${module}\n${name}\n`)];
export const text = (value: string): Piece => {
  const bytes = ascii(value);
  return [0x58, bytes.length & 255, bytes.length >> 8, 0, 0, ...bytes];
};
export const integer = (value: number): Piece => [0x4a, ...new Uint8Array(Int32Array.of(value).buffer)];
export const float = (value: number): Piece => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return [0x47, ...bytes];
};
export const none: Piece = [0x4e];
export const yes: Piece = [0x88];
export const tuple = (...items: readonly Piece[]): Piece => [op.mark, ...items.flat(), op.tuple];
export const dictionary = (entries: Readonly<Record<string, Piece>>): Piece => [
  0x7d,
  op.mark,
  ...Object.entries(entries).flatMap(([key, value]) => [...text(key), ...value]),
  0x75,
];
/** What Python would get by calling something. */
export const call = (callable: Piece, ...parameters: readonly Piece[]): Piece => [
  ...callable,
  ...tuple(...parameters),
  op.reduce,
];
/** An OrderedDict, filled. */
export const ordered = (entries: Readonly<Record<string, Piece>>): Piece => [
  ...call(global("collections", "OrderedDict")),
  op.mark,
  ...Object.entries(entries).flatMap(([key, value]) => [...text(key), ...value]),
  0x75,
];
/** An object of a class whose `__dict__` is given. */
export const object = (module: string, name: string, state: Piece): Piece => [
  ...global(module, name),
  ...tuple(),
  op.newObject,
  ...state,
  op.build,
];

export interface TensorOptions {
  readonly key: string;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
  readonly offset?: number;
  /** Numbers in the storage; default those of the shape. */
  readonly count?: number;
  readonly storage?: string;
  /** What `torch._utils.set_tensor_metadata` would be given; default nothing. */
  readonly metadata?: Piece;
}

/** A tensor, as `_rebuild_tensor_v2` is asked for it. */
export function tensor({
  key,
  shape,
  strides,
  offset = 0,
  count,
  storage = "FloatStorage",
  metadata,
}: TensorOptions): Piece {
  const contiguous = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const size = shape.reduce((product, length) => product * length, 1);
  const id = tuple(text("storage"), global("torch", storage), text(key), text("cpu"), integer(count ?? size));
  const integers = (values: readonly number[]) => tuple(...values.map(integer));
  return call(
    global("torch._utils", "_rebuild_tensor_v2"),
    [...id, op.persistentId],
    integer(offset),
    integers(shape),
    integers(strides ?? contiguous),
    [0x89],
    ordered({}),
    ...(metadata ? [metadata] : []),
  );
}

/** A parameter of a module. */
export const parameter = (of: Piece): Piece => call(global("torch._utils", "_rebuild_parameter"), of, yes, ordered({}));

/** A module of `torch.nn`, or any other, with parameters, submodules and other attributes. */
export function module(
  path: string,
  parts: {
    parameters?: Readonly<Record<string, Piece>>;
    modules?: Readonly<Record<string, Piece>>;
    attributes?: Readonly<Record<string, Piece>>;
  } = {},
): Piece {
  const cut = path.lastIndexOf(".");
  const state = {
    training: yes,
    _parameters: ordered(parts.parameters ?? {}),
    _buffers: ordered({}),
    _modules: ordered(parts.modules ?? {}),
    ...parts.attributes,
  };
  return object(path.slice(0, cut), path.slice(cut + 1), dictionary(state));
}

/** A PyTorch file around a pickle and its storages. */
export function torchFile(
  root: Piece,
  storages: Readonly<Record<string, Uint8Array | readonly number[]>> = {},
  { byteOrder = "little", level = 0 as 0 | 6, others = {} as Readonly<Record<string, readonly number[]>> } = {},
): Uint8Array {
  const bytesOf = (values: Uint8Array | readonly number[]) =>
    values instanceof Uint8Array ? values : new Uint8Array(Float32Array.from(values).buffer);
  const entries: Record<string, Uint8Array> = {
    "net/data.pkl": Uint8Array.from([0x80, 2, ...root, 0x2e]),
    "net/byteorder": Uint8Array.from(ascii(byteOrder)),
    "net/version": Uint8Array.from(ascii("3\n")),
  };
  for (const [key, values] of Object.entries(storages)) entries[`net/data/${key}`] = bytesOf(values);
  for (const [name, bytes] of Object.entries(others)) entries[name] = Uint8Array.from(bytes);
  return zipSync(entries, { level });
}
