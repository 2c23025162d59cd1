/** Share of the image's side that what was drawn fills, as MNIST's digits do: 20 of 28 pixels. */
const filled = 20 / 28;

/**
 * A drawing as an image of the kind of MNIST: what was drawn scaled to fill 20 of 28 pixels, with its centre of mass in
 * the middle. An empty drawing is an empty image.
 *
 * @param grey `[height, width]`, from 0 to 1
 */
export function asDigit(
  grey: Float32Array,
  width: number,
  height: number,
  toWidth: number,
  toHeight: number,
): Float32Array {
  const image = new Float32Array(toWidth * toHeight);
  let [left, top, right, bottom] = [width, height, -1, -1];
  let [mass, massX, massY] = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = grey[y * width + x];
      if (value < 0.02) continue;
      [left, right] = [Math.min(left, x), Math.max(right, x)];
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      mass += value;
      massX += value * (x + 0.5);
      massY += value * (y + 0.5);
    }
  }
  if (mass === 0) return image;
  const extent = Math.max((right - left + 1) / toWidth, (bottom - top + 1) / toHeight) / filled;
  const [centreX, centreY] = [massX / mass, massY / mass];
  // A pixel of the image is the mean of the drawing's pixels below it.
  const fine = 4;
  for (let y = 0; y < toHeight; y++) {
    for (let x = 0; x < toWidth; x++) {
      let sum = 0;
      for (let s = 0; s < fine * fine; s++) {
        const fromX = Math.floor(centreX + (x + ((s % fine) + 0.5) / fine - toWidth / 2) * extent);
        const fromY = Math.floor(centreY + (y + (Math.floor(s / fine) + 0.5) / fine - toHeight / 2) * extent);
        if (fromX >= 0 && fromY >= 0 && fromX < width && fromY < height) sum += grey[fromY * width + fromX];
      }
      image[y * toWidth + x] = sum / (fine * fine);
    }
  }
  return image;
}
