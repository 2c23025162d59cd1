import { FileError } from "../../errors.js";

/** The entries of a PyTorch zip file, without the folder that they are all in. */
export interface Archive {
  /** The pickle, `data.pkl`. */
  readonly pickle: Uint8Array;
  /** The bytes of a storage, `data/<key>`. */
  storage(key: string): Uint8Array;
}

const largestPickle = 16 * 2 ** 20;

/**
 * Opens a PyTorch zip file. PyTorch stores entries uncompressed: a compressed one is refused, and with it every file
 * that would take more memory than disk.
 *
 * @throws FileError for a file that is not a zip, is cut off, was written on a big-endian machine or holds no pickle
 */
export async function readArchive(bytes: Uint8Array, path: string): Promise<Archive> {
  if (bytes.length < 4 || bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    throw new FileError(path, "is not a PyTorch file: not a zip (PyTorch before 1.6 wrote another format)");
  }
  const entries = await unzip(bytes, path);
  const pickles = [...entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) throw new FileError(path, "is a zip without a PyTorch pickle (data.pkl)");
  const folder = pickles[0].slice(0, -"data.pkl".length);

  const order = entries.get(`${folder}byteorder`);
  const orderText = order && new TextDecoder().decode(order.subarray(0, 32)).trim();
  if (orderText !== undefined && orderText !== "little") {
    throw new FileError(path, `was written with byte order ${JSON.stringify(orderText)}; little was expected`);
  }
  const pickle = entries.get(pickles[0])!;
  if (pickle.length > largestPickle) throw new FileError(path, `has a pickle of ${pickle.length} bytes`);
  return {
    pickle,
    storage(key) {
      const found = entries.get(`${folder}data/${key}`);
      if (!found) throw new FileError(path, `lacks the storage data/${key} that its pickle names`);
      return found;
    },
  };
}

async function unzip(bytes: Uint8Array, path: string): Promise<Map<string, Uint8Array>> {
  const { unzipSync } = await import("fflate");
  const sizes = new Map<string, number>();
  let total = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter({ name, compression, originalSize, size }) {
        if (compression !== 0) throw new FileError(path, `has the entry ${name} compressed, which PyTorch never does`);
        total += originalSize;
        if (originalSize !== size || total > bytes.length) throw new FileError(path, `claims a wrong size for ${name}`);
        sizes.set(name, originalSize);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, `is cut off or damaged (${(cause as Error).message})`, { cause });
  }
  for (const [name, size] of sizes) {
    if (entries[name]?.length !== size) throw new FileError(path, `is cut off within ${name}`);
  }
  return new Map(Object.entries(entries));
}
