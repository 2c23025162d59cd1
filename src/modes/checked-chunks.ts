import { statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { FileError } from "../errors.js";
import { shapeSize } from "../shape-size.js";

/**
 * How the chunks of a store are written: little-endian numbers in a gzip envelope, not compressed, for its CRC-32 and
 * its length.
 */
export const chunkCodecs = [
  { name: "bytes", configuration: { endian: "little" } },
  { name: "gzip", configuration: { level: 0 } },
];

/** Zarr's codec "gzip", by Node's zlib: a damaged or truncated chunk is an error, and so is more than a chunk holds. */
class GzipCodec {
  readonly kind = "bytes_to_bytes";

  constructor(
    private readonly level: number,
    private readonly mostBytes: number,
  ) {}

  static fromConfig({ level }: { level: number }, { shape }: { shape: readonly number[] }): GzipCodec {
    return new GzipCodec(level, Math.max(1, Float64Array.BYTES_PER_ELEMENT * shapeSize(shape)));
  }

  encode(bytes: Uint8Array): Uint8Array {
    return gzipSync(bytes, { level: this.level });
  }

  decode(bytes: Uint8Array): Uint8Array {
    const whole = gunzipSync(bytes, { maxOutputLength: this.mostBytes });
    // Node's zlib has a pool of memory; the numbers in it need not be aligned there.
    return whole.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0 ? whole : Uint8Array.from(whole);
  }
}

type Zarrita = typeof import("zarrita");
type Storage = typeof import("@zarrita/storage/fs");

/** A store of files that reads no pipe and no device, which may never end. */
function regularFilesOf(FileSystemStore: Storage["default"]): Storage["default"] {
  return class extends FileSystemStore {
    override async get(...given: Parameters<InstanceType<Storage["default"]>["get"]>) {
      const path = join(this.root, given[0].slice(1));
      const regular = statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
      if (!regular) throw new FileError(path, "is no regular file");
      return super.get(...given);
    }
  };
}

/** Zarrita, which reads and writes stores, with its codec "gzip" replaced: its own does not write. */
export async function zarr(): Promise<Zarrita & { FileSystemStore: Storage["default"] }> {
  const [library, { default: FileSystemStore }] = await Promise.all([import("zarrita"), import("@zarrita/storage/fs")]);
  library.registry.set("gzip", async () => GzipCodec as never);
  return { ...library, FileSystemStore: regularFilesOf(FileSystemStore) };
}
