import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { invalid } from "../errors.js";
import { escapeHtml } from "../escape-html.js";
import { scriptJson } from "../figures/render/plotly-bundle.js";
import type { Json } from "../json.js";
import { packageRoot } from "../package.js";
import { inOneLine } from "../words.js";
import { documentStyle, paperStyle } from "./document-style.js";
import { toBase64 } from "./packed-arrays.js";
import type { LesionPage } from "./page.js";
import type { PageKind } from "./page-content.js";
import { contentPolicy } from "./policy.js";
import { runtimeWeb } from "./runtime-web.js";

/** The kernels that the script of a page computes with, by their names in `dist/`. */
const kernels: Readonly<Record<PageKind, readonly string[]>> = {
  game: [],
  generator: ["networks/dcgan/doubling"],
  mlp: ["networks/mlp/dense-sums", "lesion/logit-walk", "lesion/dense-walk"],
  onnx: [],
};

const bundles = new Map<PageKind, string>();

/** The script of a kind of page, as it was bundled when the package was built. */
function documentScript(kind: PageKind): string {
  let script = bundles.get(kind);
  if (script === undefined) {
    script = readFileSync(join(packageRoot, "dist", "pages", `${kind}.js`), "utf8");
    bundles.set(kind, script);
  }
  return script;
}

/** Whether pages of a kind compute with WebAssembly, which a policy has to allow. */
export function computes(kind: PageKind): boolean {
  return kind === "onnx" || kernels[kind].length > 0;
}

/** All scripts of a kind of page, in their order: that of another maker which it needs, and its own. */
export function documentScripts(kind: PageKind): readonly string[] {
  return kind === "onnx" ? [runtimeWeb().script, documentScript(kind)] : [documentScript(kind)];
}

/** Bytes that a page may have, and what of them is kept for its script, kernels and words. */
export const usualBytes = 6_000_000;
const ownBytes = 200_000;

/** @throws RangeError for a page that would be larger than that, saying how large, and what of it is the runtime */
export function checkedSize(page: LesionPage, mostBytes: number = usualBytes): LesionPage {
  const runtime = page.kind === "onnx" ? runtimeWeb().script.length + runtimeWeb().wasm.length : 0;
  const bytes = ownBytes + runtime + JSON.stringify(page).length;
  if (bytes <= mostBytes) return page;
  const size = (some: number) => `${(some / 1e6).toFixed(1)} MB`;
  const more = runtime > 0 ? `, of which ONNX Runtime takes ${size(runtime)} (mostBytes allows more)` : "";
  throw invalid("page", `one of at most ${size(mostBytes)}${more}`, size(bytes));
}

/** Names of scripts that were asked for: there are few, and the largest are megabytes. */
const hashes = new Map<string, string>();

/** A script as a policy names it: that one may run, and no other. */
export function scriptHash(script: string): string {
  const known = hashes.get(script);
  if (known !== undefined) return known;
  const hash = `'sha256-${createHash("sha256").update(script).digest("base64")}'`;
  hashes.set(script, hash);
  return hash;
}

/**
 * A page as one HTML document that asks for nothing: its policy lets its own script run, and compile the kernels that
 * are in it.
 *
 * @param still a picture of the page, PNG in base64, for where it can not compute; undefined for none
 */
export function documentHtml(page: LesionPage, still: string | undefined): string {
  const { kind, title, about, facts, places, numbers } = page;
  const scripts = documentScripts(kind);
  const policy = contentPolicy([...scripts.map(scriptHash), ...(computes(kind) ? ["'wasm-unsafe-eval'"] : [])]);
  const json = scriptJson(JSON.stringify({ kind, title, about, facts, places } as unknown as Json));
  const wasm = kernels[kind].map((name) => {
    const bytes = readFileSync(join(packageRoot, "dist", `${name}.wasm`));
    return `<script type="application/wasm" id="${name}">${toBase64(bytes)}</script>\n`;
  });
  const runtime = kind === "onnx" ? `<script type="text/plain" id="runtime">${runtimeWeb().wasm}</script>\n` : "";
  const words = escapeHtml(pageText(page));
  const picture = still === undefined ? "" : `<img src="data:image/png;base64,${still}" alt="${words}">`;
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(inOneLine(title))}</title>
<link rel="icon" href="data:,">
<style>${documentStyle}</style>
<style id="printed" media="print">${paperStyle}</style>
</head>
<body>
<main id="page"></main>
<div id="still"><p id="said">${words} This page answers where scripts may run; here it is a picture.</p>${picture}</div>
<script type="application/json" id="facts">${json}</script>
<script type="text/plain" id="numbers">${numbers}</script>
${wasm.join("")}${runtime}${scripts.map((script) => `<script>${script}</script>`).join("\n")}
</body>
</html>
`;
}

/** What a page is, in words. */
export function pageText({ title, about }: Pick<LesionPage, "title" | "about">): string {
  return [title, about]
    .map((text) =>
      inOneLine(text)
        .trim()
        .replace(/[^.!?]$/, "$&."),
    )
    .filter(Boolean)
    .join(" ");
}
