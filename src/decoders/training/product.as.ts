// AssemblyScript: products of matrices for a decoder's training, in float32. Pointers and strides are in bytes; widths
// of rows are multiples of four.

/** Of a product, numbers that are added up before the next ones, and columns: packed they stay in the second cache. */
const depth: i32 = 256;
const breadth: i32 = 512;

/**
 * c[i, j] = sum over l of a[i, l] * b[l, j], or that much more. Each sum goes through l in ascending order, 256 at a
 * time.
 *
 * @param aStep from l to l + 1 in a; one of aRow and aStep is 4
 * @param bColumn from j to j + 1 in b; one of bRow and bColumn is 4
 * @param more 1 where it is added to what c holds
 * @param room for 132,128 numbers
 */
export function multiply(
  m: i32, n: i32, k: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize, bColumn: usize, c: usize, cRow: usize,
  more: i32, room: usize,
): void {
  const rows = room + ((<usize>(depth * breadth)) << 2);
  const edge = rows + ((<usize>(4 * depth)) << 2);
  for (let from: i32 = 0; from < n; from += breadth) {
    const columns = min(breadth, n - from);
    for (let start: i32 = 0; start < k; start += depth) {
      const length = min(depth, k - start);
      packColumns(b + <usize>start * bRow + <usize>from * bColumn, bRow, bColumn, length, columns, room);
      const fresh = start == 0 && more == 0;
      for (let i: i32 = 0; i < m; i += 4) {
        const count = min(4, m - i);
        packRows(a + <usize>i * aRow + <usize>start * aStep, aRow, aStep, count, length, rows);
        let panel = room;
        let to = c + <usize>i * cRow + ((<usize>from) << 2);
        for (let j: i32 = 0; j < columns; j += 8) {
          if (count == 4 && columns - j >= 8) {
            tile(length, rows, panel, to, cRow, fresh);
          } else {
            tile(length, rows, panel, edge, 32, true);
            const width = min(8, columns - j);
            for (let r: i32 = 0; r < count; r++) {
              for (let s: i32 = 0; s < width; s++) {
                const at = to + <usize>r * cRow + ((<usize>s) << 2);
                const value = load<f32>(edge + ((<usize>(8 * r + s)) << 2));
                store<f32>(at, fresh ? value : load<f32>(at) + value);
              }
            }
          }
          panel += (<usize>length) << 5;
          to += 32;
        }
      }
    }
  }
}

/** Four rows of eight columns: one packed tile of a by one packed panel of b. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function tile(k: i32, a: usize, b: usize, c: usize, cRow: usize, fresh: bool): void {
  let s0 = f32x4.splat(0);
  let t0 = s0;
  let s1 = s0;
  let t1 = s0;
  let s2 = s0;
  let t2 = s0;
  let s3 = s0;
  let t3 = s0;
  const end = a + ((<usize>k) << 4);
  while (a < end) {
    const u = v128.load(b);
    const v = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s0 = f32x4.add(s0, f32x4.mul(x0, u));
    t0 = f32x4.add(t0, f32x4.mul(x0, v));
    const x1 = v128.load32_splat(a, 4);
    s1 = f32x4.add(s1, f32x4.mul(x1, u));
    t1 = f32x4.add(t1, f32x4.mul(x1, v));
    const x2 = v128.load32_splat(a, 8);
    s2 = f32x4.add(s2, f32x4.mul(x2, u));
    t2 = f32x4.add(t2, f32x4.mul(x2, v));
    const x3 = v128.load32_splat(a, 12);
    s3 = f32x4.add(s3, f32x4.mul(x3, u));
    t3 = f32x4.add(t3, f32x4.mul(x3, v));
    a += 16;
    b += 32;
  }
  put(c, s0, t0, fresh);
  put(c + cRow, s1, t1, fresh);
  put(c + 2 * cRow, s2, t2, fresh);
  put(c + 3 * cRow, s3, t3, fresh);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function put(at: usize, s: v128, t: v128, fresh: bool): void {
  v128.store(at, fresh ? s : f32x4.add(v128.load(at), s));
  v128.store(at, fresh ? t : f32x4.add(v128.load(at, 16), t), 16);
}

/** Panels of eight columns, `[k, 8]` each, filled up with zeros. */
function packColumns(b: usize, bRow: usize, bColumn: usize, k: i32, n: i32, to: usize): void {
  for (let j: i32 = 0; j < n; j += 8) {
    const width = min(8, n - j);
    const from = b + <usize>j * bColumn;
    if (width == 8 && bColumn == 4) {
      let at = from;
      for (let l: i32 = 0; l < k; l++) {
        v128.store(to, v128.load(at));
        v128.store(to, v128.load(at, 16), 16);
        at += bRow;
        to += 32;
      }
    } else if (width == 8) {
      transposeFour(from, bColumn, k, to, 32);
      transposeFour(from + 4 * bColumn, bColumn, k, to + 16, 32);
      to += (<usize>k) << 5;
    } else {
      for (let l: i32 = 0; l < k; l++) {
        for (let s: i32 = 0; s < 8; s++) {
          const value = s < width ? load<f32>(from + <usize>l * bRow + <usize>s * bColumn) : 0;
          store<f32>(to + ((<usize>s) << 2), value);
        }
        to += 32;
      }
    }
  }
}

/** A tile of four rows, `[k, 4]`, filled up with zeros. */
function packRows(a: usize, aRow: usize, aStep: usize, count: i32, k: i32, to: usize): void {
  if (count == 4 && aStep == 4) {
    transposeFour(a, aRow, k, to, 16);
    return;
  }
  for (let l: i32 = 0; l < k; l++) {
    if (count == 4 && aRow == 4) v128.store(to, v128.load(a));
    else for (let r: i32 = 0; r < 4; r++) store<f32>(to + ((<usize>r) << 2), r < count ? load<f32>(a + <usize>r * aRow) : 0);
    a += aStep;
    to += 16;
  }
}

/** The numbers of four rows side by side: of each place four, `step` bytes from one place to the next. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function transposeFour(from: usize, row: usize, count: i32, to: usize, step: usize): void {
  let l: i32 = 0;
  for (; l + 4 <= count; l += 4) {
    const a = v128.load(from);
    const b = v128.load(from + row);
    const c = v128.load(from + 2 * row);
    const d = v128.load(from + 3 * row);
    const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
    v128.store(to + step, v128.shuffle<i64>(ab, cd, 1, 3));
    v128.store(to + 2 * step, v128.shuffle<i64>(ef, gh, 0, 2));
    v128.store(to + 3 * step, v128.shuffle<i64>(ef, gh, 1, 3));
    from += 16;
    to += 4 * step;
  }
  for (; l < count; l++) {
    for (let r: usize = 0; r < 4; r++) store<f32>(to + (r << 2), load<f32>(from + r * row));
    from += 4;
    to += step;
  }
}
