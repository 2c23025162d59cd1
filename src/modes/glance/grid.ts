import { escapeHtml } from "../../escape-html.js";
import { inOneLine } from "../../words.js";

/** Texts in rows and columns, already chosen and rounded. */
export interface Grid {
  /** Rows above the body: names, and perhaps kinds, of the columns. */
  readonly head: readonly (readonly string[])[];
  readonly rows: readonly (readonly string[])[];
  /** Which columns are right-aligned. */
  readonly numeric: readonly boolean[];
  /** How many of the first columns name the rows; default 0. */
  readonly rowHeads?: number;
}

const quiet = "opacity:.65;font-weight:normal";

/**
 * A grid as an HTML table in the notebook's own colours: second and later rows of the head, and names of rows, are
 * quiet.
 */
export function gridHtml({ head, rows, numeric, rowHeads = 0 }: Grid): string {
  const cell = (tag: string, text: string, column: number, style = ""): string => {
    const align = `text-align:${numeric[column] ? "right" : "left"}`;
    return `<${tag} style="${[align, "white-space:nowrap", style].filter(Boolean).join(";")}">${escapeHtml(text)}</${tag}>`;
  };
  const headRow = (texts: readonly string[], row: number): string =>
    `<tr>${texts.map((text, column) => cell("th", text, column, row === 0 ? "" : quiet)).join("")}</tr>`;
  const bodyRow = (texts: readonly string[]): string =>
    `<tr>${texts.map((text, c) => (c < rowHeads ? cell("th", text, c, quiet) : cell("td", text, c))).join("")}</tr>`;
  const thead = head.length > 0 ? `<thead>${head.map(headRow).join("")}</thead>` : "";
  return `<table>${thead}<tbody>${rows.map(bodyRow).join("\n")}</tbody></table>`;
}

/** A grid as lines of text, a rule below the head: each row is one line, whatever is in it. */
export function gridText({ head, rows, numeric }: Grid): string {
  const shown = (given: readonly (readonly string[])[]) => given.map((row) => row.map(inOneLine));
  const [heads, body] = [shown(head), shown(rows)];
  const all = [...heads, ...body];
  const widths = numeric.map((_, column) => Math.max(0, ...all.map((row) => width(row[column] ?? ""))));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => {
        const space = " ".repeat(widths[column] - width(text));
        return numeric[column] ? space + text : text + space;
      })
      .join("  ")
      .trimEnd();
  const rule = head.length > 0 ? [widths.map((count) => "-".repeat(count)).join("  ")] : [];
  return [...heads.map(line), ...rule, ...body.map(line)].join("\n");
}

function width(text: string): number {
  return [...text].length;
}
