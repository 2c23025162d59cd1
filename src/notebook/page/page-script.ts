/**
 * Script of an exported notebook: draws the figures one after another, folds or shows all code, closes the contents
 * where there is no room beside the page, and fits the figures to paper. Without it the page folds by hand, and shows
 * figures as pictures.
 */
export const pageScript = `
(function () {
  var folds = Array.prototype.slice.call(document.querySelectorAll("details.code"));
  var button = document.getElementById("fold");
  function anyOpen() { return folds.some(function (fold) { return fold.open; }); }
  function label() { button.textContent = anyOpen() ? "Hide code" : "Show code"; }
  if (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var open = !anyOpen();
      folds.forEach(function (fold) { fold.open = open; });
      label();
    });
    folds.forEach(function (fold) { fold.addEventListener("toggle", label); });
    label();
  }
  var contents = document.querySelector(".contents details");
  if (contents && !window.matchMedia("(min-width: 84rem)").matches) contents.open = false;

  var plots = Array.prototype.slice.call(document.querySelectorAll("figure.drawing"));
  var waiting = plots.slice();
  (function next() {
    var drawing = waiting.shift();
    if (!drawing) return;
    var plot = drawing.querySelector(".plot");
    Promise.resolve().then(function () {
      var figure = JSON.parse(drawing.querySelector("script").textContent);
      return window.shapleyModesDraw(plot, figure);
    }).then(function () { drawing.dataset.drawn = "true"; }, function () {
      plot.textContent = "This figure can not be drawn: " + drawing.getAttribute("aria-label");
    }).then(next);
  })();
  function fit(paper) {
    plots.forEach(function (drawing) {
      var plot = drawing.querySelector(".plot");
      plot.style.zoom = paper ? Math.min(1, paper / plot.offsetWidth) : "";
    });
  }
  window.addEventListener("beforeprint", function () { fit(690); });
  window.addEventListener("afterprint", function () { fit(0); });
})();
`;
