import type { Colour } from "./colours.js";

/**
 * Draws a picture of one colour for each pixel, `[height, width]`, on a canvas of that size. `colour` gives red, green
 * and blue.
 */
export function drawPixels(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  colour: (pixel: number) => Colour,
): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const image = context.createImageData(width, height);
  const { data } = image;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const levels = colour(pixel);
    for (let c = 0; c < 3; c++) data[4 * pixel + c] = levels[c];
    data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** Draws numbers from 0 to 1 as a grey image, `[height, width]`. */
export function drawGrey(canvas: HTMLCanvasElement, width: number, height: number, numbers: ArrayLike<number>): void {
  drawPixels(canvas, width, height, (pixel) => {
    const grey = Math.round(255 * Math.max(0, Math.min(1, numbers[pixel])));
    return [grey, grey, grey];
  });
}
