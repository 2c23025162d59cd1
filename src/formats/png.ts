import { zlibSync } from "fflate";
import { invalid } from "../errors.js";
import { has } from "../kinds.js";

/**
 * Pixels as the bytes of a PNG file, eight bits a channel. Equal pixels give equal bytes, wherever it runs.
 *
 * @param pixels red, green, blue of each pixel, row after row, `[height, width, 3]`
 * @throws RangeError where the pixels are not as many
 */
export function pngOf(pixels: Uint8Array, width: number, height: number): Uint8Array {
  has("pixels", pixels, "an array of bytes");
  if (pixels.length !== width * height * 3 || pixels.length === 0) {
    throw invalid("pixels", `${width * height * 3} levels, ${width} x ${height} pixels of three`, pixels);
  }
  const row = 3 * width;
  const filtered = new Uint8Array(height * (row + 1)); // each row after a 0: no filter
  for (let y = 0; y < height; y++) filtered.set(pixels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 2, 0, 0, 0], 8); // bits, colours, deflate, filters, not interlaced
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return joined([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", zlibSync(filtered, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

/** Bytes that are turned into text at a time. */
const textStep = 0x2000;

/** A PNG file as an address that a page can show without loading anything. */
export function pngAddress(png: Uint8Array): string {
  let text = "";
  for (let at = 0; at < png.length; at += textStep) text += String.fromCharCode(...png.subarray(at, at + textStep));
  return `data:image/png;base64,${btoa(text)}`;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The checksum of PNG (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
