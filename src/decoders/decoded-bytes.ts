/**
 * What the package that reads tokenizers has as a decoder, a function: one that makes text of bytes, a sequence, or
 * another.
 */
interface Decoder {
  readonly config?: { readonly type?: unknown };
  readonly decoders?: readonly Decoder[];
  text_decoder?: { decode(bytes: Uint8Array): string };
}

/**
 * Has byte tokens (`<0xEF>`) become text as in the library that tokenizer.json is of: U+FEFF stays where it begins
 * them, and of bytes in a row that are not UTF-8, such as a part of a character, each one is U+FFFD. The package left
 * the first out, and kept what was UTF-8 of the others.
 *
 * @param decoder of the package's tokenizer, which is changed
 */
export function decodeBytesExactly(decoder: unknown): void {
  if ((typeof decoder !== "object" && typeof decoder !== "function") || decoder === null) return;
  const { config, decoders } = decoder as Decoder;
  for (const own of decoders ?? []) decodeBytesExactly(own);
  if (config?.type === "ByteFallback") (decoder as Decoder).text_decoder = { decode: textOfBytes };
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOfBytes(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return "\ufffd".repeat(bytes.length);
  }
}
