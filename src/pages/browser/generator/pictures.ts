import { divergingColour } from "../kit/colours.js";
import { html } from "../kit/dom.js";
import { drawPixels } from "../kit/pixels.js";
import type { GeneratorState } from "./state.js";

/** A change of brightness below which a difference is not made stronger to be seen: 10 levels of 255. */
const leastLimit = 0.04;

/** Draws an image `[3, size, size]`, numbers from 0 to 1. */
export function drawImage(canvas: HTMLCanvasElement, image: ArrayLike<number>, size: number): void {
  const area = size * size;
  const level = (value: number) => Math.round(255 * value);
  drawPixels(canvas, size, size, (p) => [level(image[p]), level(image[area + p]), level(image[2 * area + p])]);
}

/** The image, the image without what is off, and the difference between both. */
export function picturesSection(state: GeneratorState): HTMLElement {
  const { facts, size, selection } = state;
  const whole = html("canvas", { class: "painted", role: "img", "aria-label": `the ${facts.image}` });
  const lesioned = html("canvas", {
    class: "painted",
    role: "img",
    "aria-label": `the ${facts.image} without what is off`,
  });
  const difference = html("canvas", { class: "painted", role: "img", "aria-label": "the difference" });
  const without = html("figcaption", {});
  const sentence = html("p", { class: "sentence", "aria-live": "polite" });

  const area = size * size;
  const change = new Float32Array(area);
  const drawWhole = () => drawImage(whole, state.whole, size);

  function draw(): void {
    const [one, two] = [state.whole, state.lesioned];
    drawImage(lesioned, two, size);
    for (let p = 0; p < area; p++) {
      change[p] = (two[p] - one[p] + two[area + p] - one[area + p] + two[2 * area + p] - one[2 * area + p]) / 3;
    }
    const most = change.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const limit = Math.max(most, leastLimit);
    drawPixels(difference, size, size, (p) => divergingColour(change[p] / limit));
    const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
    const mean = change.reduce((sum, value) => sum + Math.abs(value), 0) / area;
    without.textContent = `without ${selection.count} of ${selection.units}`;
    sentence.textContent =
      selection.count === 0
        ? "Nothing is off."
        : `Brightness changes by ${percent(mean)} on average, where most by ${percent(most)}.`;
  }

  selection.onChange(draw);
  state.onShow(drawWhole);
  state.onShow(draw);
  drawWhole();
  draw();
  return html(
    "section",
    {},
    html(
      "div",
      { class: "triple" },
      html("figure", {}, whole, html("figcaption", {}, `the ${facts.image}`)),
      html("figure", {}, lesioned, without),
      html("figure", {}, difference, html("figcaption", {}, "difference: red brighter, blue darker")),
    ),
    sentence,
  );
}
