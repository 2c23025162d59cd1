import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { coalitionsOf } from "../../src/coalitions/coalition.js";
import { expertsGame } from "../../src/decoders/experts-game.js";
import { openTokenizer } from "../../src/decoders/file-tokenizer.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import { playedTasks } from "../../src/decoders/tasks.js";
import { byteTokenizer } from "../../src/decoders/tokenizer.js";
import { writtenChats } from "../../src/decoders/written-chats.js";
import { FileError } from "../../src/errors.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available } from "../helpers/optional.js";
import { fc } from "../helpers/properties.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);

/** How byte-level tokenizers write bytes: as letters, those that are none as letters from 256 on. */
const letters = (() => {
  const own = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173 && byte < 256);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(own(byte) ? byte : next++));
})();
const written = (text: string) => [...new TextEncoder().encode(text)].map((byte) => letters[byte]).join("");

/** Bytes, "he" 256, "ll" 257, "hell" 258, " w" 259, "<s>" 260, "</s>" 261, "[INST]" 262. */
const byteLevel = () => {
  const merges = [
    ["h", "e"],
    ["l", "l"],
    ["he", "ll"],
    [written(" "), "w"],
  ];
  const vocabulary = Object.fromEntries([...letters, ...merges.map((pair) => pair.join(""))].map((t, id) => [t, id]));
  const special = ["<s>", "</s>", "[INST]"].map((content, i) => ({
    id: 260 + i,
    content,
    special: true,
    ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
  }));
  return {
    version: "1.0",
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, use_regex: false },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [{ Sequence: { id: "A", type_id: 0 } }],
      special_tokens: { "<s>": { id: "<s>", ids: [260], tokens: ["<s>"] } },
    },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab: vocabulary, merges },
  };
};
const template =
  "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system here') }}{% endif %}" +
  "[INST]{{ m.content }}{% endfor %}{% if add_generation_prompt %}>{% endif %}";

/** A checkpoint of so many tokens with files of a tokenizer. */
function checkpoint(name: string, vocabulary: number, files: Record<string, unknown>): string {
  const place = join(folder, name);
  rmSync(place, { recursive: true, force: true });
  const config = tinyConfig("mixtral", { vocab_size: vocabulary });
  writeCheckpoint(place, config, randomTensors(config, 1));
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(place, file), typeof content === "string" ? content : JSON.stringify(content));
  }
  return place;
}
const open = async (place: string) => openDecoder(place, plainProducts(), {}, 1e9, await openTokenizer(place));

const packages = await Promise.all([import("@huggingface/tokenizers"), import("@huggingface/jinja")]).catch(
  () => undefined,
);

describe.runIf(available("@huggingface/tokenizers", packages !== undefined))("foreign files of a tokenizer", () => {
  it("that lack bytes of a text are an error: they were left out without a word", async () => {
    const lacking = byteLevel();
    // Tokens that no text has: so the others are counted as before.
    const { vocab } = lacking.model;
    letters.forEach((letter, byte) => {
      if (byte < 200) return;
      delete vocab[letter];
      vocab[`${letter}${letter}`] = byte;
    });
    const place = checkpoint("lacking", 263, { "tokenizer.json": lacking });
    const { tokenizer } = await open(place);
    expect(tokenizer!.encode("hello")).toEqual([260, 258, "o".charCodeAt(0)]);
    const problem = `${join(place, "tokenizer.json")}: has no token for a part of`;
    expect(() => tokenizer!.encode("a\u{1f600}")).toThrow(problem);
    expect(() => tokenizer!.encodeAnswered("a", "\u{1f600}")).toThrow(problem);
  });

  it("that count tokens otherwise than from 0 are refused", async () => {
    for (const id of [3.5, -1, "7"]) {
      const other = byteLevel();
      other.model.vocab.a = id as number;
      const place = checkpoint("counted", 263, { "tokenizer.json": other });
      const { tokenizer } = await open(place);
      expect(() => tokenizer!.encode("a")).toThrow(`has ${JSON.stringify(id)} as a token of "a"; tokens are counted`);
    }
  });

  it("name special tokens in special_tokens_map.json, where the settings do not", async () => {
    const files = {
      "tokenizer.json": byteLevel(),
      "chat_template.jinja": "{{ bos_token }}a{{ eos_token }}",
      "special_tokens_map.json": { bos_token: "<s>", eos_token: { content: "</s>" } },
    };
    const message = [{ role: "user", content: "x" }] as const;
    const own = await open(checkpoint("map", 263, files));
    expect(own.tokenizer!.encodeChat(message)).toEqual([260, 97, 261]);
    const named = { "tokenizer_config.json": { bos_token: "[INST]", eos_token: null } };
    const other = await open(checkpoint("map", 263, { ...files, ...named }));
    expect(other.tokenizer!.encodeChat(message)).toEqual([262, 97]);
  });

  it("begin a text as add_bos_token says, where the class is Llama's", async () => {
    const silent = { ...byteLevel(), post_processor: null };
    const begun = async (file: object, settings: object) => {
      const place = checkpoint("begin", 263, { "tokenizer.json": file, "tokenizer_config.json": settings });
      const { tokenizer } = await open(place);
      const { prompt, answer } = tokenizer!.encodeAnswered("a", "b");
      expect(answer).toEqual([98]);
      expect(prompt).toEqual(tokenizer!.encode("a"));
      return prompt;
    };
    const llama = { bos_token: "<s>", tokenizer_class: "LlamaTokenizerFast" };
    expect(await begun(silent, { ...llama, add_bos_token: true })).toEqual([260, 97]);
    expect(await begun(byteLevel(), { ...llama, add_bos_token: true })).toEqual([260, 97]);
    expect(await begun(byteLevel(), { ...llama, add_bos_token: false })).toEqual([97]);
    expect(await begun(silent, llama)).toEqual([97]);
    expect(await begun(byteLevel(), llama)).toEqual([260, 97]);
    const ended = { eos_token: "</s>", add_eos_token: true };
    const place = checkpoint("end", 263, {
      "tokenizer.json": silent,
      "tokenizer_config.json": { ...llama, ...ended, add_bos_token: true },
    });
    const { tokenizer } = await open(place);
    expect(tokenizer!.encode("a")).toEqual([260, 97, 261]);
    // What ends a text does not stand between question and answer.
    expect(tokenizer!.encodeAnswered("a", "b")).toEqual({ prompt: [260, 97], answer: [98] });
    const other = { ...llama, tokenizer_class: "PreTrainedTokenizerFast" };
    expect(await begun(silent, { ...other, add_bos_token: true })).toEqual([97]);
    expect(await begun(byteLevel(), { ...other, add_bos_token: false })).toEqual([260, 97]);
  });

  it("say nothing where nothing was decoded, and games go on", async () => {
    // Every token ends a text, so the first one that is decoded does.
    const ends = { eos_token_id: Array.from({ length: 263 }, (_, token) => token) };
    const own = await open(checkpoint("ends", 263, { "tokenizer.json": byteLevel(), "generation_config.json": ends }));
    expect(own.tokenizer!.decode([])).toBe("");
    for (const score of ["decoded-accuracy", "decoded-likeness"] as const) {
      const game = expertsGame(own, [{ name: "t", score, questions: [{ prompt: "hello", answer: "b" }] }]);
      expect(await game.evaluate(coalitionsOf(game.units.length, [[]]))).toEqual(Float64Array.of(0));
    }
  });

  it("with a regular expression that takes for ever are an error in seconds", async () => {
    const endless = {
      ...byteLevel(),
      normalizer: { type: "Replace", pattern: { Regex: "(a+)+$" }, content: "b" },
    };
    const place = checkpoint("endless", 263, { "tokenizer.json": endless });
    const { tokenizer } = await open(place);
    expect(tokenizer!.encode("say")).toHaveLength(4);
    const start = performance.now();
    expect(() => tokenizer!.encode(`${"a".repeat(60)}b`)).toThrow(
      `${join(place, "tokenizer.json")}: does not come to an end within 10 seconds with "aaaa`,
    );
    expect(performance.now() - start).toBeLessThan(30_000);
    expect(tokenizer!.encode("say")).toHaveLength(4);
  });
});

/** Texts of whole characters with what tends to be lost: marks of order, zero bytes, characters without a meaning. */
const hostile = ["\ufeff", "\0", "\ufffd", "\uffff", "\u0085", "\u200b", "\r", " ", "\u2581", "e\u0301", "\u{10ffff}"];
const anyText = fc
  .array(fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "binary", maxLength: 3 })), { maxLength: 12 })
  .map((parts) => parts.join(""))
  .filter((text) => !/\p{Surrogate}/u.test(text) && !/<s>|<\/s>|\[INST\]/.test(text));

/** Byte tokens for all but the letters a to z, as in files of SentencePiece: bytes 0 to 255, letters from 256. */
const byteFallback = () => ({
  version: "1.0",
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: { type: "Sequence", decoders: [{ type: "ByteFallback" }, { type: "Fuse" }] },
  model: {
    type: "BPE",
    byte_fallback: true,
    unk_token: null,
    vocab: Object.fromEntries(
      [
        ...Array.from({ length: 256 }, (_, b) => `<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`),
        ..."abcdefghijklmnopqrstuvwxyz",
      ].map((token, id) => [token, id]),
    ),
    merges: [],
  },
});

describe.runIf(available("@huggingface/tokenizers", packages !== undefined))(
  "bytes as tokens of tokenizer.json",
  () => {
    it.each([
      ["byte-level", byteLevel, 263],
      ["fallback", byteFallback, 282],
    ] as const)("become the text that they were of again: %s", async (name, file, vocabulary) => {
      const { tokenizer } = await open(checkpoint(`bytes-${name}`, vocabulary, { "tokenizer.json": file() }));
      for (const text of [...hostile, "\ufeffa", "a\ufeff", "\ufeff\ufeff"])
        expect(tokenizer!.decode(tokenizer!.encode(text))).toBe(text);
      fc.assert(
        fc.property(anyText, (text) => tokenizer!.decode(tokenizer!.encode(text)) === text),
        { seed: 15, numRuns: 300 },
      );
    });

    it("that are parts of characters become U+FFFD, and no error", async () => {
      const open1 = await open(checkpoint("parts-1", 263, { "tokenizer.json": byteLevel() }));
      const open2 = await open(checkpoint("parts-2", 282, { "tokenizer.json": byteFallback() }));
      // Of each part of a character one, as in the library; of byte tokens of each byte one, whatever is beside it.
      expect(open1.tokenizer!.decode([0xe2, 0x82, 104])).toBe("\ufffdh");
      expect(open2.tokenizer!.decode([0xe2, 0x82, 256])).toBe("\ufffd\ufffda");
      expect(open2.tokenizer!.decode([0x41, 0xff, 256, 0x41])).toBe("\ufffd\ufffdaA");
    });
  },
);

describe.runIf(available("@huggingface/tokenizers", packages !== undefined))("the tokenizer of tokenizer.json", () => {
  const settings = { bos_token: { content: "<s>" }, chat_template: template };
  const place = checkpoint("whole", 263, { "tokenizer.json": byteLevel(), "tokenizer_config.json": settings });

  it("makes the tokens that its merges say, and the text of tokens", async () => {
    const { tokenizer } = await open(place);
    const [h, l, o] = ["h", "l", "o"].map((letter) => letter.charCodeAt(0));
    expect(tokenizer!.encode("hello w")).toEqual([260, 258, o, 259]);
    expect(tokenizer!.encode("lllh")).toEqual([260, 257, l, h]);
    expect(tokenizer!.decode([260, 258, o, 259, 261])).toBe("hello w");
    const text = fc.string({ unit: "grapheme", maxLength: 20 }).filter((own) => !/<s>|<\/s>|\[INST\]/.test(own));
    fc.assert(fc.property(text, (own) => tokenizer!.decode(tokenizer!.encode(own)) === own));
    expect(tokenizer!.decode(tokenizer!.encode("do n't , he said ."))).toBe("do n't , he said .");
  });

  it("writes conversations as the chat template does, and begins them once", async () => {
    const { tokenizer } = await open(place);
    const bytes = (text: string) => [...new TextEncoder().encode(text)];
    const expected = [260, 262, ...bytes("a?"), ...bytes(">")];
    expect(tokenizer!.encodeChat([{ role: "user", content: "a?" }])).toEqual(expected);
    expect(() => tokenizer!.encodeChat([{ role: "system", content: "b" }])).toThrow(/no system here/);
    expect(() => tokenizer!.encodeChat([{ role: "robot" as "user", content: "b" }])).toThrow(
      /messages\[0\].role; expected one of/,
    );
    expect(() => tokenizer!.encodeChat([])).toThrow(/invalid messages/);
    // A file of its own comes before the settings.
    const file = { "chat_template.jinja": "{{ messages[0].content }}!" };
    const other = checkpoint("jinja", 263, {
      "tokenizer.json": byteLevel(),
      "tokenizer_config.json": settings,
      ...file,
    });
    expect((await open(other)).tokenizer!.encodeChat([{ role: "user", content: "a" }])).toEqual(bytes("a!"));
    const list = [
      { name: "tool", template: "x" },
      { name: "default", template: "y" },
    ];
    const several = { "tokenizer.json": byteLevel(), "tokenizer_config.json": { chat_template: list } };
    const named = checkpoint("several", 263, several);
    expect((await open(named)).tokenizer!.encodeChat([{ role: "user", content: "a" }])).toEqual(bytes("y"));
    const none = checkpoint("none", 263, { "tokenizer.json": byteLevel() });
    const bare = (await open(none)).tokenizer!;
    expect(() => bare.encodeChat([{ role: "user", content: "a" }])).toThrow(/one with a chat template/);
    // A template that fails is named, and none is told the date: its prompts would be others tomorrow.
    const says = async (text: string) => {
      const given = { "tokenizer.json": byteLevel(), "chat_template.jinja": text };
      const own = (await open(checkpoint("says", 263, given))).tokenizer!;
      return () => own.decode(own.encodeChat([{ role: "user", content: "a" }]));
    };
    expect(await says("{{ raise_exception('no') }}")).toThrow(
      /chat_template.jinja: has a chat template that fails: no/,
    );
    expect(await says("{% for")).toThrow(/chat_template.jinja: has a chat template that fails/);
    expect((await says("{% if strftime_now is defined %}today{% else %}never{% endif %}"))()).toBe("never");
  });

  it("names what is wrong with a conversation", async () => {
    const { tokenizer } = await open(place);
    const message = { role: "user", content: "a" };
    const holes = [message, message];
    delete holes[0];
    for (const [messages, problem] of [
      [undefined, "invalid messages; expected a list of { role, content }; received undefined"],
      ["a", "invalid messages; expected a list"],
      [message, "invalid messages; expected a list of { role, content }; received Object"],
      [[], "invalid messages; expected at least one { role, content }"],
      [[message, "a"], 'invalid messages[1]; expected { role, content }, such as { role: "user", content: "Hello" }'],
      [[null], "invalid messages[0]; expected { role, content }"],
      [holes, "invalid messages[0]; expected { role, content }"],
      [[{ content: "a" }], "invalid messages[0].role; expected one of system, user, assistant; received undefined"],
      [
        [{ role: "robot", content: "a" }],
        'invalid messages[0].role; expected one of system, user, assistant; received "robot"',
      ],
      [[{ role: "user" }], "invalid messages[0].content; expected a text; received undefined"],
      [[{ role: "user", content: [{ type: "text", text: "a" }] }], "invalid messages[0].content; expected a text"],
      [[{ role: "user", content: "\ud83d" }], "invalid messages[0].content; expected a text in whole characters"],
      [
        [{ role: "user", contents: "a" }],
        'invalid name in messages[0]; expected role or content (nearest: content); received "contents"',
      ],
    ] as [unknown, string][]) {
      expect(() => tokenizer!.encodeChat(messages as never)).toThrow(problem);
      if (Array.isArray(messages)) expect(() => tokenizer!.encodeAnswered(messages as never, "b")).toThrow(problem);
    }
    for (const text of [undefined, 3, message]) {
      expect(() => tokenizer!.encodeAnswered(text as never, "b")).toThrow(/invalid (messages|prompt); expected a/);
    }
    expect(() => tokenizer!.encode("\ud83d")).toThrow("invalid text; expected a text in whole characters");
  });

  it("cuts a text between question and answer, and refuses where a token is of both", async () => {
    const { tokenizer } = await open(place);
    const cut = tokenizer!.encodeAnswered("say ", "hell");
    expect(cut).toEqual({ prompt: tokenizer!.encode("say "), answer: [258] });
    expect(() => tokenizer!.encodeAnswered("he", "ll")).toThrow(
      /shares no token with the prompt, which ends with "he"/,
    );
    const chat = tokenizer!.encodeAnswered([{ role: "user", content: "a?" }], "he");
    expect(chat).toEqual({ prompt: tokenizer!.encodeChat([{ role: "user", content: "a?" }]), answer: [256] });
  });

  it("has to fit the vocabulary: fewer tokens do, more are an error that names the first too many", async () => {
    const larger = checkpoint("larger", 300, { "tokenizer.json": byteLevel() });
    expect((await open(larger)).tokenizer!.encode("h")).toEqual([260, 104]);
    expect(() => openDecoderTokens(larger, 300)).not.toThrow();
    const smaller = checkpoint("smaller", 262, { "tokenizer.json": byteLevel() });
    await expect(open(smaller)).rejects.toThrow(FileError);
    await expect(open(smaller)).rejects.toThrow(
      `${join(smaller, "tokenizer.json")}: has token 262, "[INST]"; the decoder's vocabulary of config.json has 262 tokens`,
    );
    const { tokenizer } = await open(larger);
    // Tokens of the decoder that the tokenizer does not have are no text.
    expect(tokenizer!.decode([104, 290, 105])).toBe("hi");
    expect(tokenizer!.decode([290])).toBe("");
    expect(() => tokenizer!.decode([300])).toThrow(/from 0 to 299; received 300/);
  });

  it("is an error by name where it can not be read", async () => {
    const broken = checkpoint("broken", 263, { "tokenizer.json": "{" });
    await expect(open(broken)).rejects.toThrow(`${join(broken, "tokenizer.json")}: is not JSON`);
    const strange = checkpoint("strange", 263, { "tokenizer.json": { model: { type: "Runes" }, decoder: null } });
    await expect(open(strange)).rejects.toThrow(
      `${join(strange, "tokenizer.json")}: has a model of the type "Runes", which is not read exactly`,
    );
    const split = { type: "Split", pattern: { Regex: "(" }, behavior: "Isolated", invert: false };
    const wrong = checkpoint("strange", 263, { "tokenizer.json": { ...byteLevel(), pre_tokenizer: split } });
    await expect(open(wrong)).rejects.toThrow(`${join(wrong, "tokenizer.json")}: is no tokenizer that is read`);
  });
});

/** tokenizer.json with other parts. */
type Parts = Record<string, unknown>;
const added = (content: string, id: number, flags: Parts = {}) => ({
  ...{ id, content, special: false, single_word: false, lstrip: false, rstrip: false, normalized: false },
  ...flags,
});
const withAdded = (...tokens: object[]) => ({ added_tokens: [...byteLevel().added_tokens, ...tokens] });
const pieces = (...parts: Parts[]) => ({
  pre_tokenizer: { type: "Sequence", pretokenizers: [...parts, byteLevel().pre_tokenizer] },
});
const cut = (behavior: string, invert = false) => ({ type: "Split", pattern: { Regex: " " }, behavior, invert });
const bpe = (parts: Parts) => ({ model: { ...byteLevel().model, ...parts } });
const pair = { "<s>": { id: "<s>", ids: [260, 261], tokens: ["<s>", "</s>"] } };
const meta = (parts: Parts = {}) => ({ pre_tokenizer: { type: "Metaspace", replacement: "\u2581", ...parts } });

describe.runIf(available("@huggingface/tokenizers", packages !== undefined))("forms of tokenizer.json", () => {
  // Each makes other tokens by @huggingface/tokenizers than by the library that such files are of (tokenizers 0.23).
  const foreign: [part: string, file: Parts][] = [
    [
      'the added token "tok", which is not read exactly: single_word',
      withAdded(added("tok", 263, { single_word: true })),
    ],
    ['the added token "tok", which is not read exactly: its id is 270', withAdded(added("tok", 270))],
    ['the added token "he", which is not read exactly: its id is 263', withAdded(added("he", 263))],
    [
      'the added token "tok", which is not read exactly: it stands twice',
      withAdded(added("tok", 263), added("tok", 263)),
    ],
    [
      'the added token "tok", which is not read exactly: the spaces',
      withAdded(added("tok", 263, { lstrip: true }), added("  ", 264)),
    ],
    [
      'the added token "ab", which is not read exactly: it is normalized',
      withAdded(added("ab", 263, { normalized: true }), added("ca", 264)),
    ],
    ["an added token without a text", withAdded({ id: 263 })],
    ["a pre_tokenizer Split with MergedWithPrevious", pieces(cut("MergedWithPrevious"))],
    ["a pre_tokenizer Split with MergedWithNext", pieces(cut("MergedWithNext"))],
    ["a pre_tokenizer Split with Contiguous", pieces(cut("Contiguous"))],
    ["a pre_tokenizer Split with Isolated, inverted", pieces(cut("Isolated", true))],
    ["a pre_tokenizer Punctuation with Isolated", pieces({ type: "Punctuation", behavior: "Isolated" })],
    ['a pre_tokenizer of the type "Whitespace"', pieces({ type: "Whitespace" })],
    [
      'a Metaspace that splits, and the token "a\u2581b"',
      { ...meta(), ...bpe({ vocab: { a: 0, "a\u2581b": 1 } }), added_tokens: [], post_processor: null },
    ],
    ["a Metaspace with add_prefix_space false", meta({ split: false, add_prefix_space: false })],
    [
      'a Metaspace with prepend_scheme "first" behind Digits',
      pieces({ type: "Digits" }, { ...meta().pre_tokenizer, split: false, prepend_scheme: "first" }),
    ],
    [
      "a pre_tokenizer Digits behind ByteLevel",
      { pre_tokenizer: { type: "Sequence", pretokenizers: [byteLevel().pre_tokenizer, { type: "Digits" }] } },
    ],
    ["a BPE model with a continuing_subword_prefix", bpe({ continuing_subword_prefix: "##" })],
    ["a BPE model with dropout", bpe({ dropout: 0.1 })],
    [
      "a Unigram model with byte_fallback",
      {
        model: { type: "Unigram", vocab: [["a", 0]], unk_id: 0, byte_fallback: true },
        added_tokens: [],
        post_processor: null,
      },
    ],
    ['a model of the type "WordLevel"', bpe({ type: "WordLevel" })],
    [
      'a normalizer of the type "Precompiled"',
      { normalizer: { type: "Sequence", normalizers: [{ type: "Precompiled" }] } },
    ],
    ['a normalizer Replace by "$&"', { normalizer: { type: "Replace", pattern: { String: "a" }, content: "$&" } }],
    [
      'a post_processor TemplateProcessing with "<s>" for the tokens [260, 261]',
      { post_processor: { ...byteLevel().post_processor, special_tokens: pair } },
    ],
  ];
  it.each(foreign)("that are read otherwise than they are meant are refused: %s", async (part, file) => {
    const place = checkpoint("form", 300, { "tokenizer.json": { ...byteLevel(), ...file } });
    await expect(open(place)).rejects.toThrow(`${join(place, "tokenizer.json")}: has ${part}`);
  });

  it("that are read otherwise in some texts are errors of these texts", async () => {
    const file = { ...byteLevel(), ...pieces({ type: "Digits", individual_digits: true }) };
    const place = checkpoint("digits", 263, { "tokenizer.json": file });
    const { tokenizer } = await open(place);
    expect(tokenizer!.encode("12")).toEqual([260, 49, 50]);
    const problem = `${join(place, "tokenizer.json")}: has a pre_tokenizer Digits, which does not read U+0663 exactly`;
    expect(() => tokenizer!.encode("a\u0663")).toThrow(problem);
  });

  it("take added tokens of tokenizer_config.json, too", async () => {
    const files = (decoder: Parts) => ({
      "tokenizer.json": byteLevel(),
      "tokenizer_config.json": { added_tokens_decoder: decoder },
    });
    const flags = { special: true, single_word: false, lstrip: false, rstrip: false, normalized: false };
    const other = checkpoint("config", 300, files({ 263: { content: "hell", ...flags } }));
    await expect(open(other)).rejects.toThrow('"hell", which is not read exactly: its id is 263; by the vocabulary');
    const own = await open(
      checkpoint("config", 300, files({ 264: { content: "<b>", ...flags }, 263: { content: "<a>", ...flags } })),
    );
    expect(own.tokenizer!.encode("x<a>y<b>")).toEqual([260, 120, 263, 121, 264]);
    expect(own.tokenizer!.decode([120, 263, 121])).toBe("xy");
    const known = await open(checkpoint("config", 300, files({ 258: { content: "hell", ...flags } })));
    expect(known.tokenizer!.encode("shell")).toEqual([260, 115, 258]);
    const moved = checkpoint("config", 300, files({ 262: { content: "<s>", ...flags } }));
    await expect(open(moved)).rejects.toThrow(
      'has the added token "<s>", which is not read exactly: its id is 260, and',
    );
  });

  it.each([
    [{ split_special_tokens: true }, "invalid split_special_tokens; expected false or none"],
    [{ add_prefix_space: true }, "invalid add_prefix_space; expected false, as in the pre_tokenizer"],
  ])("are not said otherwise in tokenizer_config.json: %j", async (settings, problem) => {
    const place = checkpoint("said", 263, { "tokenizer.json": byteLevel(), "tokenizer_config.json": settings });
    await expect(open(place)).rejects.toThrow(`${join(place, "tokenizer_config.json")}: ${problem}`);
  });

  it("find special tokens of the vocabulary that tokenizer_config.json alone names", async () => {
    const { vocab } = byteLevel().model;
    const file = {
      ...byteLevel(),
      ...bpe({ vocab: { ...vocab, "<s>": 260, "</s>": 261, "[INST]": 262 } }),
      added_tokens: [],
    };
    const settings = { bos_token: "<s>", eos_token: { content: "</s>" }, additional_special_tokens: ["[INST]"] };
    const own = await open(checkpoint("named", 263, { "tokenizer.json": file, "tokenizer_config.json": settings }));
    expect(own.tokenizer!.encode("a</s>[INST]b")).toEqual([260, 97, 261, 262, 98]);
    // What was done to texts before they were tokens is in tokenizer.json.
    const old = { do_lowercase_and_remove_accent: true, remove_space: true };
    const kept = await open(checkpoint("named", 263, { "tokenizer.json": file, "tokenizer_config.json": old }));
    expect(kept.tokenizer!.encode(" A  b")).toEqual([260, 32, 65, 32, 32, 98]);
  });
});

describe.runIf(available("@huggingface/jinja", packages !== undefined))("a chat template", () => {
  it("is given no tools and no documents, which is something other than what it does not know", () => {
    const text = "{{ 'a' if tools is not none }}{{ 'b' if documents is defined }}{{ 'c' if other is defined }}";
    expect(writtenChats(text, [[{ role: "user", content: "x" }]], {})).toEqual(["b"]);
  });

  const message = { role: "user", content: "é\ud83d\ude00 a?" } as const;

  it("writes many conversations, the same as one after the other", () => {
    const template = "{{ begin }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}";
    const conversations = Array.from({ length: 300 }, (_, c) => [
      message,
      { role: "assistant", content: `${c}` } as const,
    ]);
    const texts = writtenChats(template, conversations, { begin: "<s>" });
    expect(texts).toEqual(conversations.map((_, c) => `<s><user>${message.content}<assistant>${c}`));
  });

  /** Which limit comes first is a matter of the machine. */
  const ended = /takes more than 128 MB of memory|does not come to an end within 5 seconds/;
  const doubled = (times: number) =>
    `{% set n = namespace(s='aaaaaaaa') %}{% for i in range(${times}) %}{% set n.s = n.s + n.s %}{% endfor %}`;
  it.each([
    [
      "{% for i in range(60000) %}{% for j in range(60000) %}{% endfor %}{% endfor %}",
      /does not come to an end within 5 seconds/,
    ],
    [
      "{% macro f(n) %}{{ f(n - 1) if n }}{{ f(n - 1) if n }}{% endmacro %}{{ f(90) }}",
      /does not come to an end within 5 seconds/,
    ],
    ["{% for i in range(1000000000) %}{% endfor %}", ended],
    [`${doubled(25)}{{ n.s|upper }}`, ended],
    [`${doubled(60)}{{ n.s }}`, /fails: Invalid string length/],
    [`${doubled(20)}{{ n.s }}`, /writes more than 4,194,324 characters/],
  ])("that does not end, or grows, is an error within seconds: %s", (template, problem) => {
    const start = performance.now();
    expect(() => writtenChats(template, [[{ role: "user", content: "abcdefghij" }]], {})).toThrow(problem);
    expect(performance.now() - start).toBeLessThan(40_000);
  });

  it("that does not end is named by its file, where a game asks for it", async () => {
    const files = {
      "tokenizer.json": byteLevel(),
      "chat_template.jinja": "{% for i in range(1000000000) %}{% endfor %}",
    };
    const place = checkpoint("endless", 263, files);
    const decoder = await open(place);
    const tasks = [{ name: "t", chat: true, questions: [{ prompt: "a", answer: "b" }] }];
    expect(() => expertsGame(decoder, tasks)).toThrow(
      /chat_template.jinja: has a chat template that (takes more than 128 MB|does not come to an end)/,
    );
  });

  it("writes all prompts of a task at once: as many tokens as each alone", async () => {
    const place = checkpoint("game", 263, { "tokenizer.json": byteLevel(), "chat_template.jinja": template });
    const { tokenizer } = await open(place);
    const prompts = Array.from({ length: 40 }, (_, i) => `${i}?`);
    const decoder = await open(place);
    const questions = prompts.map((prompt) => ({ prompt, answer: "b" }));
    const played = playedTasks(decoder, [{ name: "t", chat: true, questions }], "accuracy");
    for (const q of [0, 39]) {
      expect(played[0].questions[q].prompt).toEqual(tokenizer!.encodeChat([{ role: "user", content: prompts[q] }]));
    }
  });
});

/** Opens a checkpoint without its tokenizer. */
function openDecoderTokens(place: string, vocabulary: number) {
  const decoder = openDecoder(place, plainProducts());
  expect(decoder.config.vocabulary).toBe(vocabulary);
  expect(decoder.tokenizer).toBeUndefined();
}

describe("the tokenizer of bytes", () => {
  const tokenizer = byteTokenizer({ begin: 256, vocabulary: 260 }, "here");

  it("puts the beginning in front, and gives back every text", () => {
    expect(tokenizer.encode("é")).toEqual([256, 0xc3, 0xa9]);
    fc.assert(fc.property(anyText, (text) => tokenizer.decode(tokenizer.encode(text)) === text));
    expect(tokenizer.encodeAnswered("é", "b")).toEqual({ prompt: [256, 0xc3, 0xa9], answer: [98] });
    expect(() => tokenizer.encodeChat([{ role: "user", content: "a" }])).toThrow(/one with a chat template/);
    expect(() => tokenizer.decode([260])).toThrow(/from 0 to 259; received 260/);
    expect(() => tokenizer.encode(3 as never)).toThrow(/invalid text/);
    expect(() => tokenizer.encode("\ud83d")).toThrow(/invalid text; expected a text in whole characters/);
    expect(() => tokenizer.encodeAnswered(3 as never, "b")).toThrow(/invalid prompt; expected a text; received 3/);
  });

  it("takes tokens of typed arrays that hold numbers, and says what others are", () => {
    expect(tokenizer.decode(Uint16Array.of(256, 0xc3, 0xa9) as never)).toBe("é");
    expect(tokenizer.decode(Int32Array.of(97) as never)).toBe("a");
    expect(() => tokenizer.decode(BigInt64Array.of(97n) as never)).toThrow(
      "invalid tokens; expected a list of tokens, or one of Uint8Array, Uint16Array, Uint32Array, Int32Array: Array.from(tokens, Number) makes a list of others; received BigInt64Array of length 1",
    );
    expect(() => tokenizer.decode(Float32Array.of(97) as never)).toThrow(/received Float32Array of length 1/);
    expect(() => tokenizer.decode([97n] as never)).toThrow(/invalid token; expected a token of the vocabulary/);
    expect(() => tokenizer.decode("97" as never)).toThrow(/invalid tokens; expected a list of tokens; received "97"/);
  });
});
