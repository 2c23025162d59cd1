import { fontFamily } from "../kit/theme.js";
import { darkFigure } from "./dark-figure.js";
import { fitForeign } from "./fit-foreign.js";
import { reflow, smallestType } from "./reflow.js";
import { settleForeign } from "./settle-foreign.js";

/**
 * Script that sets `window.shapleyModesDraw(place, figure, config)`: draws a figure into an element with
 * `window.Plotly`, as wide as the element is, now and whenever that changes. With less room than the figure was made
 * for it is made smaller as a whole, and on a telephone its texts are broken anew, so that all of it is seen and can be
 * read; a figure of somebody else's as far as Plotly allows. In a dark theme of JupyterLab or Notebook 7 it is drawn
 * for a dark page, also when the theme changes. Returns Plotly's promise; `data-settled` is on the element while what
 * is drawn is as it stays.
 */
export const drawScript = `
window.shapleyModesDraw = function (place, figure, config) {
  ${reflow.toString()}
  ${smallestType.toString()}
  ${darkFigure.toString()}
  ${fitForeign.toString()}
  ${settleForeign.toString()}
  var ours = (figure.layout.annotations || []).some(function (one) { return one && one.name === "caption"; });
  var family = ours ? '${fontFamily}' : (figure.layout.font || {}).family || '"Open Sans", verdana, arial, sans-serif';
  var context = document.createElement("canvas").getContext("2d");
  function measure(text, size) {
    context.font = size + "px " + family;
    return context.measureText(text).width * 1.03;
  }
  var made = figure.layout.width || place.clientWidth || 700;
  var type = (figure.layout.font || {}).size || 12;
  var sheet = document.createElement("div");
  sheet.style.transformOrigin = "0 0";
  place.appendChild(sheet);
  place.style.overflow = "hidden";
  var margin = figure.layout.margin || {};
  var sides = [margin.t, margin.b].map(function (side, s) { return side === undefined ? [100, 80][s] : side; });
  var plotHeight = Math.max(120, (figure.layout.height || 450) - sides[0] - sides[1]);
  var drawn = "";
  function show(layout, scale) {
    sheet.style.height = layout.height + "px";
    place.style.height = Math.ceil(layout.height * scale) + "px";
  }
  function settle(scale, times) {
    var change = times > 0 && ${settleForeign.name}(sheet, plotHeight);
    if (!change) return;
    return window.Plotly.relayout(sheet, change).then(function () {
      show(sheet._fullLayout, scale);
      return settle(scale, times - 1);
    });
  }
  function draw() {
    var room = place.clientWidth;
    var dark = document.body.dataset.jpThemeLight === "false";
    var now = room + "," + dark;
    if (!room || drawn === now) return Promise.resolve();
    drawn = now;
    delete place.dataset.settled;
    var scale = Math.min(1, Math.max(room / made, ${smallestType.name}(figure) / type));
    var width = Math.round(room / scale);
    var fitted = ours
      ? { data: figure.data, layout: ${reflow.name}(figure, width, measure) }
      : ${fitForeign.name}(figure, width, measure);
    if (dark) fitted = ${darkFigure.name}(fitted);
    sheet.style.width = width + "px";
    sheet.style.transform = scale < 1 ? "scale(" + scale + ")" : "";
    show(fitted.layout, scale);
    place.style.minHeight = "";
    // What a reader has zoomed or turned stays so.
    if (fitted.layout.uirevision === undefined) fitted.layout.uirevision = "kept";
    return window.Plotly.react(sheet, {
      data: fitted.data,
      layout: fitted.layout,
      frames: figure.frames,
      config: Object.assign({ displaylogo: false }, config),
    }).then(function () {
      return ours ? undefined : settle(scale, 4);
    }).then(function () {
      if (drawn === now) place.dataset.settled = "true";
    });
  }
  var first = draw();
  // What can not be drawn is not tried again.
  first.then(function () {
    new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
    if (window.ResizeObserver) new ResizeObserver(function () { requestAnimationFrame(draw); }).observe(place);
  }, function () {});
  return first;
};
`;
