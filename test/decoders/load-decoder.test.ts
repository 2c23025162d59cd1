import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { allIntact } from "../../src/coalitions/coalition.js";
import { expertsGame } from "../../src/decoders/experts-game.js";
import { openDecoder } from "../../src/decoders/load-decoder.js";
import { plainProducts } from "../../src/decoders/plain-products.js";
import { FileError } from "../../src/errors.js";
import { formatSafetensors } from "../../src/formats/safetensors.js";
import { temporaryFolder } from "../helpers/folders.js";
import { oracle } from "./oracle.js";
import { randomTensors, tinyConfig, writeCheckpoint } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);
const config = tinyConfig("mixtral");
const tensors = randomTensors(config, 1);
const shard = (s: number) => `model-0000${s}-of-00003.safetensors`;
const index = "model.safetensors.index.json";

/** A checkpoint of three shards, or one, in a fresh folder. */
function fresh(name: string, shards = 3): string {
  const place = join(folder, name);
  rmSync(place, { recursive: true, force: true });
  writeCheckpoint(place, config, tensors, { shards });
  return place;
}
const open = (place: string) => openDecoder(place, plainProducts());
/** Opens it, which fails, and expects an error that begins so. */
function refused(place: string, file: string, problem: string): void {
  expect(() => open(place)).toThrow(FileError);
  expect(() => open(place)).toThrow(`${join(place, file)}: ${problem}`);
}

describe("a checkpoint's folder", () => {
  it("may have one file or shards: the same decoder", async () => {
    const [one, many] = [fresh("one", 1), fresh("many")];
    const tokens = [[1, 2, 3, 4]];
    expect(await open(many).logits(tokens)).toEqual(await open(one).logits(tokens));
    const sha256 = (...files: string[]) =>
      files.reduce((hash, file) => hash.update(readFileSync(file)), createHash("sha256")).digest("hex");
    expect(open(one).sha256()).toBe(sha256(join(one, "model.safetensors")));
    expect(open(many).sha256()).toBe(sha256(...[1, 2, 3].map((s) => join(many, shard(s)))));
  });

  it.each(["F16", "BF16"] as const)(
    "of %s is computed from the numbers that it holds, two bytes each",
    async (dtype) => {
      const place = join(folder, dtype);
      const rounded = randomTensors(config, 2, dtype);
      writeCheckpoint(place, config, rounded, { dtype });
      const decoder = open(place);
      const [logits] = await decoder.logits([[1, 5, 2]]);
      const expected = oracle(config, rounded, [1, 5, 2]).logits.at(-1)!;
      expected.forEach((value, i) => {
        expect(logits[i]).toBeCloseTo(value, 4);
      });
      writeCheckpoint(join(folder, `${dtype}-wide`), config, rounded);
      const wide = open(join(folder, `${dtype}-wide`));
      expect((await wide.logits([[1, 5, 2]]))[0]).toEqual(logits);
      expect(decoder.weightBytes * 2).toBe(wide.weightBytes);
    },
  );

  it("without a shard is an error that names it", () => {
    const place = fresh("missing");
    rmSync(join(place, shard(2)));
    refused(place, shard(2), "no such file");
  });

  it("with a shard that was cut short, anywhere, is an error that names it", () => {
    const place = fresh("cut");
    const size = readFileSync(join(place, shard(3))).length;
    truncateSync(join(place, shard(3)), size - 1);
    refused(place, shard(3), "holds ");
    for (const left of [100, 8, 7, 0]) {
      truncateSync(join(place, shard(3)), left);
      expect(() => open(place)).toThrow(`${join(place, shard(3))}: `);
    }
  });

  it("with shards that are not what the index says is an error that names the file", () => {
    const place = fresh("swapped");
    renameSync(join(place, shard(1)), join(place, "x"));
    renameSync(join(place, shard(2)), join(place, shard(1)));
    renameSync(join(place, "x"), join(place, shard(2)));
    refused(
      place,
      shard(1),
      'has no tensor "model.embed_tokens.weight", which model.safetensors.index.json says is in it',
    );
  });

  it.each([
    ["{}", "has no weight_map"],
    ['{"weight_map": {"a": 1}}', 'names no file for tensor "a": 1'],
    ['{"weight_map": {"a": "../x.safetensors"}}', "names a file outside of its folder"],
    ["nothing", "is not JSON"],
  ])("with the index %s is an error", (text, problem) => {
    const place = fresh("index");
    writeFileSync(join(place, index), text);
    refused(place, index, problem);
  });

  it("whose index leaves out a tensor is an error, and one that lacks a tensor", () => {
    const place = fresh("left-out");
    const map = JSON.parse(readFileSync(join(place, index), "utf8")).weight_map as Record<string, string>;
    const { "model.norm.weight": file, ...rest } = map;
    writeFileSync(join(place, index), JSON.stringify({ weight_map: rest }));
    refused(place, file, 'has tensor "model.norm.weight", which model.safetensors.index.json does not say is in it');
  });

  it("with a tensor of another shape, none, one too many, or integers is an error that names it", () => {
    const place = fresh("tensors", 1);
    const write = (changed: Map<string, { shape: readonly number[]; data: Float32Array }>) =>
      writeFileSync(join(place, "model.safetensors"), formatSafetensors(changed));
    const name = "model.layers.1.block_sparse_moe.experts.2.w2.weight";
    write(new Map([...tensors].filter(([other]) => other !== name)));
    refused(place, "model.safetensors", `has no tensor "${name}"`);
    const { shape, data } = tensors.get(name)!;
    write(new Map([...tensors, [name, { shape: [...shape].reverse(), data }]]));
    refused(place, "model.safetensors", `has tensor "${name}" of shape [6, 8]; config.json makes it [8, 6]`);
    write(new Map([...tensors, ["model.layers.0.self_attn.q_proj.bias", { shape: [8], data: new Float32Array(8) }]]));
    refused(
      place,
      "model.safetensors",
      'has a tensor that a decoder of this kind does not have: "model.layers.0.self_attn.q_proj.bias"',
    );
    write(
      new Map([...tensors, ["model.layers.0.self_attn.rotary_emb.inv_freq", { shape: [1], data: Float32Array.of(1) }]]),
    );
    expect(() => open(place)).not.toThrow();
    for (const [dtype, problem] of [
      ["U8", 'holds tensor "lm_head.weight" as U8; F32, F16, BF16, I64 can be read'],
      ["I64", 'has tensor "lm_head.weight" as I64; weights are F32, F16, BF16'],
    ]) {
      const each = dtype === "U8" ? 1 : 8;
      const entries = [...tensors.keys()].map((tensor) => ({
        tensor,
        bytes: tensors.get(tensor)!.data.length * 4,
        dtype: "F32",
      }));
      const last = { tensor: "lm_head.weight", bytes: 88 * each, dtype };
      let at = 0;
      const header = JSON.stringify(
        Object.fromEntries(
          [...entries.filter(({ tensor }) => tensor !== last.tensor), last].map((entry) => [
            entry.tensor,
            { dtype: entry.dtype, shape: tensors.get(entry.tensor)!.shape, data_offsets: [at, (at += entry.bytes)] },
          ]),
        ),
      );
      const bytes = new Uint8Array(8 + header.length + at);
      new DataView(bytes.buffer).setUint32(0, header.length, true);
      bytes.set(new TextEncoder().encode(header), 8);
      writeFileSync(join(place, "model.safetensors"), bytes);
      refused(place, "model.safetensors", problem);
    }
  });

  it("may have a head of its own beside tied embeddings only where it is the same", () => {
    const tied = { ...config, tie_word_embeddings: true };
    const embeddings = tensors.get("model.embed_tokens.weight")!;
    const place = join(folder, "tied");
    writeCheckpoint(place, tied, new Map([...tensors, ["lm_head.weight", embeddings]]));
    expect(() => open(place)).not.toThrow();
    writeCheckpoint(place, tied, tensors);
    refused(place, "model.safetensors", 'has a tensor "lm_head.weight" other than the embeddings');
  });

  it("without weights says what is there in their place, and what is no folder that it is none", () => {
    const place = fresh("none", 1);
    rmSync(join(place, "model.safetensors"));
    expect(() => open(place)).toThrow(`${place}: has no weights: neither model.safetensors nor ${index}`);
    writeFileSync(join(place, "pytorch_model.bin"), "");
    expect(() => open(place)).toThrow("; pytorch_model.bin is of another format");
    expect(() => open(join(folder, "nowhere"))).toThrow("nowhere: no such folder");
    expect(() => open(1 as unknown as string)).toThrow(
      "invalid folder; expected the path of a checkpoint's folder; received 1",
    );
    expect(() => open(join(place, "config.json"))).toThrow("config.json: is no folder; expected that of a checkpoint");
    writeFileSync(
      join(place, "model.safetensors"),
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    );
    refused(place, "model.safetensors", "is a pointer of Git LFS");
    rmSync(join(place, "model.safetensors"));
    mkdirSync(join(place, "model.safetensors"));
    refused(place, "model.safetensors", "is no regular file");
  });

  it("that needs more memory than there is says how much, before anything is read", () => {
    expect(() => openDecoder(fresh("large", 1), plainProducts(), {}, 1000)).toThrow(
      "MB of weights, which are kept in memory; 1 MB of it are there",
    );
  });

  it("with weights that are no finite numbers gives an error in place of the largest of NaN", async () => {
    for (const [place, value] of [
      ["model.layers.0.block_sparse_moe.gate.weight", Number.NaN],
      ["model.embed_tokens.weight", Number.POSITIVE_INFINITY],
    ] as const) {
      const damaged = new Map(tensors);
      const { shape, data } = tensors.get(place)!;
      damaged.set(place, { shape, data: data.map((own, i) => (i === 0 ? value : own)) });
      writeCheckpoint(join(folder, "damaged"), config, damaged);
      const decoder = open(join(folder, "damaged"));
      const problem = "invalid logits; expected finite numbers: there are NaN or infinite ones among the weights";
      await expect(decoder.logits([[1, 0, 2]])).rejects.toThrow(problem);
      await expect(decoder.generate([[0, 1]], { newTokens: 2 })).rejects.toThrow(problem);
      const game = expertsGame(decoder, [{ name: "a", questions: [{ prompt: [0, 1], answer: [2] }] }]);
      await expect(game.evaluate(allIntact(game.units.length))).rejects.toThrow(problem);
    }
  });

  it("of more layers than there are is refused before a list is made of them", () => {
    const place = fresh("deep");
    writeFileSync(join(place, "config.json"), JSON.stringify({ ...config, num_hidden_layers: 1e9 }));
    refused(place, "config.json", "invalid num_hidden_layers; expected at most 10000; received 1000000000");
  });

  it("refuses roundings of turns that there are not", () => {
    expect(() => openDecoder(fresh("turns", 1), plainProducts(), { turns: "float16" as "float32" })).toThrow(
      'invalid turns; expected one of float32, bfloat16; received "float16"',
    );
  });
});

describe("the tokenizer of bytes", () => {
  const bytes = (more: object) => {
    const place = join(folder, "bytes");
    rmSync(place, { recursive: true, force: true });
    const small = { ...config, vocab_size: 260, ...more };
    writeCheckpoint(place, small, randomTensors(small, 1));
    return place;
  };

  it("takes UTF-8, behind the token that begins a text where that is no byte", () => {
    const { tokenizer } = open(bytes({ bos_token_id: 256 }));
    expect(tokenizer?.encode("né")).toEqual([256, 110, 195, 169]);
    expect(tokenizer?.decode([256, 110, 195, 169, 259])).toBe("né");
    expect(open(bytes({ bos_token_id: 1 })).tokenizer?.encode("n")).toEqual([110]);
    expect(() => tokenizer?.decode([260])).toThrow(
      "invalid token; expected a token of the vocabulary, from 0 to 259; received 260",
    );
    expect(() => tokenizer?.encode(1 as unknown as string)).toThrow("invalid text");
  });

  it("is not there where the vocabulary is another one, or the folder has a tokenizer", () => {
    expect(open(fresh("eleven", 1)).tokenizer).toBeUndefined();
    const place = bytes({});
    writeFileSync(join(place, "tokenizer.json"), "{}");
    expect(open(place).tokenizer).toBeUndefined();
  });
});
