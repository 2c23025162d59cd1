import type { Tokenizer } from "@huggingface/tokenizers";

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
