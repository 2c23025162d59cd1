import { gunzipSync, gzipSync } from "node:zlib";

/**
 * How the chunks of a store are written: little-endian numbers in a gzip envelope, not compressed, for its CRC-32 and
 * its length.
 */
export const chunkCodecs = [
  { name: "bytes", configuration: { endian: "little" } },
  { name: "gzip", configuration: { level: 0 } },
];

/** Zarr's codec "gzip", by Node's zlib: a damaged or truncated chunk is an error. */
class GzipCodec {
  readonly kind = "bytes_to_bytes";

  constructor(private readonly level: number) {}

  static fromConfig({ level }: { level: number }): GzipCodec {
    return new GzipCodec(level);
  }

  encode(bytes: Uint8Array): Uint8Array {
    return gzipSync(bytes, { level: this.level });
  }

  decode(bytes: Uint8Array): Uint8Array {
    const whole = gunzipSync(bytes);
    // Node's zlib has a pool of memory; the numbers in it need not be aligned there.
    return whole.byteOffset % Float64Array.BYTES_PER_ELEMENT === 0 ? whole : Uint8Array.from(whole);
  }
}

type Zarrita = typeof import("zarrita");
type Storage = typeof import("@zarrita/storage/fs");

/** Zarrita, which reads and writes stores, with its codec "gzip" replaced: its own does not write. */
export async function zarr(): Promise<Zarrita & { FileSystemStore: Storage["default"] }> {
  const [library, { default: FileSystemStore }] = await Promise.all([import("zarrita"), import("@zarrita/storage/fs")]);
  library.registry.set("gzip", async () => GzipCodec as never);
  return { ...library, FileSystemStore };
}
