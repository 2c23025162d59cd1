import { describe } from "../../errors.js";
import { canonicalJson, type Json, type JsonObject } from "../../json.js";

/**
 * What differs, in words: `seed: 1 there, 2 here`; of two games what differs in these, from which other values follow.
 */
export function differing(there: JsonObject, here: JsonObject): string[] {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
  const different = names.filter((name) => text(there[name]) !== text(here[name]));
  return different
    .filter((name) => name !== "values" || !different.includes("game"))
    .flatMap((name) => {
      const [one, other] = [there[name], here[name]];
      if (name === "draw") return drawText(one !== undefined);
      if (name === "walks") return walksText(one === true);
      if (name === "game" && isObject(one) && isObject(other)) return differing(one, other);
      return isShort(one) && isShort(other)
        ? `${name}: ${describe(one)} there, ${describe(other)} here`
        : `another ${name} there`;
    });
}

/** Of a game that brings units back one by one, and one that plays every coalition by itself. */
function walksText(walksThere: boolean): string {
  const [there, here] = walksThere ? ["one by one", "by coalitions"] : ["by coalitions", "one by one"];
  return `walks: units come back ${there} there and ${here} here (by coalitions where weights stay on the disk)`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return value?.constructor === Object;
}

/** Of coalitions that one run draws in stages and the other all at once. */
function drawText(stagesThere: boolean): string {
  const once = "all at once (as without `until`, or with evaluations for one look only)";
  const [there, here] = stagesThere ? ["in stages", once] : [once, "in stages"];
  return `draw: coalitions were drawn ${there} there and are drawn ${here} here, which are others; choose another folder`;
}

function text(value: Json | undefined): string {
  return value === undefined ? "" : canonicalJson(value, 0);
}

/** Checksums and objects are not worth showing; what an older version did not note is. */
function isShort(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    typeof value === "number" ||
    (typeof value === "string" && value.length < 40)
  );
}
