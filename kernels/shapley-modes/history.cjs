// The cells of this session, for front ends that let people look for what they ran before.
"use strict";

/** How many cells are remembered. */
const remembered = 10_000;
/** There is one session: what earlier kernels ran is in their notebooks. */
const session = 1;

/** What was run in this session. */
function createHistory() {
  /** `{ line, source, output }`, oldest first. */
  const entries = [];

  const kinds = {
    tail: ({ n }) => last(entries, n),
    range({ session: asked = 0, start = 0, stop }) {
      // 0 is the present session; below that they are counted back from it.
      if (asked !== 0 && asked !== session) return [];
      return entries.filter(({ line }) => line >= start && (stop === undefined || stop === null || line < stop));
    },
    search({ pattern = "*", n, unique = false }) {
      const wanted = globToPattern(pattern);
      const found = entries.filter(({ source }) => wanted.test(source));
      if (!unique) return last(found, n);
      const latest = new Map(found.map((entry) => [entry.source, entry]));
      return last(
        found.filter((entry) => latest.get(entry.source) === entry),
        n,
      );
    },
  };

  return {
    /**
     * @param {number} line count of the cell
     * @param {string} source
     * @param {string | undefined} output the cell's value as text
     */
    add(line, source, output) {
      entries.push({ line, source, output });
      if (entries.length > remembered) entries.shift();
    },
    /** The `history` of a history_reply: `[session, line, source]`, or with `output` `[session, line, [source, output]]`. */
    find(request) {
      const kind = request.hist_access_type ?? "tail";
      if (!Object.hasOwn(kinds, kind))
        throw new RangeError(`invalid hist_access_type; expected tail, range or search; received ${kind}`);
      const found = kinds[kind](request);
      return found.map(({ line, source, output }) => [
        session,
        line,
        request.output ? [source, output ?? null] : source,
      ]);
    },
  };
}

function last(list, n) {
  if (n === undefined || n === null) return list;
  return n > 0 ? list.slice(-n) : [];
}

/** A pattern in which `*` stands for any text and `?` for any character. */
function globToPattern(glob) {
  const parts = String(glob).split(/([*?])/);
  const written = parts.map((part) =>
    part === "*" ? ".*" : part === "?" ? "." : part.replace(/[\\^$.|+()[\]{}/]/g, "\\$&"),
  );
  return new RegExp(`^${written.join("")}$`, "s");
}

module.exports = { createHistory };
