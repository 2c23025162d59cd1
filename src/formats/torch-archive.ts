import { FileError } from "../errors.js";
import { entryBytes, openZip, type Zip } from "./zip.js";

/** The entries of a PyTorch zip file, without the folder that they are all in. */
export interface Archive {
  /** Bytes of the whole file. */
  readonly length: number;
  /** The pickle, `data.pkl`. */
  readonly pickle: Uint8Array;
  /** The bytes of a storage, `data/<key>`; undefined where there is none. */
  storage(key: string): Uint8Array | undefined;
}

const largestPickle = 16 * 2 ** 20;

/** How files of other kinds begin, and what they are. */
const otherKinds: readonly (readonly [start: readonly number[], what: string])[] = [
  [
    [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
    "is of the legacy format that PyTorch wrote before 1.6; read and save it again with a current torch.load and torch.save",
  ],
  [[0x80], "is a Python pickle without PyTorch's zip file around it; torch.save writes one that can be read"],
  [[0x89, 0x48, 0x44, 0x46], "is an HDF5 file, not a PyTorch file"],
];

/**
 * Opens a PyTorch zip file. PyTorch stores entries uncompressed: a compressed one is refused, and with it every file
 * that would take more memory than disk.
 *
 * @throws FileError for a file that is not a zip, is cut off, was written on a big-endian machine or holds no pickle;
 *   it says so by name where the file is TorchScript, a program of torch.export, or of the format before PyTorch 1.6
 */
export function readArchive(bytes: Uint8Array, path: string): Archive {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    const other = otherKinds.find(([start]) => start.every((byte, i) => bytes[i] === byte));
    throw new FileError(path, other?.[1] ?? "is not a PyTorch file: not a zip");
  }
  const zip = openZip(bytes, path);
  refusePrograms(zip, path);
  const pickles = [...zip.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) throw new FileError(path, "is a zip without a PyTorch pickle (data.pkl)");
  const folder = pickles[0].slice(0, -"data.pkl".length);
  const read = (name: string): Uint8Array | undefined => {
    const entry = zip.get(`${folder}${name}`);
    if (entry && !entry.stored) throw new FileError(path, `has the entry ${name} compressed, which PyTorch never does`);
    return entry && entryBytes(entry, path);
  };

  const order = read("byteorder");
  const orderText = order && new TextDecoder().decode(order.subarray(0, 32)).trim();
  if (orderText !== undefined && orderText !== "little") {
    throw new FileError(path, `was written with byte order ${JSON.stringify(orderText)}; little was expected`);
  }
  const pickle = read("data.pkl") as Uint8Array;
  if (pickle.length > largestPickle) throw new FileError(path, `has a pickle of ${pickle.length} bytes`);
  return { length: bytes.length, pickle, storage: (key) => read(`data/${key}`) };
}

/** Refuses zip files of PyTorch that hold a program, whose computation is in code and not in modules. */
function refusePrograms(zip: Zip, path: string): void {
  const names = [...zip.keys()];
  const instead = "save the module itself, or its state_dict(), with torch.save, or export it to ONNX";
  if (names.some((name) => /^[^/]+\/(constants\.pkl$|code\/)/.test(name))) {
    throw new FileError(path, `is a TorchScript file (torch.jit.save), whose computation is code; ${instead}`);
  }
  const exported = /(^|\/)(serialized_exported_program\.json|archive_format)$/;
  if (names.some((name) => exported.test(name))) {
    throw new FileError(path, `is a program of torch.export (.pt2), whose computation is code; ${instead}`);
  }
}
