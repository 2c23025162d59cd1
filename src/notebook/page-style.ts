/** Style of an exported notebook: a readable measure, a table of contents beside it where there is room, print. */
export const pageStyle = `
:root { --ink: #1f2933; --soft: #616e7c; --line: #e1e6eb; --tint: #f6f8fa; --accent: #364b74; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: #fff; font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.page { max-width: 56rem; margin: 0 auto; padding: 2.5rem 1.5rem 5rem; }
h1, h2, h3, h4 { line-height: 1.25; margin: 2.2em 0 .6em; font-weight: 650; }
h1 { font-size: 2rem; margin-top: 0; } h2 { font-size: 1.45rem; } h3 { font-size: 1.15rem; }
.prose > :is(p, ul, ol, blockquote) { max-width: 44rem; }
a { color: var(--accent); }
blockquote { margin: 1em 0; padding: .1em 1em; border-left: 3px solid var(--line); color: var(--soft); }
img { max-width: 100%; }
math { font-size: 1.08em; } math[display="block"] { display: block math; margin: 1em 0; overflow-x: auto; }
code, pre { font: 13.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
:not(pre) > code { background: var(--tint); padding: .1em .3em; border-radius: 3px; }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.prose pre { background: var(--tint); padding: .8em 1em; border-radius: 6px; margin: 1em 0; }
.tools { display: flex; gap: 1rem; align-items: baseline; justify-content: space-between; margin-bottom: 2rem; color: var(--soft); font-size: .85rem; }
.tools button { font: inherit; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 5px; padding: .25em .8em; cursor: pointer; }
.cell { margin: 1.2em 0; }
.code { border: 1px solid var(--line); border-radius: 6px; background: var(--tint); }
.code summary { cursor: pointer; padding: .25em .8em; color: var(--soft); font-size: .78rem; user-select: none; }
.code pre { padding: .2em 1em .8em; }
.outputs { margin: .6em 0 0; display: grid; gap: .6em; }
.outputs > * { min-width: 0; overflow-x: auto; }
.outputs pre { padding: 0 1em; }
.outputs .stderr { color: var(--soft); border-left: 3px solid #e0b252; }
.outputs .error { background: #fdf3f2; border-left: 3px solid #c4483d; padding: .7em 1em; }
.drawing { margin: .4em 0; overflow: visible; }
.plot { width: 100%; }
@media screen { .drawing { overflow-x: auto; } }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; margin: .4em 0; }
caption { text-align: left; color: var(--soft); padding: .3em .7em; }
th, td { padding: .28em .8em; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); font-weight: 600; } th { text-align: left; }
.settings { border: 1px solid var(--line); border-radius: 6px; padding: .6em 1em; margin: 0 0 2rem; }
.settings h2 { margin: 0 0 .3em; font-size: 1rem; }
.contents { font-size: .9rem; border-left: 2px solid var(--line); padding-left: 1rem; margin-bottom: 2rem; }
.contents ul { list-style: none; margin: 0; padding: 0; } .contents .level-3 { padding-left: 1em; }
.contents a { display: block; padding: .15em 0; color: var(--soft); text-decoration: none; } .contents a:hover { color: var(--accent); }
.absent { color: var(--soft); }
.ansi-bold { font-weight: 700; } .ansi-dim { opacity: .65; } .ansi-black { color: #1f2933; } .ansi-red { color: #b3261e; } .ansi-green { color: #2a7a3f; }
.ansi-yellow { color: #8a6100; } .ansi-blue { color: #1f5fbf; } .ansi-magenta { color: #8b3d88; } .ansi-cyan { color: #0b7285; } .ansi-white { color: #616e7c; }
.hljs-comment { color: #6a737d; font-style: italic; } .hljs-keyword, .hljs-literal, .hljs-built_in { color: #8b3d88; }
.hljs-string, .hljs-regexp { color: #2a6f3f; } .hljs-number { color: #9a5b00; } .hljs-title, .hljs-type { color: #1f5fa8; }
@media (min-width: 84rem) {
  .page { margin-left: max(18rem, calc(50vw - 28rem)); }
  .contents { position: fixed; top: 2.5rem; left: 1.5rem; width: 14rem; max-height: calc(100vh - 5rem); overflow-y: auto; }
}
@media print {
  body { font-size: 11pt; } .tools button, .contents { display: none; } .page { max-width: none; padding: 0; margin: 0; }
  .drawing, table, .error { break-inside: avoid; } h1, h2, h3 { break-after: avoid; } .code:not([open]) { display: none; }
}
`;

/** Script of the page: draws the figures one after another, and folds or shows all code. */
export const pageScript = `
(function () {
  var folds = Array.prototype.slice.call(document.querySelectorAll("details.code"));
  var button = document.getElementById("fold");
  function label() { button.textContent = folds.some(function (fold) { return fold.open; }) ? "Hide code" : "Show code"; }
  if (button) {
    button.addEventListener("click", function () {
      var open = !folds.some(function (fold) { return fold.open; });
      folds.forEach(function (fold) { fold.open = open; });
      label();
    });
    label();
  }
  var drawings = Array.prototype.slice.call(document.querySelectorAll("figure.drawing"));
  (function next() {
    var drawing = drawings.shift();
    if (!drawing) return;
    var figure = JSON.parse(drawing.querySelector("script").textContent);
    delete figure.layout.width;
    figure.layout.autosize = true;
    window.Plotly.newPlot(drawing.querySelector(".plot"), figure.data, figure.layout, { responsive: true, displaylogo: false })
      .then(function () { drawing.dataset.drawn = "true"; next(); });
  })();
})();
`;
