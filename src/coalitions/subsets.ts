/** All sets of some size among units 0 to `units - 1`, each ascending, in lexicographic order. */
export function* subsetsOfSize(units: number, size: number): Generator<number[], void> {
  if (size > units) return;
  const set = Array.from({ length: size }, (_, place) => place);
  for (;;) {
    yield [...set];
    let place = size - 1;
    while (place >= 0 && set[place] === units - size + place) place--;
    if (place < 0) return;
    set[place]++;
    for (let next = place + 1; next < size; next++) set[next] = set[next - 1] + 1;
  }
}

/** All sets of 1 to `largest` units: the smaller ones first. */
export function subsetsUpTo(units: number, largest: number): number[][] {
  return Array.from({ length: largest }, (_, s) => [...subsetsOfSize(units, s + 1)]).flat();
}

/** n! / (k! (n - k)!) as a float64: exact below 2^53, 0 where k is not between 0 and n. */
export function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let result = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) result = (result * (n - i + 1)) / i;
  return result <= Number.MAX_SAFE_INTEGER ? Math.round(result) : result;
}

/** How many sets of 1 to `largest` units there are. */
export function countUpTo(units: number, largest: number): number {
  let count = 0;
  for (let size = 1; size <= largest; size++) count += choose(units, size);
  return count;
}
