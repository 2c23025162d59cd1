// AssemblyScript, compiled at build time to dist/networks/mlp/dense-sums.wasm. The host (plain-forward.ts) lays out the
// memory; all pointers are byte offsets into it. Each product and each sum is rounded to float32, and the columns are
// added in their order: the very numbers that TensorFlow.js computes on WebAssembly.

/**
 * sums[b, i] = the sum over the columns k of inputs[b, k] * weights[k, i], plus biases[i].
 *
 * @param units of the layer, a multiple of 16: rows of `weights`, `biases` and `sums` are padded to it
 */
export function dense(
  inputs: usize, rows: i32, columns: i32, weights: usize, biases: usize, sums: usize, units: i32,
): void {
  const stride = (<usize>units) << 2;
  const width = (<usize>columns) << 2;
  for (let b: i32 = 0; b < rows; b++) {
    const first = inputs + <usize>b * width;
    const last = first + width;
    const out = sums + <usize>b * stride;
    for (let i: usize = 0; i < stride; i += 64) {
      let a0 = f32x4.splat(0);
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let w = weights + i;
      for (let k = first; k < last; k += 4) {
        const x = v128.load32_splat(k);
        a0 = f32x4.add(a0, f32x4.mul(x, v128.load(w)));
        a1 = f32x4.add(a1, f32x4.mul(x, v128.load(w, 16)));
        a2 = f32x4.add(a2, f32x4.mul(x, v128.load(w, 32)));
        a3 = f32x4.add(a3, f32x4.mul(x, v128.load(w, 48)));
        w += stride;
      }
      v128.store(out + i, f32x4.add(a0, v128.load(biases + i)));
      v128.store(out + i, f32x4.add(a1, v128.load(biases + i, 16)), 16);
      v128.store(out + i, f32x4.add(a2, v128.load(biases + i, 32)), 32);
      v128.store(out + i, f32x4.add(a3, v128.load(biases + i, 48)), 48);
    }
  }
}
