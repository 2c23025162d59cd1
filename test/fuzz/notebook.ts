import { htmlVectors, markdownVectors, payload, quoted, remote } from "./html-vectors.js";

/** A notebook file that tries something, as the value that its JSON holds. */
export interface HostileCase {
  readonly name: string;
  readonly notebook: Record<string, unknown>;
}

const breakOut = `"><img src=x onerror="${payload}"><b title="`;

/** Forms of one output that is displayed. */
export type Forms = Record<string, unknown>;

/** Values where a notebook's file should hold something else, and pictures that are none. */
const formVectors: Readonly<Record<string, Forms>> = {
  "image data with a quote": { "image/png": `AAAA${breakOut}` },
  "image data as an object": { "image/png": { toString: "x" }, "text/plain": "kept" },
  "jpeg and gif data with a quote": { "image/jpeg": breakOut, "image/gif": breakOut },
  "svg onload": {
    "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg" onload="${payload}"><script>${payload}</script></svg>`,
  },
  "svg that is HTML": { "image/svg+xml": `<img src=x onerror="${quoted}">` },
  "svg with entities": {
    "image/svg+xml": `<!DOCTYPE svg [<!ENTITY x "<script>${payload}</script>">]><svg xmlns="http://www.w3.org/2000/svg">&x;</svg>`,
  },
  "svg that asks": {
    "image/svg+xml": `<svg xmlns="http://www.w3.org/2000/svg"><image href="${remote}.png"/><style>@import "${remote}.css";</style></svg>`,
  },
  "a MIME type with markup": { [`text/x-${breakOut}`]: breakOut, "text/plain": breakOut },
  "a type that is another word of JavaScript": { constructor: breakOut, toString: breakOut, "text/plain": "kept" },
  "plain text": { "text/plain": htmlVectors.script },
  "plain text in colours": { "text/plain": `\u001b[31m${breakOut}\u001b[1;<script>m` },
  json: { "application/json": { [htmlVectors.script]: htmlVectors.script } },
  javascript: { "application/javascript": payload, "text/plain": "kept" },
  "javascript alone": { "application/javascript": payload },
  latex: { "text/latex": `$\\href{javascript:${payload}}{x} \\text{<script>${payload}</script>}$` },
  "latex with classes and data": {
    "text/latex": `$\\class{drawing}{x} \\htmlData{x=1}{y} \\style{position:fixed}{z} \\includegraphics{${remote}.png}$`,
  },
  "latex beyond reading": { "text/latex": "{".repeat(50_000) },
  "our own library, with HTML beside it": {
    "application/vnd.shapley-modes.library+json": {},
    "text/html": htmlVectors.script,
  },
  "provenance with markup": {
    "application/vnd.shapley-modes.provenance+json": {
      time: breakOut,
      [breakOut]: breakOut,
      "shapley-modes": breakOut,
    },
    "text/plain": "x",
  },
  "provenance of other kinds": { "application/vnd.shapley-modes.provenance+json": [1], "text/plain": "x" },
};

const plotly = "application/vnd.plotly.v1+json";
const bars = [{ type: "bar", x: ["a"], y: [1] }];

/** Figures whose fields are not what they should be. */
const figureVectors: Readonly<Record<string, unknown>> = {
  "height with markup": {
    data: bars,
    layout: { height: `1px"></div><img src=x onerror="${payload}">`, width: breakOut },
  },
  "height beyond all": { data: bars, layout: { height: 1e9, width: -5 } },
  "title with markup": {
    data: bars,
    layout: { title: { text: `${breakOut}</script><script>${payload}</script><a href="javascript:${payload}">x</a>` } },
  },
  "title and caption of other kinds": { data: bars, layout: { title: { text: 7 } }, caption: { x: 1 } },
  "title that is null": { data: bars, layout: { title: null }, caption: [htmlVectors.script] },
  "trace that ends the script": {
    data: [{ type: "bar", x: ["</script><script>window.ran=1</script>"], y: [1], name: `<!--<script>${payload}` }],
    layout: {},
  },
  "hover text with markup": {
    data: [
      { type: "scatter", x: [1], y: [1], text: [htmlVectors["image that fails"]], hovertemplate: htmlVectors.script },
    ],
    layout: { annotations: [{ text: `<a href="javascript:${payload}">x</a>` }] },
  },
  "image from elsewhere": {
    data: bars,
    layout: { images: [{ source: `${remote}.png`, x: 0, y: 1, sizex: 1, sizey: 1 }] },
  },
  "map tiles": {
    data: [{ type: "scattermapbox", lat: [1], lon: [1] }],
    layout: { mapbox: { style: "open-street-map" } },
  },
  coastlines: { data: [{ type: "scattergeo", lat: [1], lon: [1] }], layout: {} },
  "types of other kinds": { data: [{ type: { x: 1 } }, { type: htmlVectors.script }], layout: {} },
  "own configuration": {
    data: bars,
    layout: {},
    config: { plotlyServerURL: remote, modeBarButtonsToAdd: [{ click: payload }], topojsonURL: remote },
  },
  prototype: JSON.parse(
    `{"data":[{"type":"bar","y":[1],"__proto__":{"ran":1}}],"layout":{"__proto__":{"ran":1},"constructor":{"prototype":{"ran":1}}}}`,
  ),
  "no figure": { data: "x", layout: breakOut },
};

const kernelspec = { name: "shapley-modes", language: "typescript", display_name: breakOut };

/** A notebook file of these cells. */
export function notebookFile(
  cells: readonly unknown[],
  metadata: Record<string, unknown> = {},
): Record<string, unknown> {
  return { cells, metadata: { kernelspec, ...metadata }, nbformat: 4, nbformat_minor: 5 };
}

function shown(data: unknown, more: Record<string, unknown> = {}): unknown {
  const outputs = [{ output_type: "display_data", data, metadata: {} }];
  return { cell_type: "code", id: breakOut, metadata: {}, execution_count: 1, source: "1", outputs, ...more };
}

function prose(source: string, more: Record<string, unknown> = {}): unknown {
  return { cell_type: "markdown", id: breakOut, metadata: {}, source, ...more };
}

function named(
  kind: string,
  vectors: Readonly<Record<string, unknown>>,
  cell: (vector: never) => unknown,
): HostileCase[] {
  return Object.entries(vectors).map(([name, vector]) => ({
    name: `${kind}: ${name}`,
    notebook: notebookFile([prose("# Title"), cell(vector as never)]),
  }));
}

/** Every vector in a notebook of its own. */
export function hostileNotebooks(): HostileCase[] {
  const code = (more: Record<string, unknown>) => shown({ "text/plain": "x" }, more);
  const others: Readonly<Record<string, Record<string, unknown>>> = {
    "name of a stream": notebookFile([
      code({ outputs: [{ output_type: "stream", name: breakOut, text: htmlVectors.script }] }),
    ]),
    "text of a stream of another kind": notebookFile([
      code({ outputs: [{ output_type: "stream", name: { x: 1 }, text: { x: 1 } }] }),
    ]),
    "an error with markup": notebookFile([
      code({
        outputs: [
          { output_type: "error", ename: htmlVectors.script, evalue: breakOut, traceback: [htmlVectors.script] },
        ],
      }),
    ]),
    "an output of no known type": notebookFile([
      code({ outputs: [{ output_type: breakOut, data: { "text/html": htmlVectors.script } }] }),
    ]),
    "an execution count with markup": notebookFile([code({ execution_count: breakOut })]),
    "tags with markup": notebookFile([
      code({ metadata: { tags: [breakOut] } }),
      code({ metadata: { tags: breakOut } }),
    ]),
    "parameters with markup": notebookFile([
      code({ metadata: { tags: ["parameters"] }, source: `let \\u0061 = "</code>${breakOut}";` }),
    ]),
    "code with markup": notebookFile([code({ source: `</code></pre>${htmlVectors.script}` })]),
    "a language with markup": notebookFile([code({})], {
      language_info: { name: "typescript", version: breakOut, file_extension: breakOut },
    }),
    "a title with markup": notebookFile([prose(`# </title>${htmlVectors.script}`)], {
      title: breakOut,
      authors: [{ name: breakOut }],
    }),
    "a run with markup": notebookFile([code({})], { "shapley-modes": { time: breakOut, node: htmlVectors.script } }),
    "an attachment's type with a quote": notebookFile([
      prose("![x](attachment:a.png)", { attachments: { "a.png": { [`image/png"onerror="${payload}`]: "AAAA" } } }),
    ]),
    "an attachment's data with a quote": notebookFile([
      prose("![x](attachment:a.png)", { attachments: { "a.png": { "image/png": breakOut } } }),
    ]),
    "an attachment that is HTML": notebookFile([
      prose("![x](attachment:a)", { attachments: { a: { "text/html": "PHNjcmlwdD4=" } } }),
    ]),
    "attachments of another kind": notebookFile([
      prose("![x](attachment:a)", { attachments: breakOut }),
      prose("![x](attachment:a)", { attachments: { a: null } }),
    ]),
    "metadata of other kinds": { ...notebookFile([code({ metadata: breakOut })]), metadata: [breakOut] },
  };
  return [
    ...named("output", htmlVectors, (html: string) => shown({ "text/html": html, "text/plain": "x" })),
    ...named("prose", htmlVectors, (html: string) => prose(`Words\n\n${html}\n\nand ${html}`)),
    ...named("form", formVectors, (data: Forms) => shown(data)),
    ...named("figure", figureVectors, (figure: unknown) => shown({ [plotly]: figure, "text/plain": "a figure" })),
    ...named("markdown", markdownVectors, (text: string) => prose(text)),
    ...named("markdown output", markdownVectors, (text: string) => shown({ "text/markdown": text })),
    ...Object.entries(others).map(([name, notebook]) => ({ name, notebook })),
  ];
}

/**
 * Notebooks of vectors cut and put together at random, and with fields of other kinds: the same for the same seed.
 *
 * @param count how many
 */
export function randomNotebooks(seed: number, count: number): HostileCase[] {
  const random = mulberry(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)];
  const texts = [...Object.values(htmlVectors).filter((text) => text.length < 1000), ...Object.values(markdownVectors)];
  const pieces = texts.flatMap((text) => [
    text,
    text.slice(0, Math.floor(random() * text.length)),
    text.slice(Math.floor(random() * text.length)),
  ]);
  const glue = [
    "",
    " ",
    '"',
    "'",
    ">",
    "<",
    "</p>",
    "<!--",
    "-->",
    "<svg>",
    "</svg>",
    "<math>",
    "<style>",
    "</style>",
    "<table>",
    "<select>",
    "\n\n",
    "`",
    "$",
    "&",
    "\u0000",
  ];
  const soup = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(pieces) + pick(glue)).join("");
  const odd: readonly unknown[] = [
    null,
    true,
    -1,
    1e308,
    "",
    breakOut,
    [],
    {},
    [null],
    { __proto__: null, a: 1 },
    ["a", 1],
    soup(),
  ];
  return Array.from({ length: count }, (_, index) => {
    const data = { "text/html": soup(), "image/svg+xml": random() < 0.3 ? soup() : undefined, "text/plain": soup() };
    const cells = [
      prose(soup()),
      shown(data),
      shown({ "text/markdown": soup() }),
      shown({ [plotly]: pick(Object.values(figureVectors)) }),
    ];
    const notebook = structuredClone(notebookFile(cells));
    for (let changes = Math.floor(random() * 4); changes > 0; changes--) change(notebook, random, odd);
    return { name: `seed ${seed}, notebook ${index}`, notebook };
  });
}

/** Puts something else in the place of one field, somewhere. */
function change(value: object, random: () => number, odd: readonly unknown[]): void {
  const keys = Object.keys(value);
  if (keys.length === 0) return;
  const key = keys[Math.floor(random() * keys.length)] as never;
  const inner: unknown = value[key];
  if (inner !== null && typeof inner === "object" && random() < 0.85) change(inner, random, odd);
  else (value as Record<string, unknown>)[key] = structuredClone(odd[Math.floor(random() * odd.length)]);
}

/** Numbers from 0 to 1 (mulberry32). */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
