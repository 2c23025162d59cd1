/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An object that JSON can hold: provenance, parameters, metadata. */
export type JsonObject = { readonly [key: string]: Json };

/** JSON text with sorted keys, so that equal values give equal bytes. */
export function canonicalJson(value: Json, indent = 1): string {
  return JSON.stringify(value, (_key, part: Json) => (isObject(part) ? sorted(part) : part), indent);
}

/**
 * What JSON text says. Of a name that stands twice in one object `JSON.parse` takes the second without a word: another
 * reader may take the first.
 *
 * @throws SyntaxError for what is no JSON, and such a name
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const twice = repeatedName(text);
  if (twice !== undefined)
    throw new SyntaxError(`the name ${JSON.stringify(twice.slice(0, 100))} stands twice in one object`);
  return value;
}

/** A name that an object in valid JSON has twice. */
function repeatedName(text: string): string | undefined {
  const names: Set<string>[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === "{" || character === "[") names.push(new Set());
    else if (character === "}" || character === "]") names.pop();
    else if (character === '"') {
      const end = stringEnd(text, i);
      if (behindSpace(text, end) === ":") {
        const own = text.slice(i, end);
        const name = own.includes("\\") ? (JSON.parse(own) as string) : own.slice(1, -1);
        const known = names[names.length - 1];
        if (known.has(name)) return name;
        known.add(name);
      }
      i = end - 1;
    }
  }
  return undefined;
}

/** The place behind a string that begins at one. */
function stringEnd(text: string, from: number): number {
  for (let i = from + 1; ; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i + 1;
  }
}

function behindSpace(text: string, from: number): string | undefined {
  let i = from;
  while (text[i] === " " || text[i] === "\n" || text[i] === "\r" || text[i] === "\t") i++;
  return text[i];
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function sorted(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
