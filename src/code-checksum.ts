import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** SHA-256 of a function's text, which is all of a closure that can be told from another one. */
export function codeSha256(code: (...given: never[]) => unknown): string {
  return bytesToHex(sha256(utf8ToBytes(String(code))));
}
