import { button, html } from "../kit/dom.js";
import { drawGrey } from "../kit/pixels.js";
import { answerCard } from "../network/answers.js";
import { asDigit } from "./digit.js";
import type { MlpState } from "./state.js";

/** Width of the field in its own pixels, of which several make one of the image. */
const field = 168;

/**
 * "Draw one yourself": a field for pointer or finger, and what the network says of it. Undefined where inputs are no
 * images.
 */
export function drawingSection(state: MlpState): HTMLElement | undefined {
  const { image } = state.facts;
  if (!image) return undefined;
  const [height, width] = image;
  const canvas = html("canvas", {
    class: "field",
    width: field,
    height: Math.round((field * height) / width),
    role: "img",
    "aria-label": "a field to draw on with a pointer or a finger",
  });
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  const card = answerCard(state.names, true);
  let input: Float32Array | undefined;
  let last: readonly [number, number] | undefined;
  let due = false;

  function clear(): void {
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    input = undefined;
    card.element.hidden = true;
  }

  function answer(): void {
    if (!input) return;
    card.element.hidden = false;
    card.answer(state.probabilitiesOf(input), undefined);
  }

  function read(): void {
    due = false;
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const grey = Float32Array.from({ length: canvas.width * canvas.height }, (_, pixel) => data[4 * pixel] / 255);
    input = asDigit(grey, canvas.width, canvas.height, width, height);
    drawGrey(card.canvas, width, height, input);
    answer();
  }

  function draw(event: PointerEvent): void {
    const box = canvas.getBoundingClientRect();
    const here = [
      ((event.clientX - box.left) * canvas.width) / box.width,
      ((event.clientY - box.top) * canvas.height) / box.height,
    ] as const;
    context.strokeStyle = "#fff";
    context.lineWidth = field / 14;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(...(last ?? here));
    context.lineTo(...here);
    context.stroke();
    last = here;
    if (due) return;
    due = true;
    requestAnimationFrame(read);
  }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = undefined;
    draw(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons & 1) draw(event);
  });
  clear();
  state.selection.onChange(answer);
  return html(
    "section",
    {},
    html("h2", {}, "Draw one yourself"),
    html(
      "p",
      {},
      "Write on the black field with the pointer or a finger. The drawing is centred, made as large as those that the network was trained on, and answered with the same units off.",
    ),
    html("div", { class: "drawing" }, canvas, card.element),
    html("div", { class: "row" }, button("Clear", clear)),
  );
}
