import type { Tokenizer } from "@huggingface/tokenizers";
import { describe, FileError } from "../errors.js";

/** What stands in front of a text, and behind it, where something other than tokenizer.json says so. */
export interface SaidEnds {
  readonly begin: number[] | undefined;
  readonly end: number[] | undefined;
}

/**
 * What stands around a text where tokenizer_config.json decides it, and not tokenizer.json: `add_bos_token` and
 * `add_eos_token` of the classes of Llama's tokenizers, which some checkpoints of that class have without a
 * post-processor that does it.
 */
export function endsOf(
  tokenizer: Tokenizer,
  { add_bos_token, add_eos_token, tokenizer_class }: Readonly<Record<string, unknown>>,
  { bos_token, eos_token }: Readonly<Record<string, string>>,
): SaidEnds {
  const isLlama = /^(Code)?Llama/.test(String(tokenizer_class));
  const said = (adds: unknown, name: string | undefined) => {
    if (!isLlama || typeof adds !== "boolean") return undefined;
    if (!adds) return [];
    const token = name === undefined ? undefined : tokenizer.token_to_id(name);
    return token === undefined ? undefined : [token];
  };
  return { begin: said(add_bos_token, bos_token), end: said(add_eos_token, eos_token) };
}

/**
 * @param path of tokenizer_config.json
 * @param file what tokenizer.json says
 * @throws FileError for settings by which the library makes other tokens than tokenizer.json says
 */
export function checkSettings(
  path: string,
  { split_special_tokens, add_prefix_space }: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): void {
  const refuse = (name: string, rule: string, value: unknown): never => {
    throw new FileError(path, `invalid ${name}; expected ${rule}; received ${describe(value)}`);
  };
  if (split_special_tokens === true)
    refuse("split_special_tokens", "false or none: special tokens in a text are tokens", split_special_tokens);
  const first = (file.pre_tokenizer ?? {}) as Readonly<Record<string, unknown>>;
  const own = first.add_prefix_space ?? false;
  if (first.type === "ByteLevel" && typeof add_prefix_space === "boolean" && own !== add_prefix_space)
    refuse("add_prefix_space", `${own}, as in the pre_tokenizer of tokenizer.json`, add_prefix_space);
}

/** Settings of a tokenizer, without those that tokenizer.json decides, and the package would do once more. */
export function withoutOldSettings(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...settings, remove_space: false, do_lowercase_and_remove_accent: false };
}

/** The texts of special tokens: those with a name, and others. */
export function specialTexts(settings: Readonly<Record<string, unknown>>): string[] {
  const others = Array.isArray(settings.additional_special_tokens) ? settings.additional_special_tokens : [];
  const named = others.map((value, i) => [`${i}_token`, value]);
  return [...new Set(Object.values(specialTokens({ ...settings, ...Object.fromEntries(named) })))];
}

/** Tokens that templates know by name, such as bos_token. */
export function specialTokens(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  const named = Object.entries(settings).flatMap(([name, value]): [string, string][] => {
    if (!name.endsWith("_token")) return [];
    const text = typeof value === "string" ? value : (value as { content?: unknown } | null)?.content;
    return typeof text === "string" ? [[name, text]] : [];
  });
  return Object.fromEntries(named);
}
