/** The bytes of a .npy file as numpy writes it. @param dtype numpy's name, e.g. `<i8` */
export function npyFile(dtype: string, shape: readonly number[], data: ArrayBufferView, fortran = "False"): Uint8Array {
  const tuple = `(${shape.map((length) => `${length},`).join(" ")})`;
  const header = `{'descr': '${dtype}', 'fortran_order': ${fortran}, 'shape': ${tuple}, }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, padded.length & 255, padded.length >> 8]);
  return Buffer.concat([start, Buffer.from(padded), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
