import { FileError } from "../errors.js";
import { shapeSize } from "../shape-size.js";

/** An array of unsigned bytes from a file in the idx format, MNIST's own. */
export interface IdxArray {
  /** Length of each axis: `[count, rows, columns]` for images, `[count]` for labels. */
  readonly shape: readonly number[];
  /** The values, last axis fastest; shares memory with the file's bytes. */
  readonly data: Uint8Array;
}

/**
 * Reads an idx file of unsigned bytes: two zero bytes, the type 8, the number of axes, each axis' length as a
 * big-endian 32-bit number, then exactly that many bytes. Source: http://yann.lecun.com/exdb/mnist/.
 *
 * @param path only named in errors
 * @throws FileError for any other content
 */
export function parseIdx(bytes: Uint8Array, path: string): IdxArray {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) throw new FileError(path, "is not an idx file");
  if (bytes[2] !== 8) throw new FileError(path, `is an idx file of type ${bytes[2]}; unsigned bytes (8) were expected`);
  const axes = bytes[3];
  const start = 4 + 4 * axes;
  if (axes === 0 || bytes.length < start) throw new FileError(path, "is an idx file that ends within its header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shapeSize(shape);
  if (bytes.length - start !== size) {
    throw new FileError(path, `holds ${bytes.length - start} bytes of data; [${shape.join(", ")}] needs ${size}`);
  }
  return { shape, data: bytes.subarray(start) };
}
