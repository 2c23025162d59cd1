import { addingColour, fontFamily, takingColour } from "../figures/kit/theme.js";

/** Style of live pages: the theme of the figures, light and dark, from a telephone's width on. */
export const documentStyle = `
:root {
  color-scheme: light dark;
  --page: #fff; --ink: #222; --soft: #5a6470; --line: #e1e6eb; --tint: #f6f8fa; --accent: #364b74; --on-accent: #fff;
  --up: ${addingColour}; --down: ${takingColour}; --up-ink: #a8351c; --down-ink: #1d5f8e; --mean: #a6587d; --bars: #c9d0d9; --right: #2a6f3f; --wrong: #a8351c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14181d; --ink: #e3e7eb; --soft: #9aa5b1; --line: #323b45; --tint: #1c2229; --accent: #9db4e0; --on-accent: #14181d;
    --up-ink: #f09a86; --down-ink: #86c0ea; --mean: #d48bb0; --bars: #46515d; --right: #7fca93; --wrong: #f09a86;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; padding: 1.1rem 1.2rem 1.4rem; color: var(--ink); background: var(--page); font: 16px/1.5 ${fontFamily}; }
#page { max-width: 60rem; margin: 0 auto; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .4em; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 1.9em 0 .3em; }
p { margin: .4em 0 .7em; max-width: 46rem; overflow-wrap: break-word; }
.about { color: var(--soft); }
button, select, input { font: inherit; color: inherit; }
button, select { background: var(--tint); border: 1px solid var(--line); border-radius: 6px; padding: .35em .8em; cursor: pointer; min-height: 2.5rem; max-width: 100%; overflow-wrap: anywhere; }
button:hover:not([aria-disabled="true"]) { border-color: var(--accent); }
button[aria-disabled="true"] { opacity: .5; cursor: default; }
button.main, button[aria-pressed="true"]:not(.card, .cell) { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:is(button, select, input, summary, canvas, [tabindex]):focus-visible { outline: 3px solid var(--mean); outline-offset: 2px; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; margin: .7rem 0; align-items: center; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: .7rem 0; align-items: center; }
.chips button { padding: .15em .7em; min-width: 2.5rem; }
.label { color: var(--soft); font-size: .9rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .6rem; margin: .8rem 0; }
.card { display: grid; grid-template-columns: 1fr auto; gap: 0 .6rem; text-align: left; padding: .55rem .8rem; border-width: 2px; background: var(--page); }
.card .name { font-weight: 600; overflow-wrap: anywhere; }
.card .state { font-size: .85rem; color: var(--soft); }
.card .amount { grid-column: 1 / 3; text-align: left; font-size: .9rem; }
.card[aria-pressed="true"] { border-color: var(--accent); background: var(--tint); }
.card[aria-pressed="true"] .state { color: var(--accent); font-weight: 600; }
.card[aria-pressed="false"] .name { color: var(--soft); font-weight: 400; }
.amount { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
.amount[data-sign="up"] { color: var(--up-ink); } .amount[data-sign="down"] { color: var(--down-ink); } .amount[data-sign="none"] { color: var(--soft); }
.worth { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1.2rem; align-items: center; margin: 1rem 0 .4rem; }
.big { display: block; font-size: 2rem; line-height: 1.1; color: var(--ink); font-variant-numeric: tabular-nums; min-width: 4.5rem; }
.track { position: relative; height: 1.5rem; background: var(--tint); border-radius: 4px; }
.bar { position: absolute; top: .2rem; bottom: .2rem; border-radius: 3px; background: var(--bars); transition: left .15s, width .15s; }
.bar[data-sign="up"] { background: var(--up); } .bar[data-sign="down"] { background: var(--down); }
.mark { position: absolute; top: -3px; bottom: -3px; width: 2px; background: var(--soft); }
.ends { display: flex; justify-content: space-between; color: var(--soft); font-size: .85rem; gap: 1rem; }
.ends.marked { position: relative; } .ends.marked span { position: absolute; white-space: nowrap; }
.sentence { min-height: 1.5em; } .sentence.two { min-height: 3em; }
.step, .mean { display: grid; grid-template-columns: minmax(7rem, 11rem) 1fr 5.5rem; gap: .2rem .8rem; align-items: center; padding: .12rem 0; }
.mean { grid-template-columns: minmax(7rem, 11rem) 1fr 6rem 6.5rem; border-top: 1px solid var(--line); padding: .3rem 0; }
.mean.head { border: 0; color: var(--soft); font-size: .85rem; }
.name { overflow-wrap: anywhere; } :is(.card, .step, .mean) .name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.ahead { visibility: hidden; } .chips .ahead { border: 1px solid; padding: .15em .7em; min-width: 2.5rem; min-height: 2.5rem; }
.amount.value { font-weight: 600; }
.spread { width: 100%; height: 2.6rem; display: block; overflow: visible; }
.spread .ground { stroke: var(--line); } .spread .zero { stroke: var(--soft); stroke-dasharray: 2 3; }
.spread .amounts, .sign.bars { fill: var(--bars); background: var(--bars); }
.spread .average { stroke: var(--mean); stroke-width: 3; }
.spread .diamond { fill: var(--page); stroke: var(--accent); stroke-width: 2.5; }
.key { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; color: var(--soft); font-size: .85rem; }
.sign { display: inline-block; width: .9rem; height: .9rem; margin-right: .45rem; vertical-align: -.1em; }
.sign.mean { width: 4px; padding: 0; border: 0; display: inline-block; background: var(--mean); }
.sign.value { width: .65rem; height: .65rem; border: 2.5px solid var(--accent); transform: rotate(45deg); }
.wide { overflow-x: auto; margin: .8rem 0; }
table.modes { border-collapse: separate; border-spacing: 2px; font-size: .85rem; font-variant-numeric: tabular-nums; }
table.modes th { font-weight: 400; text-align: left; padding: 0 .4rem 0 0; white-space: nowrap; } table.modes thead button { width: 100%; padding: .1em .4em; max-width: 12rem; } table.modes tbody th { max-width: 14rem; overflow: hidden; text-overflow: ellipsis; }
table.modes td { text-align: right; padding: .25rem .45rem; border-radius: 3px; white-space: nowrap; }
canvas { image-rendering: pixelated; touch-action: none; display: block; }
.inputs { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: .6rem; margin: .6rem 0; }
.input { border: 1px solid var(--line); border-radius: 6px; padding: .4rem; display: grid; grid-template-columns: auto 1fr; gap: .2rem .5rem; align-items: center; }
.image { width: 3.5rem; height: auto; border-radius: 3px; }
.answer b { font-size: 1.6rem; line-height: 1; display: block; overflow-wrap: anywhere; } .answer { min-width: 0; }
.answer[data-right="true"] b { color: var(--right); } .answer[data-right="false"] b { color: var(--wrong); }
.answer.long b { font-size: 1rem; line-height: 1.25; height: 2.5em; } .verdict { font-size: .78rem; line-height: 1.35; height: 2.7em; color: var(--soft); } .verdict, .answer.long b { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.classes { grid-column: 1 / 3; display: flex; height: 3.2rem; gap: 2px; } .classes > span { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; min-width: 0; height: 100%; position: relative; padding-bottom: 1rem; }
.classes i { display: block; background: var(--bars); border-radius: 2px 2px 0 0; min-height: 1px; } .classes i[data-right="true"] { background: var(--right); }
.classes small { position: absolute; bottom: 0; left: 0; right: 0; text-align: center; font-size: .68rem; line-height: 1rem; color: var(--soft); overflow: hidden; }
.numbers { grid-column: 1 / 3; min-width: 0; } .number { display: grid; grid-template-columns: minmax(1rem, auto) 1fr auto; gap: .4rem; align-items: center; font-size: .78rem; line-height: 1.25rem; } .number .name { max-width: 5rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .number .mark { top: -2px; bottom: -2px; width: 1.5px; background: var(--ink); }
.heat { display: grid; grid-template-columns: auto 1fr; gap: .3rem .5rem; margin: .8rem 0; align-items: center; }
.heat .rows { display: grid; height: 100%; } .heat .rows span { font-size: .78rem; color: var(--soft); line-height: 1; align-self: center; text-align: right; max-width: 7rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.held { position: relative; } .map { touch-action: pan-y; width: 100%; height: 100%; cursor: pointer; border-radius: 3px; }
.offs { width: 100%; height: .7rem; border-radius: 3px; }
.rules { position: absolute; inset: 0; pointer-events: none; }
.aloud { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.cursor { position: absolute; top: -3px; bottom: -3px; min-width: 3px; outline: 2px solid var(--ink); pointer-events: none; border-radius: 1px; }
input[type="number"] { width: 4.5rem; background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: .3em .5em; min-height: 2.5rem; }
input[type="range"] { width: 100%; height: 2.5rem; accent-color: var(--accent); }
.unit { display: grid; grid-template-columns: minmax(0, 1fr) 9rem; gap: 1.4rem; align-items: start; } .weights { width: 9rem; }
.pair { display: grid; grid-template-columns: 4rem 1fr 9rem; gap: .6rem; align-items: center; padding: .1rem 0; } .pair .amount { display: grid; grid-template-columns: 1fr 1fr; font-size: .85rem; } .pair .amount span { color: var(--soft); } .pair .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: .9rem; } .pair.label .amount { white-space: normal; }
.track.thin { height: .62rem; background: none; } .track.thin .bar { top: 0; bottom: 0; } .bar.mode { opacity: .4; }
.drawing { display: flex; gap: 1rem; align-items: flex-start; flex-wrap: wrap; } .drawing .input { width: 15rem; } .field { width: 168px; border-radius: 6px; cursor: crosshair; image-rendering: auto; border: 1px solid var(--line); }
.triple { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem; max-width: 46rem; } .triple figure { margin: 0; } .painted, .thumb canvas { image-rendering: auto; } .painted { width: 100%; border-radius: 6px; border: 1px solid var(--line); } figcaption { color: var(--soft); font-size: .85rem; margin-top: .2rem; }
.thumbs { display: flex; flex-wrap: wrap; gap: .4rem; } .thumb { padding: 3px; } .thumb canvas { width: 3.5rem; height: 3.5rem; border-radius: 3px; } .thumb.cell[aria-pressed="false"] { opacity: 1; } .thumb[aria-pressed="true"] { border-color: var(--accent); outline: 2px solid var(--accent); }
.slide { display: grid; grid-template-columns: 5rem 9rem 1fr 3.5rem; gap: .6rem; align-items: center; margin: .6rem 0; max-width: 46rem; } .slide > :nth-child(2) { width: 100%; }
.layer { display: grid; grid-template-columns: 7rem auto 1fr; gap: .6rem; align-items: center; margin: .45rem 0; } .layer button { padding: .1em .6em; min-width: 2.5rem; font-size: .85rem; } .layer .offs { margin-top: 3px; height: .4rem; }
.cells { display: flex; flex-wrap: wrap; gap: .3rem; margin: .8rem 0; } .cell { font-size: .8rem; padding: .1em .5em; min-width: 2.5rem; color: var(--ink); } .cell[aria-pressed="false"] { opacity: .45; text-decoration: line-through; }
details { margin-top: 2rem; color: var(--soft); } summary { cursor: pointer; padding: .6rem 0; }
#still img { max-width: 100%; height: auto; display: block; margin: 0 auto; }
@media (max-width: 36rem) {
  body { padding: .8rem .9rem 1.2rem; font-size: 15px; }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .45rem; } .card { padding: .45rem .6rem; }
  .worth { grid-template-columns: 1fr; }
  .triple { gap: .4rem; } .slide { grid-template-columns: 4.5rem 1fr 3.5rem; } .slide > :nth-child(2) { grid-column: 2 / 4; } .slide > :nth-child(3) { grid-column: 1 / 3; } .layer { grid-template-columns: 4.2rem auto 1fr; gap: .4rem; }
  .inputs { grid-template-columns: repeat(2, minmax(0, 1fr)); } .unit { grid-template-columns: minmax(0, 1fr); } .pair { grid-template-columns: 2.2rem 1fr 7.5rem; }
  .step { grid-template-columns: minmax(0, 1fr) 4.6rem; } .step .track { grid-column: 1 / 3; grid-row: 2; height: 1.1rem; } .step .ends { grid-column: 1 / 3; }
  .sentence.two { min-height: 4.5em; }
  .mean { grid-template-columns: minmax(0, 1fr) 4.8rem 5.4rem; } .mean .spread { grid-column: 1 / 4; grid-row: 2; } .mean.head > :nth-child(2) { display: none; }
}
@media (prefers-reduced-motion: reduce) { .bar { transition: none; } }
`;

/** Style of live pages on paper: light, without what is there to be pressed. */
export const paperStyle = `
* { print-color-adjust: exact; -webkit-print-color-adjust: exact; } html { zoom: var(--shrunk, 1); } :root { color-scheme: light; } body { font-size: 11pt; padding: 0; }
#page :is(button, select, input, details, .slide, .cursor), #page .row > label, .press, .ahead, section:has(.field ~ .input[hidden]) { display: none; }
#page :is(button.card, button.cell) { display: grid; } #page .chips button { display: inline; border: 0; background: none; color: var(--ink); padding: 0; min-height: 0; } #page .chips button[aria-pressed="true"] { font-weight: 600; text-decoration: line-through; }
.layer { grid-template-columns: 7rem 1fr; } section, .input, figure { break-inside: avoid; } h2 { break-after: avoid; }
`;
