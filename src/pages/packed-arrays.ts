import { deflateSync, inflateSync } from "fflate";
import { invalid } from "../errors.js";
import type { PageArray } from "./page-content.js";

/** Where an array lies among the bytes of a page. */
export interface PackedArray {
  readonly type: keyof typeof types;
  /** First byte, a multiple of 8. */
  readonly at: number;
  readonly length: number;
}

const types = { Float64Array, Float32Array, Int32Array, Uint16Array, Uint8Array } as const;

/** Arrays one behind the other, and where each lies. */
export interface PackedArrays {
  readonly places: Readonly<Record<string, PackedArray>>;
  /** All of them, deflated, in base64. */
  readonly numbers: string;
}

/** Packs arrays into a text. Equal arrays give equal texts. */
export function packArrays(arrays: Readonly<Record<string, PageArray>>): PackedArrays {
  const places: Record<string, PackedArray> = {};
  let end = 0;
  for (const [name, array] of Object.entries(arrays)) {
    places[name] = { type: array.constructor.name as PackedArray["type"], at: end, length: array.length };
    end += 8 * Math.ceil(array.byteLength / 8);
  }
  const bytes = new Uint8Array(end);
  for (const [name, { buffer, byteOffset, byteLength }] of Object.entries(arrays)) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), places[name].at);
  }
  return { places, numbers: toBase64(deflateSync(bytes, { level: 9 })) };
}

/** The arrays of a text that {@link packArrays} made. @throws RangeError where it holds no such arrays */
export function unpackArrays({ places, numbers }: PackedArrays): Record<string, PageArray> {
  const { buffer, byteLength } = inflateSync(fromBase64(numbers)).slice();
  return Object.fromEntries(
    Object.entries(places).map(([name, { type, at, length }]) => {
      const made = Object.hasOwn(types, type) ? types[type] : undefined;
      if (!made || at % 8 !== 0 || !(at >= 0 && at + length * made.BYTES_PER_ELEMENT <= byteLength)) {
        throw invalid(`array ${name}`, `one within the page's ${byteLength} bytes`, `${type} of ${length} at ${at}`);
      }
      return [name, new made(buffer, at, length)];
    }),
  );
}

/** Bytes turned into characters at a time. */
const atOnce = 0x2000;

/** Base64 as browsers and Node both have it. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let from = 0; from < bytes.length; from += atOnce) {
    text += String.fromCharCode(...bytes.subarray(from, from + atOnce));
  }
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
