import { describe, expect, it } from "vitest";
import { notebookText, parseNotebook } from "../../src/notebook/run/nbformat.js";

const raw = {
  cells: [
    { cell_type: "markdown", id: "a", metadata: {}, source: ["# T\n", "x"] },
    {
      cell_type: "code",
      id: "b",
      metadata: { tags: ["parameters"] },
      execution_count: 1,
      source: ["let a = 1;\n", "a"],
      outputs: [
        { output_type: "stream", name: "stdout", text: ["1\n", "2\n"] },
        {
          output_type: "display_data",
          metadata: {},
          data: { "text/plain": ["p"], "image/png": "iVBOR", "application/x+json": [1] },
        },
        { output_type: "error", ename: "E", evalue: "v", traceback: ["t"] },
      ],
    },
  ],
  metadata: { kernelspec: { name: "shapley-modes", language: "typescript", display_name: "TypeScript" } },
  nbformat: 4,
  nbformat_minor: 5,
};

describe("nbformat", () => {
  it("joins lines on reading and writes what it read", () => {
    const text = `${JSON.stringify(raw, null, 1)}\n`;
    const notebook = parseNotebook(text, "n.ipynb");
    expect(notebook.cells[0].source).toBe("# T\nx");
    expect(JSON.parse(notebookText(notebook))).toEqual(raw);
  });

  it("writes a list of numbers on one line, and what looks like one in a text as it is", () => {
    const lookalike = "[\n 1,\n 2\n]";
    const data = {
      "text/plain": [lookalike],
      "application/x+json": {
        z: [
          [1.5, -2e-7],
          [null, 0],
        ],
        names: ["1", "2"],
      },
    };
    const outputs = [{ output_type: "display_data", metadata: {}, data }];
    const cells = [{ ...raw.cells[1], outputs }];
    const text = notebookText(parseNotebook(JSON.stringify({ ...raw, cells }), "n.ipynb"));
    expect(text).toContain("[1.5,-2e-7]");
    expect(text).toContain("[null,0]");
    expect(JSON.parse(text).cells[0].outputs[0].data["application/x+json"]).toEqual(data["application/x+json"]);
    expect(JSON.parse(text).cells[0].outputs[0].data["text/plain"].join("")).toBe(lookalike);
  });

  it.each([
    ["{ broken", /^n.ipynb: is not a notebook: broken JSON/],
    ["[]", /^n.ipynb: is not a notebook: it has no nbformat and cells$/],
    [
      `{"cells": [], "nbformat": 4, "metadata": ${"[".repeat(5000)}${"]".repeat(5000)}}`,
      /^n.ipynb: is nested more than 500 levels deep$/,
    ],
    ['{"cells": [], "nbformat": 3}', /^n.ipynb: has nbformat 3, expected 4$/],
    ['{"worksheets": [], "nbformat": 3}', /^n.ipynb: has nbformat 3, expected 4$/],
    ['{"cells": [], "nbformat": "4"}', /^n.ipynb: has nbformat "4", expected 4$/],
    ['{"cells": {}, "nbformat": 4}', /^n.ipynb: is not a notebook: it has no cells$/],
    ['{"cells": [{"cell_type": "code"}], "nbformat": 4}', /^n.ipynb: is not a notebook: cell 1 has no source$/],
    ['{"cells": [{"source": ""}], "nbformat": 4}', /cell 1 has no known cell_type$/],
    [
      '{"cells": [], "nbformat": 4, "metadata": {"kernelspec": {"language": "python"}}}',
      /^n.ipynb: is a notebook in python, expected TypeScript$/,
    ],
    [
      '{"cells": [], "nbformat": 4, "metadata": {"kernelspec": {"name": "python3"}}}',
      /^n.ipynb: is a notebook for the kernel python3, expected TypeScript$/,
    ],
    [
      '{"cells": [], "nbformat": 4, "metadata": {"language_info": {"name": "python"}}}',
      /^n.ipynb: is a notebook in python, expected TypeScript$/,
    ],
  ])("refuses %s", (text, message) => {
    expect(() => parseNotebook(text, "n.ipynb")).toThrow(message);
  });

  it("reads a notebook whose metadata are of other kinds", () => {
    const cells = [{ cell_type: "code", metadata: 7, source: "1", outputs: "x", execution_count: "1" }];
    const odd = { cells, metadata: [1], nbformat: 4, nbformat_minor: "five" };
    const notebook = parseNotebook(JSON.stringify(odd), "n.ipynb");
    expect(notebook).toMatchObject({ nbformat_minor: 5, metadata: {} });
    expect(notebook.cells).toMatchObject([{ metadata: {}, outputs: [], execution_count: null }]);
  });

  it("reads a file that begins with a byte order mark", () => {
    expect(parseNotebook(`\ufeff${JSON.stringify(raw)}`, "n.ipynb").cells).toHaveLength(2);
  });
});
