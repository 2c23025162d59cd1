import { fontFamily } from "../kit/theme.js";
import { darkFigure } from "./dark-figure.js";
import { reflow, smallestType } from "./reflow.js";

/**
 * Script that sets `window.shapleyModesDraw(place, figure, config)`: draws a figure into an element with `window.Plotly`, as wide as the element
 * is, now and whenever that changes. With less room than the figure was made for it is made smaller as a whole, and on a
 * telephone its texts are broken anew, so that all of it is seen and can be read. In a dark theme of JupyterLab or Notebook 7 it is drawn
 * for a dark page, also when the theme changes. Returns Plotly's promise.
 */
export const drawScript = `
window.shapleyModesDraw = function (place, figure, config) {
  ${reflow.toString()}
  ${smallestType.toString()}
  ${darkFigure.toString()}
  var context = document.createElement("canvas").getContext("2d");
  function measure(text, size) {
    context.font = size + "px ${fontFamily}";
    return context.measureText(text).width * 1.03;
  }
  var made = figure.layout.width || place.clientWidth || 700;
  var type = (figure.layout.font || {}).size || 12;
  var sheet = document.createElement("div");
  sheet.style.transformOrigin = "0 0";
  place.appendChild(sheet);
  place.style.overflow = "hidden";
  var drawn = "";
  function draw() {
    var room = place.clientWidth;
    var dark = document.body.dataset.jpThemeLight === "false";
    if (!room || drawn === room + "," + dark) return Promise.resolve();
    drawn = room + "," + dark;
    var scale = Math.min(1, Math.max(room / made, ${smallestType.name}(figure) / type));
    var width = Math.round(room / scale);
    var fitted = { data: figure.data, layout: ${reflow.name}(figure, width, measure) };
    if (dark) fitted = ${darkFigure.name}(fitted);
    sheet.style.width = width + "px";
    sheet.style.height = fitted.layout.height + "px";
    sheet.style.transform = scale < 1 ? "scale(" + scale + ")" : "";
    place.style.height = Math.ceil(fitted.layout.height * scale) + "px";
    place.style.minHeight = "";
    // What a reader has zoomed or turned stays so.
    if (fitted.layout.uirevision === undefined) fitted.layout.uirevision = "kept";
    return window.Plotly.react(sheet, {
      data: fitted.data,
      layout: fitted.layout,
      frames: figure.frames,
      config: Object.assign({ displaylogo: false }, config),
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
