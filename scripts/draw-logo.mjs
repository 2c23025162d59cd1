// Draws the kernel's logo in the sizes that Jupyter asks for, from kernels/shapley-modes/logo-svg.svg:
//
//   node scripts/draw-logo.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { Resvg } from "@resvg/resvg-js";

const folder = new URL("../kernels/shapley-modes/", import.meta.url);
const svg = readFileSync(new URL("logo-svg.svg", folder), "utf8");
for (const width of [32, 64]) {
  const png = new Resvg(svg, { fitTo: { mode: "width", value: width } }).render().asPng();
  writeFileSync(new URL(`logo-${width}x${width}.png`, folder), png);
}
