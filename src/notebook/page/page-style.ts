import { paper } from "../../pages/page-measures.js";

/** What is within so many quotations or lists, one in the other: it goes no further to the right. */
const within = (depth: number) =>
  `.prose ${Array(depth + 1)
    .fill(":is(blockquote, ul, ol, dl)")
    .join(" ")}`;
const noFurther = "margin-left: 0; padding-left: 0; padding-right: 0; border-left: 0; list-style-position: inside;";

/**
 * Style of an exported notebook: a readable measure, contents beside it where there is room, dark mode, phones, paper.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #fff; --ink: #1f2933; --soft: #616e7c; --line: #e1e6eb; --tint: #f6f8fa; --accent: #364b74;
  --bad: #c4483d; --bad-tint: #fdf3f2; --warn: #e0b252; --warn-tint: #fdf8ec;
  --red: #b3261e; --green: #2a6f3f; --yellow: #8a6100; --blue: #1f5fa8; --magenta: #8b3d88; --cyan: #0b7285;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --ink: #e3e7eb; --soft: #9aa5b1; --line: #323b45; --tint: #1c2229; --accent: #9db4e0;
    --bad: #e5726a; --bad-tint: #2c1c1c; --warn: #b98f3c; --warn-tint: #2a2416;
    --red: #ff8f86; --green: #86d19a; --yellow: #e0b866; --blue: #86b7f5; --magenta: #dca0d9; --cyan: #74cfe0;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: var(--page); font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.page { max-width: 56rem; margin: 0 auto; padding: 1.2rem 1.5rem 5rem; }
h1, h2, h3, h4 { line-height: 1.25; margin: 2.2em 0 .6em; font-weight: 650; overflow-wrap: anywhere; }
h1 { font-size: 2rem; margin-top: 0; } h2 { font-size: 1.45rem; } h3 { font-size: 1.15rem; }
.cell.prose:first-of-type > :first-child { margin-top: 0; }
.prose > :is(p, ul, ol, blockquote) { max-width: 44rem; overflow-wrap: break-word; }
a { color: var(--accent); }
blockquote { margin: 1em 0; padding: .1em 1em; border-left: 3px solid var(--line); color: var(--soft); }
${within(6)} { ${noFurther} } ${within(6)} dd { margin-left: 0; }
img { max-width: 100%; height: auto; }
math { font-size: 1.08em; } math[display="block"] { display: block math; margin: 1em 0; overflow-x: auto; }
code, pre { font: 13.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
:not(pre) > code { background: var(--tint); padding: .1em .3em; border-radius: 3px; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.prose pre { background: var(--tint); padding: .8em 1em; border-radius: 6px; margin: 1em 0; }
.soft, .absent { color: var(--soft); }
.tools { display: flex; gap: 1rem; align-items: baseline; justify-content: space-between; margin-bottom: 1.6rem; color: var(--soft); font-size: .85rem; min-height: 2em; }
.tools button { font: inherit; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 5px; padding: .25em .8em; cursor: pointer; white-space: nowrap; }
.cell { margin: 1.2em 0; }
.code { border: 1px solid var(--line); border-radius: 6px; background: var(--tint); }
summary { cursor: pointer; }
.code summary { padding: .25em .8em; color: var(--soft); font-size: .78rem; user-select: none; }
.code pre { padding: .2em 1em .8em; }
.outputs { margin: .6em 0 0; display: grid; grid-template-columns: minmax(0, 1fr); gap: .6em; }
.outputs > * { overflow-x: auto; }
.outputs pre { padding: 0 1em; }
.outputs .stderr { color: var(--soft); border-left: 3px solid var(--warn); }
.outputs .error { background: var(--bad-tint); border-left: 3px solid var(--bad); padding: .7em 1em; }
.drawing { margin: .4em 0; overflow: visible; }
.plot { width: 100%; }
.live { margin: .4em 0; } .live iframe { display: block; border: 1px solid var(--line) !important; border-radius: 6px; }
.control { padding: .1em 0; } .control > span { margin-right: .4em; } .control b { font-weight: 600; font-variant-numeric: tabular-nums; margin-right: .4em; }
.controls { display: flex; flex-direction: column; } .controls.row { flex-direction: row; flex-wrap: wrap; gap: 0 1.6em; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; margin: .4em 0; }
.prose table { display: block; max-width: 100%; overflow-x: auto; }
caption { text-align: left; color: var(--soft); padding: .3em .7em; }
th, td { padding: .28em .8em; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; } th { text-align: left; }
td.number, td[style*="right"], td code { white-space: nowrap; }
.banner { background: var(--warn-tint); border-left: 3px solid var(--warn); padding: .7em 1em; border-radius: 0 6px 6px 0; }
.settings { border: 1px solid var(--line); border-radius: 6px; padding: .7em 1em; margin: 0 0 1.5rem; font-size: .9rem; overflow-x: auto; }
.settings h2 { margin: 0 0 .2em; font-size: .95rem; } .settings table { margin: 0 0 .5em; }
.settings th, .settings td { border: 0; padding: .12em 1.2em .12em 0; font-weight: normal; } .settings th { color: var(--soft); }
.provenance summary { color: var(--soft); }
.contents { font-size: .9rem; border-left: 2px solid var(--line); padding-left: 1rem; margin-bottom: 2rem; }
.contents summary { color: var(--soft); font-weight: 600; }
.contents ul { list-style: none; margin: .3em 0 0; padding: 0; } .contents .level-2 { padding-left: 1em; }
.contents a { display: block; padding: .15em 0; color: var(--soft); text-decoration: none; } .contents a:hover { color: var(--accent); }
.ansi-bold { font-weight: 700; } .ansi-dim { opacity: .65; } .ansi-black { color: var(--ink); } .ansi-red { color: var(--red); } .ansi-green { color: var(--green); }
.ansi-yellow { color: var(--yellow); } .ansi-blue { color: var(--blue); } .ansi-magenta { color: var(--magenta); } .ansi-cyan { color: var(--cyan); } .ansi-white { color: var(--soft); }
.hljs-comment { color: var(--soft); font-style: italic; } .hljs-keyword, .hljs-literal, .hljs-built_in { color: var(--magenta); }
.hljs-string, .hljs-regexp { color: var(--green); } .hljs-number { color: var(--yellow); } .hljs-title, .hljs-type { color: var(--blue); }
@media screen and (prefers-color-scheme: dark) {
  .drawing, .outputs img, .prose img { background: #fff; border-radius: 6px; }
}
@media screen and (min-width: 84rem) {
  .page { margin-left: max(18rem, calc(50vw - 28rem)); }
  .contents { position: fixed; top: 2.5rem; left: 1.5rem; width: 14rem; max-height: calc(100vh - 5rem); overflow-y: auto; }
}
@media (max-width: 40rem) {
  body { font-size: 15px; } .page { padding: .8rem 1rem 3rem; } .prose :is(ul, ol) { padding-left: 1.6em; } blockquote { padding: .1em .6em; }
  .prose dd { margin-left: 1.2em; } ${within(4)} { ${noFurther} } ${within(4)} dd { margin-left: 0; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; }
  code, pre { font-size: 12px; } th, td { padding: .25em .5em; } .outputs pre, .code pre { padding-left: .6em; padding-right: .6em; }
}
@media print {
  body { font-size: 10.5pt; } .tools, .contents { display: none; } .page { max-width: none; padding: 0; margin: 0; }
  code, pre { font-size: 8.5pt; } table { font-size: 9pt; }
  .drawing, .outputs > * { overflow: visible; } .drawing, tr, .error, .settings { break-inside: avoid; } h1, h2, h3 { break-after: avoid; } .code:not([open]) { display: none; }
  .live iframe { width: ${paper.width}px !important; height: var(--printed, 900px) !important; border: 0 !important; break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
`;
