// Values of libraries that print as people write them: `[[1, 2], [3, 4]]`, `5 cm`, `1 + 2i`, and a network as its layers.
"use strict";

const { inspect, types } = require("node:util");

/** Longest text of a matrix that stands in a line. */
const line = 100;

/** How values of a class are written, by the name of the class and what its prototype has of its own. */
const written = {
  DenseMatrix: { has: "isDenseMatrix", text: matrixText },
  SparseMatrix: { has: "isSparseMatrix", text: matrixText },
  Fraction: { has: "isFraction", text: (fraction) => fraction.toFraction() },
  Help: { has: "isHelp", text: (help) => String(help).trim() },
  ...Object.fromEntries(
    ["Unit", "Complex", "Range", "ResultSet", "Node", "Index", "Chain"].map((name) => [
      name,
      { has: `is${name}`, text: String },
    ]),
  ),
  LayersModel: { has: "fitDataset", text: layersText },
  GraphModel: { has: "executeAsync", text: graphText },
};

/** Prototypes that were looked at: a class is met once. */
const met = new WeakSet();
/** So deep, and at so many values, something that is printed is looked at. */
const deepest = 4;
const mostValues = 500;
/** Parts of a list, a map or an object that are looked at. */
const mostParts = 60;

/**
 * To be told of what will be printed: the classes known here, of whichever copy of their package, print so from then on. A class is known
 * by its looks, since a package makes new ones (`create` of mathjs) and is loaded in many ways. Nothing of the user's is called.
 */
function printAsWritten(...values) {
  const waiting = values.map((value) => ({ value, depth: 0 }));
  for (let seen = 0; seen < waiting.length && seen < mostValues; seen++) {
    const { value, depth } = waiting[seen];
    if (value === null || typeof value !== "object" || types.isProxy(value) || ArrayBuffer.isView(value)) continue;
    meet(Object.getPrototypeOf(value));
    if (depth < deepest) waiting.push(...partsOf(value).map((part) => ({ value: part, depth: depth + 1 })));
  }
}

function partsOf(value) {
  if (types.isMap(value)) return first(Map.prototype.entries.call(value)).flat();
  if (types.isSet(value)) return first(Set.prototype.values.call(value));
  const names = Array.isArray(value)
    ? Array.from({ length: Math.min(value.length, mostParts) }, (_, index) => index)
    : Object.keys(value).slice(0, mostParts);
  return names.map((name) => Object.getOwnPropertyDescriptor(value, name)?.value);
}

function first(iterator) {
  const parts = [];
  for (let next = iterator.next(); !next.done && parts.length < mostParts; next = iterator.next())
    parts.push(next.value);
  return parts;
}

function meet(prototype) {
  for (let at = prototype; at !== null && !types.isProxy(at) && !met.has(at); at = Object.getPrototypeOf(at)) {
    met.add(at);
    const type = Object.getOwnPropertyDescriptor(at, "constructor")?.value;
    const name = typeof type === "function" && !types.isProxy(type) && nameOf(type);
    const known = Object.hasOwn(written, name) ? written[name] : undefined;
    if (!known || !Object.hasOwn(at, known.has) || Object.hasOwn(at, inspect.custom)) continue;
    Object.defineProperty(at, inspect.custom, {
      value(depth, options) {
        return depth < 0 ? `[${this.constructor?.name ?? name}]` : known.text(this, options);
      },
      writable: true,
      configurable: true,
    });
  }
}

function nameOf(type) {
  return Object.getOwnPropertyDescriptor(type, "name")?.value;
}

/** The same for what is logged. */
function logAsWritten() {
  for (const name of ["log", "info", "debug", "warn", "error", "dir", "trace", "group", "groupCollapsed", "table"]) {
    const log = console[name];
    Object.defineProperty(console, name, {
      value: {
        [name](...values) {
          printAsWritten(...values);
          return log.apply(this, values);
        },
      }[name],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}

/** Rows and columns shown of a large matrix. */
const corner = 8;

function matrixText(matrix, options) {
  const size = matrix.size();
  if (size.reduce((product, length) => product * length, 1) <= line) {
    const text = matrix.toString();
    if (text.length <= line) return text;
  }
  const title = `${matrix.type} ${size.join(" x ")}`;
  const values = matrix.toArray();
  if (size.length !== 2) return `${title} ${inspect(values, options)}`;
  const rows = values.slice(0, corner).map((row) => row.slice(0, corner).map(String));
  const width = Math.max(...rows.flat().map((text) => text.length));
  const more = size[1] > corner ? "  …" : "";
  const lines = rows.map((row) => `  ${row.map((text) => text.padStart(width)).join("  ")}${more}`);
  return [title, ...lines, ...(size[0] > corner ? ["  …"] : [])].join("\n");
}

function layersText({ name, layers, constructor: type }) {
  const rows = layers.map((layer) => [
    layer.name,
    layer.getClassName(),
    JSON.stringify(layer.outputShape),
    count(layer.countParams()),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const table = rows.map(
    (row) =>
      `  ${row.map((text, column) => (column === 3 ? text.padStart(widths[3]) : text.padEnd(widths[column]))).join("  ")}`,
  );
  const parameters = layers.reduce((sum, layer) => sum + layer.countParams(), 0);
  return [
    `${type.className ?? type.name} "${name}": ${layers.length} layers, ${count(parameters)} parameters`,
    ...table,
  ].join("\n");
}

function graphText({ inputs, outputs }) {
  const port = ({ name, shape, dtype }) => `  ${name} [${shape ?? "?"}] ${dtype}`;
  return ["GraphModel", " inputs", ...inputs.map(port), " outputs", ...outputs.map(port)].join("\n");
}

function count(number) {
  return number.toLocaleString("en-GB");
}

module.exports = { printAsWritten, logAsWritten };
