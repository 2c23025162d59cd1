import { existsSync } from "node:fs";
import { describe, FileError } from "../errors.js";
import { readUtf8 } from "../files.js";
import { parseJson } from "../json.js";

/** Bytes that a file of settings may have; an index of a thousand shards is within it. */
const mostBytes = 2 ** 28;

/**
 * An object in a JSON file.
 *
 * @throws FileError where it is absent, unless it is optional, or holds something else
 */
export function readJson(path: string, options: { optional: true }): Record<string, unknown> | undefined;
export function readJson(path: string): Record<string, unknown>;
export function readJson(path: string, { optional = false } = {}): Record<string, unknown> | undefined {
  if (optional && !existsSync(path)) return undefined;
  let value: unknown;
  try {
    value = parseJson(readUtf8(path, mostBytes));
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(path, `is not JSON (${(cause as Error).message})`, { cause });
  }
  if (!isRecord(value)) throw new FileError(path, `is not a JSON object; it holds ${describe(value)}`);
  return value;
}

/**
 * Settings that decide no logits: how a network was trained, is sampled from, or is called. Whatever they say is right.
 */
const without = new Set([
  ...["dtype", "torch_dtype", "transformers_version", "use_cache", "initializer_range", "pretraining_tp"],
  ...["router_aux_loss_coef", "router_jitter_noise", "output_router_logits", "attention_dropout", "pad_token_id"],
  ...[
    "output_attentions",
    "output_hidden_states",
    "return_dict",
    "torchscript",
    "task_specific_params",
    "problem_type",
  ],
  ...["is_llama_config", "unsloth_version", "unsloth_fixed", "attn_implementation", "_attn_implementation"],
  ...["id2label", "label2id", "finetuning_task", "prefix", "bad_words_ids", "tokenizer_class", "sep_token_id"],
  ...[
    "decoder_start_token_id",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "begin_suppress_tokens",
    "suppress_tokens",
  ],
  ...["max_length", "min_length", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty"],
  ...["temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size"],
  ...["encoder_no_repeat_ngram_size", "num_return_sequences", "output_scores", "return_dict_in_generate"],
  ...["remove_invalid_values", "exponential_decay_length_penalty", "auto_map", "chunk_size_feed_forward"],
  "transformers.js_config",
]);

/** Settings that are true where nothing is said: `false` does not switch something off, but makes another network. */
const usuallyTrue = new Set(["is_causal", "use_rope", "use_rotary_embeddings"]);

/**
 * The settings in a config.json, read one by one: what nobody has asked for at the end is something that is not
 * implemented.
 */
export class ConfigFields {
  readonly #asked = new Set<string>();

  constructor(
    readonly path: string,
    readonly values: Readonly<Record<string, unknown>>,
    /** What stands before a setting's name in messages. */
    readonly prefix = "",
  ) {}

  /** Whether a setting is there, and not null. */
  has(name: string): boolean {
    return Object.hasOwn(this.values, name) && this.values[name] !== null;
  }

  /** A setting, whatever it is; undefined where there is none. */
  take(name: string): unknown {
    this.#asked.add(name);
    return this.has(name) ? this.values[name] : undefined;
  }

  /** @throws FileError that names a setting, always */
  refuse(name: string, rule: string): never {
    const received = this.has(name) ? describe(this.values[name]) : "nothing";
    throw new FileError(this.path, `invalid ${this.prefix}${name}; expected ${rule}; received ${received}`);
  }

  /** A positive integer, at most so many. */
  count(name: string, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.take(name);
    if (!Number.isSafeInteger(value) || (value as number) < 1) this.refuse(name, "a positive integer");
    if ((value as number) > most) this.refuse(name, `at most ${most}`);
    return value as number;
  }

  /** A positive integer, or undefined where there is none. */
  optionalCount(name: string): number | undefined {
    this.#asked.add(name);
    return this.has(name) ? this.count(name) : undefined;
  }

  /** A positive integer that has two names, of which one is there, or both with the same. */
  countOf(name: string, other: string): number {
    const [one, two] = [this.optionalCount(name), this.optionalCount(other)];
    if (one !== undefined && two !== undefined && one !== two)
      this.refuse(name, `the same as ${other}, which is ${two}`);
    return one ?? two ?? this.refuse(name, `a positive whole number, here or as ${other}`);
  }

  /** A finite number above 0. */
  positive(name: string): number {
    const value = this.take(name);
    if (typeof value !== "number" || !Number.isFinite(value) || value <= 0) this.refuse(name, "a number above 0");
    return value as number;
  }

  text(name: string): string {
    const value = this.take(name);
    if (typeof value !== "string") this.refuse(name, "a text");
    return value as string;
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.take(name) ?? otherwise;
    if (typeof value !== "boolean") this.refuse(name, "true or false");
    return value as boolean;
  }

  /** One token, a list of tokens, or none. */
  tokens(name: string, vocabulary: number): number[] {
    const value = this.take(name) ?? [];
    const list: unknown[] = Array.isArray(value) ? value : [value];
    if (!list.every((token) => Number.isInteger(token) && (token as number) >= 0 && (token as number) < vocabulary)) {
      this.refuse(name, `tokens of the vocabulary, from 0 to ${vocabulary - 1}`);
    }
    return list as number[];
  }

  /** @throws FileError for a setting that nobody asked for, unless it decides nothing or is switched off */
  checkRest(): void {
    for (const [name, value] of Object.entries(this.values)) {
      if (this.#asked.has(name) || name.startsWith("_") || without.has(name)) continue;
      if (usuallyTrue.has(name)) {
        if (value !== true && value !== null) this.refuse(name, "true or none: the other is not implemented");
        continue;
      }
      if (isOff(value)) continue;
      this.refuse(name, "no such setting: it is not implemented");
    }
  }
}

function isOff(value: unknown): boolean {
  if (value === null || value === false) return true;
  return typeof value === "object" && Object.keys(value as object).length === 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
