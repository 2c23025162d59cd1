import { describe, FileError } from "../errors.js";
import { tokenIds } from "./added-tokens.js";

/** A part of tokenizer.json, of whatever kind. */
type Part = Readonly<Record<string, unknown>>;

/** Characters that a tokenizer would read otherwise than the library that its file is of, and by which part. */
export interface UnreadCharacters {
  readonly part: string;
  readonly characters: RegExp;
}

/** White space to one of the two regular expressions alone. */
const spaces = /[\u0085\ufeff]/u;

/**
 * Checks that a tokenizer is of forms that the package which reads it takes as the library does that such files are of
 * (Hugging Face's tokenizers): of others it makes other tokens without a word. Which these are was found by comparing
 * both.
 *
 * @param path of tokenizer.json
 * @returns what is read otherwise in some texts alone
 * @throws FileError that names the first part that is not
 */
export function checkForms(path: string, file: Part): UnreadCharacters[] {
  const refuse = (what: string, why: string): never => {
    throw new FileError(path, `has ${what}, which is not read exactly: ${why}`);
  };
  const unread: UnreadCharacters[] = [];
  const model = isPart(file.model) ? file.model : {};
  checkModel(model, refuse);
  for (const part of parts(file.normalizer, "normalizers")) checkNormalizer(part, unread, refuse);
  const splits = parts(file.pre_tokenizer, "pretokenizers");
  splits.forEach((part, p) => {
    checkSplit(part, p, splits, model, unread, refuse);
  });
  if (splits.some(isFirstAlone) && file.normalizer && listOf(file.added_tokens).some(({ normalized }) => normalized)) {
    refuse('a Metaspace with prepend_scheme "first" and a normalizer', "some added_tokens are found behind it");
  }
  checkEnds(file, refuse);
  return unread;
}

type Refuse = (what: string, why: string) => never;

/** A part, or those of a Sequence, Sequences within it included; none of null. */
function parts(part: unknown, within: string): Part[] {
  if (!isPart(part)) return [];
  if (part.type !== "Sequence") return [part];
  return listOf(part[within]).flatMap((own) => parts(own, within));
}

function checkModel(model: Part, refuse: Refuse): void {
  const { type } = model;
  if (!["BPE", "Unigram", "WordPiece"].includes(String(type))) {
    refuse(`a model of the type ${describe(type)}`, "BPE, Unigram and WordPiece are");
  }
  if (type === "Unigram" && model.byte_fallback === true)
    refuse("a Unigram model with byte_fallback", "bytes are lost");
  if (type !== "BPE") return;
  if (model.continuing_subword_prefix)
    refuse("a BPE model with a continuing_subword_prefix", "only a suffix of words' ends is");
  if (model.dropout) refuse("a BPE model with dropout", "it leaves out merges by lot");
}

function checkNormalizer({ type, content }: Part, unread: UnreadCharacters[], refuse: Refuse): void {
  const exact = ["NFC", "NFD", "NFKC", "NFKD", "Strip", "StripAccents", "Replace", "Prepend", "Lowercase"];
  if (!exact.includes(String(type))) refuse(`a normalizer of the type ${describe(type)}`, `${exact.join(", ")} are`);
  if (type === "Replace") checkContent("a normalizer Replace", content, refuse);
  if (type === "Strip") unread.push({ part: "normalizer Strip", characters: spaces });
  // At a word's end it becomes another letter.
  if (type === "Lowercase") unread.push({ part: "normalizer Lowercase", characters: /Σ/u });
}

/** A dollar sign stands for something that was found. */
function checkContent(what: string, content: unknown, refuse: Refuse): void {
  if (typeof content === "string" && content.includes("$"))
    refuse(`${what} by ${describe(content)}`, "of its dollar sign");
}

function checkSplit(
  part: Part,
  place: number,
  all: readonly Part[],
  model: Part,
  unread: UnreadCharacters[],
  refuse: Refuse,
): void {
  switch (part.type) {
    case "ByteLevel":
      if (part.use_regex !== false) unread.push({ part: "pre_tokenizer ByteLevel", characters: spaces });
      return;
    case "Split": {
      const behaviour = String(part.behavior);
      if (behaviour !== "Removed" && (behaviour !== "Isolated" || part.invert === true)) {
        refuse(`a pre_tokenizer Split with ${behaviour}${part.invert ? ", inverted" : ""}`, "Isolated and Removed are");
      }
      return;
    }
    case "Metaspace":
      checkMetaspace(part, model, refuse);
      if (isFirstAlone(part) && place > 0)
        refuse(`a Metaspace with prepend_scheme "first" behind ${all[0].type}`, "alone it is");
      return;
    case "Punctuation":
      if (part.behavior !== "Contiguous") refuse(`a pre_tokenizer Punctuation with ${part.behavior}`, "Contiguous is");
      return;
    case "Digits":
      // Some bytes are written as letters that are numbers, such as ¾.
      if (all.slice(0, place).some(({ type }) => type === "ByteLevel"))
        refuse("a pre_tokenizer Digits behind ByteLevel", "in front of it, it is");
      unread.push({ part: "pre_tokenizer Digits", characters: /(?![0-9])\p{N}/u });
      return;
    case "WhitespaceSplit":
    case "BertPreTokenizer":
      unread.push({ part: `pre_tokenizer ${part.type}`, characters: spaces });
      return;
    default:
      refuse(
        `a pre_tokenizer of the type ${describe(part.type)}`,
        "ByteLevel, Split, Metaspace, Punctuation, Digits, WhitespaceSplit and BertPreTokenizer are",
      );
  }
}

function isFirstAlone({ type, prepend_scheme }: Part): boolean {
  return type === "Metaspace" && prepend_scheme === "first";
}

/** Words are not split there: that is the same where no token reaches over the beginning of one. */
function checkMetaspace({ split, replacement = "\u2581", ...part }: Part, model: Part, refuse: Refuse): void {
  if (part.add_prefix_space === false && part.prepend_scheme !== "never")
    refuse("a Metaspace with add_prefix_space false", 'prepend_scheme "never" is');
  if (split === false) return;
  if (model.ignore_merges === true) refuse("a Metaspace that splits, and ignore_merges", "one with split false is");
  const over = [...tokenIds(model).keys()].find((token) => token.lastIndexOf(String(replacement)) > 0);
  if (over !== undefined) refuse(`a Metaspace that splits, and the token ${describe(over)}`, "one with split false is");
}

/** What is put in front of texts and behind them: tokens by their names, which have to have the ids that it says. */
function checkEnds(file: Part, refuse: Refuse): void {
  const ids = tokenIds(isPart(file.model) ? file.model : {});
  for (const { content, id } of listOf(file.added_tokens)) ids.set(String(content), id as number);
  const check = (what: string, name: unknown, own: unknown) => {
    const [id, ...others] = Array.isArray(own) ? own : [];
    if (ids.get(String(name)) !== id || id === undefined || others.length > 0)
      refuse(
        `a post_processor ${what} with ${describe(name)} for the tokens ${describe(own)}`,
        "one token of that name is",
      );
  };
  for (const part of parts(file.post_processor, "processors")) {
    if (part.type === "TemplateProcessing") {
      for (const { SpecialToken } of listOf(part.single)) {
        if (!isPart(SpecialToken)) continue;
        const known = isPart(part.special_tokens) ? part.special_tokens[String(SpecialToken.id)] : undefined;
        check("TemplateProcessing", SpecialToken.id, isPart(known) ? known.ids : undefined);
      }
    } else if (part.type === "BertProcessing" || part.type === "RobertaProcessing") {
      for (const pair of [part.cls, part.sep]) if (Array.isArray(pair)) check(part.type, pair[0], [pair[1]]);
    }
  }
  for (const { type, content } of parts(file.decoder, "decoders"))
    if (type === "Replace") checkContent("a decoder Replace", content, refuse);
}

function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): Part[] {
  return Array.isArray(value) ? value.filter(isPart) : [];
}
