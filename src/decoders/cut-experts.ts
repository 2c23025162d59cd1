import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, FileError, invalid, wrongKind } from "../errors.js";
import { checkRoom, checkWritable, readBytes, writeWhole } from "../files.js";
import { safetensorsHeader } from "../formats/safetensors.js";
import { bytesPerNumber, tensorSize } from "../formats/tensor.js";
import { canonicalJson, type JsonObject } from "../json.js";
import { knownOptions, type OptionNames } from "../options.js";
import { checkedFolder, checkedPath } from "./checked-path.js";
import { type Checkpoint, openCheckpoint, type TensorOnDisk } from "./checkpoint.js";
import { type DecoderConfig, type ExpertsConfig, readConfig } from "./config.js";
import { readJson } from "./config-fields.js";
import { plainProducts } from "./plain-products.js";
import type { RetainedExperts } from "./retained-experts.js";
import { streamedWeights } from "./streamed-weights.js";
import { expertNames, readDecoderWeights } from "./weights.js";

/** A smaller checkpoint, and what became of its size. */
export interface CutDecoder {
  readonly folder: string;
  /** Experts of a layer, before and after. */
  readonly experts: { readonly before: number; readonly after: number };
  /** Bytes of weights, before and after. */
  readonly bytes: { readonly before: number; readonly after: number };
}

/** Files of a checkpoint's folder that stay as they are. */
const unchanged = [
  ...["generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"],
  ...["added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja"],
];

/** Bytes that are copied at a time. */
const copiedAtOnce = 2 ** 26;

/**
 * Writes a checkpoint's folder with only some of its experts: a really smaller one, in the layout that it had, whose
 * logits are those of the whole one with the other experts lesioned by `reroute`. Routers lose the rows of these
 * experts, and those that stay are counted anew, in their order. Weights are copied as they are stored, a piece at a
 * time, to shards as they were.
 *
 * @param from the folder of the checkpoint
 * @param retained the experts that stay, as `retainedExperts` with `even` has them, or a JSON file that holds them;
 *   layers that are not named keep all; as many in every layer, since config.json has one number for all
 * @param to the folder that is written: a new one, or one without a checkpoint's files, those of a tokenizer included
 * @throws TypeError, RangeError for lists that are none, unlike lengths, an expert or layer that there is not, fewer
 *   experts than a token goes to; FileError for what `loadDecoder` refuses, a folder that has a checkpoint, and too
 *   little disk
 * @example
 * const { bytes } = await cutExperts("checkpoint", { layers: { 0: [0, 2], 1: [1, 3] } }, "smaller-checkpoint");
 */
export async function cutExperts(from: string, retained: RetainedExperts | string, to: string): Promise<CutDecoder> {
  checkedPath("to", "the path of a folder", to);
  checkedFolder("from", from);
  const config = readConfig(from);
  const checkpoint = checkedCheckpoint(from, config);
  const kept = keptExperts(config, typeof retained === "string" ? readJson(retained) : retained);
  // Files of a tokenizer, too, would be read as the new checkpoint's.
  const taken = ["config.json", "model.safetensors", "model.safetensors.index.json", ...unchanged].find((name) =>
    existsSync(join(to, name)),
  );
  if (taken) throw new FileError(join(to, taken), "is there already; a smaller checkpoint goes to a new folder");
  if (existsSync(to) && !statSync(to).isDirectory()) throw new FileError(to, "is a file; a checkpoint is a folder");
  checkWritable(join(to, "config.json"));
  const before = (config.experts as ExpertsConfig).count;
  const after = Math.max(...[...kept.values()].map(({ length }) => length));
  const shards = [...shardsOf(config, checkpoint, kept)];
  const bytes = shards.reduce((sum, { tensors }) => sum + tensors.reduce((all, { bytes: own }) => all + own, 0), 0);
  checkRoom(to, bytes);
  // Where there is no index, the one file has the name that is looked for.
  if (shards.length === 1) shards[0].file = "model.safetensors";
  whole(to, (write) => {
    for (const { file, tensors } of shards) write(file, contentOf(tensors));
    if (shards.length > 1) {
      const map = shards.flatMap(({ file, tensors }) => tensors.map(({ name }) => [name, file] as const));
      const index = { metadata: { total_size: bytes }, weight_map: Object.fromEntries(map) };
      write("model.safetensors.index.json", `${canonicalJson(index, 1)}\n`);
    }
    const terms = readdirSync(from).filter((name) => /^(LICENSE|NOTICE)/i.test(name));
    for (const name of [...unchanged, ...terms]) {
      if (isFile(join(from, name))) write(name, readBytes(join(from, name)));
    }
    // Last: a folder without it is no checkpoint.
    write("config.json", `${canonicalJson(configWith(from, after), 1)}\n`);
    checkedCheckpoint(to, readConfig(to));
  });
  return { folder: to, experts: { before, after }, bytes: { before: checkpoint.bytes, after: bytes } };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/**
 * Writes files of a folder, all of them or none: where one fails, those that are there already go, and folders that
 * were made for them.
 */
function whole(
  folder: string,
  work: (write: (name: string, content: Parameters<typeof writeWhole>[1]) => void) => void,
) {
  let made: string | undefined;
  for (let own = resolve(folder); !existsSync(own); own = dirname(own)) made = own;
  const written: string[] = [];
  try {
    work((name, content) => {
      const path = join(folder, name);
      if (existsSync(path)) throw new FileError(path, "is there already; a smaller checkpoint goes to a new folder");
      writeWhole(path, content);
      written.push(path);
    });
  } catch (error) {
    for (const path of made === undefined ? written : [made]) rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** The weights of a folder, whose tensors are those that the settings ask for; few of them are read. */
function checkedCheckpoint(folder: string, config: DecoderConfig): Checkpoint {
  const checkpoint = openCheckpoint(folder);
  readDecoderWeights(config, checkpoint, streamedWeights(plainProducts()).keeper);
  return checkpoint;
}

const retainedNames: OptionNames<RetainedExperts> = { layers: true };

/** For every layer with experts those that stay, ascending. */
function keptExperts({ sparse, experts }: DecoderConfig, given: unknown): Map<number, readonly number[]> {
  if (!experts) throw invalid("checkpoint", "one with experts", "one without");
  const layers = (given as RetainedExperts | null | undefined)?.layers;
  // Of a Map, too, there are no entries: all experts would stay.
  if (typeof layers !== "object" || layers === null || Symbol.iterator in layers || layers instanceof Promise) {
    throw wrongKind("retained", 'experts that stay by layer, such as { layers: { "0": [0, 2] } }', given);
  }
  knownOptions("retained", given as RetainedExperts, retainedNames);
  const all = Array.from({ length: experts.count }, (_, e) => e);
  const kept = new Map(sparse.flatMap((own, l): [number, readonly number[]][] => (own ? [[l, all]] : [])));
  for (const [name, list] of Object.entries(layers)) {
    if (!kept.has(Number(name)) || String(Number(name)) !== name) {
      throw invalid("layer of retained", `one of the layers with experts: ${[...kept.keys()].join(", ")}`, name);
    }
    const rule = `a list of different experts, from 0 to ${experts.count - 1}`;
    if (!Array.isArray(list)) throw wrongKind(`retained experts of layer ${name}`, rule, list);
    // Ascending; what is no expert's number is left out.
    const own = all.filter((e) => list.includes(e));
    if (own.length !== list.length)
      throw invalid(`retained experts of layer ${name}`, rule, `[${list.map((e) => describe(e)).join(", ")}]`);
    if (own.length < experts.perToken) {
      throw invalid(
        `retained experts of layer ${name}`,
        `at least ${experts.perToken}, since a token goes to so many`,
        own.length,
      );
    }
    kept.set(Number(name), own);
  }
  const counts = new Set([...kept.values()].map(({ length }) => length));
  if (counts.size > 1) {
    const text = [...kept].map(([l, { length }]) => `${length} in layer ${l}`).join(", ");
    throw invalid("retained", "as many experts in every layer: config.json has one number for all of them", text);
  }
  return kept;
}

interface Copied {
  readonly name: string;
  readonly tensor: TensorOnDisk;
  readonly shape: readonly number[];
  /** Rows that stay; undefined where all do. */
  readonly rows: readonly number[] | undefined;
  readonly bytes: number;
}

/** What stays of each file. */
function shardsOf(
  config: DecoderConfig,
  checkpoint: Checkpoint,
  kept: ReadonlyMap<number, readonly number[]>,
): { file: string; tensors: Copied[] }[] {
  const { within } = expertNames[config.kind];
  const block = new RegExp(`^model\\.layers\\.(\\d+)\\.${within}\\.(?:experts\\.(\\d+)\\.(.+)|(gate\\.weight))$`);
  const shards = checkpoint.files.map(({ name: file, tensors }) => ({
    file,
    tensors: tensors.flatMap(({ name, shape }): Copied[] => {
      const tensor = checkpoint.onDisk(name, shape);
      const [, layer, expert, rest, gate] = block.exec(name) ?? [];
      const own = layer === undefined ? undefined : kept.get(Number(layer));
      if (!own) return [{ name, tensor, shape, rows: undefined, bytes: tensor.size }];
      if (gate !== undefined) {
        const some = [own.length, ...shape.slice(1)];
        return [{ name, tensor, shape: some, rows: own, bytes: tensorSize(some) * bytesPerNumber(tensor.dtype) }];
      }
      const place = own.indexOf(Number(expert));
      if (place < 0) return [];
      const anew = `model.layers.${layer}.${within}.experts.${place}.${rest}`;
      return [{ name: anew, tensor, shape, rows: undefined, bytes: tensor.size }];
    }),
  }));
  return shards.filter(({ tensors }) => tensors.length > 0);
}

/** A safetensors file, a piece after the other. */
function* contentOf(tensors: readonly Copied[]): Generator<Uint8Array> {
  yield safetensorsHeader(
    tensors.map(({ name, shape, tensor: { dtype } }) => ({ name, shape, dtype })),
    { format: "pt" },
  );
  for (const { tensor, shape, rows } of tensors) {
    if (rows) {
      const row = tensor.size / tensor.shape[0];
      for (const place of rows) yield bytesAt(tensor, place * row, row);
    } else if (tensorSize(shape) > 0) {
      for (let from = 0; from < tensor.size; from += copiedAtOnce) {
        yield bytesAt(tensor, from, Math.min(copiedAtOnce, tensor.size - from));
      }
    }
  }
}

function bytesAt({ read }: TensorOnDisk, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  read(from, bytes);
  return bytes;
}

/** The settings of a folder, with another number of experts. */
function configWith(folder: string, count: number): JsonObject {
  const settings = readJson(join(folder, "config.json"));
  const names = ["num_local_experts", "num_experts"].filter((name) => Object.hasOwn(settings, name));
  return { ...settings, ...Object.fromEntries(names.map((name) => [name, count])) } as JsonObject;
}
