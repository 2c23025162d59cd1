import { describe, FileError } from "../errors.js";

/** A token that is found in texts as it stands, before anything else; as tokenizer.json has it. */
interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
  readonly normalized?: boolean;
  readonly single_word?: boolean;
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
}

type Settings = Readonly<Record<string, unknown>>;

/** The ids of a model's own tokens, by their text. */
export function tokenIds({ vocab }: Settings): Map<string, number> {
  if (Array.isArray(vocab)) return new Map(vocab.map((entry, id) => [String(entry?.[0]), id]));
  return new Map(Object.entries((vocab ?? {}) as Record<string, number>));
}

/**
 * What a tokenizer.json says, with the added tokens that stand in tokenizer_config.json alone (`added_tokens_decoder`,
 * and special ones that are in the vocabulary), as the library adds them that such files are of. Tokens that the
 * package which reads it would find elsewhere than that library, or give another id, are refused.
 *
 * @param path of tokenizer.json
 * @param names of special tokens: the end of a text, and the like
 * @throws FileError that names the token
 */
export function withAddedTokens(path: string, file: Settings, settings: Settings, names: readonly string[]): Settings {
  const refuse = (content: string, why: string): never => {
    throw new FileError(path, `has the added token ${describe(content)}, which is not read exactly: ${why}`);
  };
  const given = Array.isArray(file.added_tokens) ? file.added_tokens : [];
  const own = given.map((token) => checkedToken(path, token));
  const known = new Map(own.map((token) => [token.content, token]));
  if (known.size < own.length) refuse(twice(own.map(({ content }) => content)), "it stands twice");
  const ids = tokenIds((file.model ?? {}) as Settings);
  for (const [id, token] of Object.entries((settings.added_tokens_decoder ?? {}) as Settings).sort(byId)) {
    const added = checkedToken(path, { ...(token as object), id: Number(id) });
    const before = known.get(added.content);
    if (before && before.id !== added.id)
      refuse(added.content, `its id is ${before.id}, and in tokenizer_config.json ${added.id}`);
    if (before) continue;
    own.push(added);
    known.set(added.content, added);
  }
  for (const content of names) {
    const id = ids.get(content);
    if (id !== undefined && !known.has(content)) own.push({ id, content, special: true, normalized: false });
  }
  checkIds(own, ids, refuse);
  checkFound(own, file.normalizer === null, refuse);
  return { ...file, added_tokens: own };
}

function byId([a]: [string, unknown], [b]: [string, unknown]): number {
  return Number(a) - Number(b);
}

function twice(list: readonly string[]): string {
  return list.find((content, i) => list.indexOf(content) < i) as string;
}

function checkedToken(path: string, token: unknown): AddedToken {
  const { content, id } = (token ?? {}) as Partial<AddedToken>;
  if (typeof content !== "string" || content === "" || !Number.isSafeInteger(id) || (id as number) < 0)
    throw new FileError(path, `has an added token without a text or a number from 0: ${describe(token)}`);
  return token as AddedToken;
}

/** The library counts tokens that the vocabulary lacks itself, whatever the file says. */
function checkIds(tokens: readonly AddedToken[], ids: ReadonlyMap<string, number>, refuse: Refuse): void {
  let largest = -1;
  for (const { content, id } of tokens) {
    const right = ids.get(content) ?? (largest >= ids.size ? largest + 1 : ids.size);
    if (id !== right) refuse(content, `its id is ${id}; by the vocabulary and the tokens before it, it is ${right}`);
    largest = Math.max(largest, id);
  }
}

type Refuse = (content: string, why: string) => never;

/** @param plain whether texts are not normalised: the package then looks for all tokens at once, unlike the library */
function checkFound(tokens: readonly AddedToken[], plain: boolean, refuse: Refuse): void {
  const word = tokens.find(({ single_word }) => single_word);
  if (word) refuse(word.content, "single_word, found as a word of its own alone, is not implemented");
  const strips = tokens.find(({ lstrip, rstrip }) => lstrip || rstrip);
  const blank = tokens.find(({ content }) => content.trim() !== content);
  if (strips && blank)
    refuse(strips.content, `the spaces that it takes along may be the token ${describe(blank.content)}`);
  if (!plain) return;
  for (const late of tokens.filter(({ normalized }) => normalized)) {
    const other = tokens.find(({ normalized, content }) => !normalized && overlap(late.content, content));
    if (other)
      refuse(late.content, `it is normalized, and shares letters with ${describe(other.content)}, which is not`);
  }
}

/** Whether a text may have both such that they share characters, other than the first within the second. */
function overlap(a: string, b: string): boolean {
  if (a.includes(b)) return true;
  for (let length = 1; length < Math.min(a.length, b.length); length++) {
    if (a.endsWith(b.slice(0, length)) || b.endsWith(a.slice(0, length))) return true;
  }
  return false;
}
