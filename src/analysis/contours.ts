/**
 * The pixels on the contours of images: in each, those with the strongest gradient, the given share of them. The
 * gradient's square is summed over the colours and taken between neighbours on both sides, at the border between the
 * pixel and its one neighbour; of equal ones the first count.
 *
 * @param images `[count, 3, size, size]`
 * @param share of an image's pixels, above 0, at most 1; at least one pixel
 * @returns 1 on contours, else 0, `[count, size, size]`
 */
export function contourMask(images: ArrayLike<number>, size: number, share: number): Uint8Array {
  const area = size * size;
  const count = images.length / (3 * area);
  const mask = new Uint8Array(count * area);
  const strength = new Float64Array(area);
  const most = Math.max(1, Math.round(share * area));
  for (let n = 0; n < count; n++) {
    strength.fill(0);
    for (let c = 0; c < 3; c++) addGradient(images, (3 * n + c) * area, size, strength);
    const order = Uint32Array.from(strength, (_, p) => p).sort((a, b) => strength[b] - strength[a] || a - b);
    for (let i = 0; i < most; i++) mask[n * area + order[i]] = 1;
  }
  return mask;
}

function addGradient(images: ArrayLike<number>, from: number, size: number, strength: Float64Array): void {
  const last = size - 1;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [left, right, up, down] = [
        Math.max(0, x - 1),
        Math.min(last, x + 1),
        Math.max(0, y - 1),
        Math.min(last, y + 1),
      ];
      const across = (images[from + y * size + right] - images[from + y * size + left]) / (right - left);
      const along = (images[from + down * size + x] - images[from + up * size + x]) / (down - up);
      strength[y * size + x] += across ** 2 + along ** 2;
    }
  }
}
