// Values of libraries that print as people write them: `[[1, 2], [3, 4]]`, `5 cm`, `1 + 2i`, and a network as its layers.
"use strict";

const { inspect } = require("node:util");

/** Longest text of a matrix that stands in a line. */
const line = 100;

/** How values of a class are written, by the name under which a package exports the class. */
const written = {
  mathjs: {
    DenseMatrix: matrixText,
    SparseMatrix: matrixText,
    Fraction: (fraction) => fraction.toFraction(),
    ...Object.fromEntries(["Unit", "Complex", "Range", "ResultSet"].map((name) => [name, String])),
  },
  "@tensorflow/tfjs": { LayersModel: layersText, GraphModel: graphText },
};

/**
 * Makes the values of a package print so, if it is one of those known here.
 *
 * @param {string} name the package's name
 * @param {object} namespace what it exports
 */
function printAsWritten(name, namespace) {
  for (const [type, text] of Object.entries(Object.hasOwn(written, name) ? written[name] : {})) {
    const prototype = namespace[type]?.prototype;
    if (!prototype || Object.hasOwn(prototype, inspect.custom)) continue;
    Object.defineProperty(prototype, inspect.custom, {
      value(depth, options) {
        return depth < 0 ? `[${this.constructor?.name ?? type}]` : text(this, options);
      },
      writable: true,
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

module.exports = { printAsWritten };
