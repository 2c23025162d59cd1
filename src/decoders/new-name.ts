import { invalid, wrongKind } from "../errors.js";
import { inOneLine } from "../words.js";

/**
 * A name of a task or a contrast that is not among those that there are, to which it is added. @throws TypeError,
 * RangeError for another
 */
export function newName(where: string, name: unknown, names: Set<string>, rule: string): string {
  if (typeof name !== "string") throw wrongKind(where, "a text", name);
  if (name.trim() === "" || names.has(name)) throw invalid(where, rule, name);
  if (inOneLine(name) !== name) {
    throw invalid(where, "a name without control characters", name);
  }
  names.add(name);
  return name;
}
