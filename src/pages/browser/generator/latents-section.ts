import { button, html } from "../kit/dom.js";
import { numberText, plural, wholeWithin } from "../kit/numbers.js";
import { drawImage } from "./pictures.js";
import type { GeneratorState } from "./state.js";

/** Least and largest number of a latent that a slider reaches: beyond are 3 in 1000. */
const reach = 3;

/** Which image: one of those that the page brings along, a mixture of two, or single numbers of it by slider. */
export function latentsSection(state: GeneratorState): HTMLElement {
  const { facts, size } = state;
  const thumbs = Array.from({ length: facts.faces }, (_, face) => {
    const canvas = html("canvas", { "aria-hidden": "true" });
    state.show(state.seed(face));
    drawImage(canvas, state.whole, size);
    const press = button("", () => choose(face), { "aria-label": `${facts.image} ${face + 1}`, class: "thumb cell" });
    press.append(canvas);
    return press;
  });
  let chosen = 0;
  const other = html(
    "select",
    { change: mix },
    ...thumbs.map((_, face) => html("option", { value: face }, `${facts.image} ${face + 1}`)),
  );
  const share = slider("share of the other", 0, 1, 0.01, mix);
  const shareText = html("output", { class: "amount" });
  const place = html("input", {
    type: "number",
    min: 1,
    max: facts.latents,
    value: 1,
    "aria-label": "which number",
    input: follow,
    change: () => {
      place.value = String(at() + 1);
    },
  });
  const number = slider("what that number is", -reach, reach, 0.01, () => {
    const latents = state.latents.slice();
    latents[at()] = Number(number.value);
    state.show(latents);
    tell();
  });
  const valueText = html("output", { class: "amount" });
  const written = numberText([reach + 0.5]);

  function at(): number {
    return wholeWithin(place.value, facts.latents) - 1;
  }

  function follow(): void {
    number.value = String(state.latents[at()]);
    tell();
  }

  function tell(): void {
    shareText.textContent = `${Math.round(100 * Number(share.value))} %`;
    valueText.textContent = written(state.latents[at()]);
  }

  function choose(face: number): void {
    chosen = face;
    share.value = "0";
    if (Number(other.value) === face) other.value = String((face + 1) % facts.faces);
    state.show(state.seed(face));
    thumbs.forEach((thumb, i) => {
      thumb.setAttribute("aria-pressed", String(i === face));
    });
    follow();
  }

  function mix(): void {
    const [one, two] = [state.seed(chosen), state.seed(Number(other.value))];
    const weight = Number(share.value);
    state.show(one.map((value, i) => (1 - weight) * value + weight * two[i]));
    follow();
  }

  choose(0);
  return html(
    "section",
    {},
    html("h2", {}, `Which ${facts.image}?`),
    html(
      "p",
      {},
      `Each ${facts.image} comes of ${facts.latents} random numbers, its `,
      html("b", {}, "latents"),
      `. Choose one of ${facts.faces} ${plural(facts.image)}, mix it with another, or move single numbers.`,
    ),
    html("div", { class: "thumbs" }, ...thumbs),
    html("label", { class: "slide" }, html("span", { class: "label" }, "mix with "), other, share, shareText),
    html("label", { class: "slide" }, html("span", { class: "label" }, "move number "), place, number, valueText),
  );
}

function slider(label: string, min: number, max: number, step: number, move: () => void): HTMLInputElement {
  return html("input", { type: "range", "aria-label": label, min, max, step, value: 0, input: move });
}
