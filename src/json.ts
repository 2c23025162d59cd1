/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An object that JSON can hold: provenance, parameters, metadata. */
export type JsonObject = { readonly [key: string]: Json };

/** JSON text with sorted keys, so that equal values give equal bytes. */
export function canonicalJson(value: Json, indent = 1): string {
  return JSON.stringify(value, (_key, part: Json) => (isObject(part) ? sorted(part) : part), indent);
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function sorted(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
