import { FileError } from "../errors.js";

/** What the header of a .npy file says of its array. */
export interface NpyHeader {
  /** numpy's name of the kind of number; `records` for one that is made of several. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** Axes that an array of numpy's has at most. */
const mostAxes = 64;

/** A token of Python's literals: text in quotes, a bracket, comma or colon, or a word such as `False` or `4L`. */
const token = /[ \t\r\n\f]*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([()[\]{},:])|([^\s'"()[\]{},:]+))/y;

/**
 * Reads the header of a .npy file: a Python dictionary of `descr`, `fortran_order` and `shape`, in any order. Token by
 * token, so that its length does not matter. Lengths are decimal numbers; Python 2 wrote some with an L behind.
 *
 * @throws FileError for a header that is none, lacks a key or has one twice, or whose shape is not a tuple of lengths
 */
export function npyHeader(text: string, path: string): NpyHeader {
  const bad = (problem: string) => new FileError(path, `has a damaged header (${problem})`);
  const tokens = tokensOf(text, bad);
  let at = 0;
  const expect = (wanted: string) => {
    if (tokens[at] !== wanted) throw bad(`${wanted} expected, found ${shown(tokens[at])}`);
    at++;
  };
  const found = new Map<string, readonly string[]>();
  expect("{");
  while (tokens[at] !== "}") {
    const key = quoted(tokens[at++]);
    if (key === undefined) throw bad("a key in quotes was expected");
    if (found.has(key)) throw bad(`the key ${shown(key)} is there twice`);
    expect(":");
    const from = at;
    at = endOfValue(tokens, at);
    found.set(key, tokens.slice(from, at));
    if (tokens[at] !== "}") expect(",");
  }
  if (at !== tokens.length - 1) throw bad("more behind its end");
  const value = (key: string) => {
    const value = found.get(key);
    if (value === undefined || value.length === 0) throw new FileError(path, `has no ${key} in its header`);
    return value;
  };
  const order = value("fortran_order").join(" ");
  if (order !== "True" && order !== "False") throw bad(`fortran_order is ${shown(order)}`);
  const descr = value("descr");
  return {
    shape: shapeOf(value("shape"), path),
    fortranOrder: order === "True",
    descr: (descr.length === 1 ? quoted(descr[0]) : undefined) ?? "records",
  };
}

function tokensOf(text: string, bad: (problem: string) => Error): string[] {
  const tokens: string[] = [];
  let end = text.length;
  while (end > 0 && " \t\r\n\f".includes(text[end - 1])) end--;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw bad(`unreadable at ${shown(text.slice(at, at + 20))}`);
    const [, single, double, mark, word] = match;
    tokens.push(mark ?? word ?? `'${single ?? double}'`);
  }
  return tokens;
}

/** The text in a quoted token; undefined for another. */
function quoted(part: string | undefined): string | undefined {
  return part?.startsWith("'") ? part.slice(1, -1) : undefined;
}

/** Where the value that begins at a token ends: at a comma or brace outside its brackets. */
function endOfValue(tokens: readonly string[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const part = tokens[at];
    if (depth === 0 && (part === "," || part === "}")) return at;
    if (part.length === 1 && "([{".includes(part)) depth++;
    if (part.length === 1 && ")]}".includes(part)) depth--;
  }
  return tokens.length;
}

/** The lengths in the tokens of a tuple: `( )`, `( 5 , )`, `( 5L , 4L )`. */
function shapeOf(tokens: readonly string[], path: string): number[] {
  const inside = tokens.slice(1, -1);
  const words = inside.filter((_, i) => i % 2 === 0);
  const lengths = words.map((word) => (/^(0|[1-9]\d*)L?$/.test(word) ? Number.parseInt(word, 10) : Number.NaN));
  const isTuple =
    tokens[0] === "(" &&
    tokens.at(-1) === ")" &&
    inside.every((part, i) => i % 2 === 0 || part === ",") &&
    inside.length !== 1 &&
    lengths.length <= mostAxes &&
    lengths.every(Number.isSafeInteger);
  if (isTuple) return lengths;
  throw new FileError(
    path,
    `has the shape ${shown(tokens.join(""))}; a tuple of at most ${mostAxes} whole numbers from 0 was expected`,
  );
}

/** Some of a header for a message, on one line. */
export function shown(text: string | undefined): string {
  if (text === undefined) return "its end";
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return /^[ -~]*$/.test(short) ? short : JSON.stringify(short);
}
