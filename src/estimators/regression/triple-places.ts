/** Units that are looked at together: their signs in a pair are one number below 8. */
export const together = 3;
/** How many such numbers there are. */
export const codes = 1 << together;

/** Where a triple is among some products, and among all triples. */
export type Place = readonly [at: number, index: number];

/** How many triples of units there are. */
export function tripleCount(units: number): number {
  return (units * (units - 1) * (units - 2)) / 6;
}

/** Place of the triple i < j < k in ascending order of k, j, i. */
function indexOf(i: number, j: number, k: number): number {
  return (k * (k - 1) * (k - 2)) / 6 + (j * (j - 1)) / 2 + i;
}

/** Triples with one unit of each of three groups, in `singlesOfThree`. */
export function triplesAcross(a: number, b: number, c: number, units: number): Place[] {
  const places: Place[] = [];
  for (let i = 0; i < together; i++) {
    for (let j = 0; j < together; j++) {
      for (let k = 0; k < together && c * together + k < units; k++) {
        const index = indexOf(a * together + i, b * together + j, c * together + k);
        places.push([(i * together + j) * together + k, index]);
      }
    }
  }
  return places;
}

/** Triples with units of each of one or two groups, in the Walsh transform of their signs. */
export function triplesWithin(groups: readonly number[], units: number): Place[] {
  const bits = groups.length * together;
  const places: Place[] = [];
  for (let mask = 0; mask < 1 << bits; mask++) {
    const members: number[] = [];
    for (let bit = 0; bit < bits; bit++) if ((mask >> (bits - 1 - bit)) & 1) members.push(bit);
    if (members.length !== 3 || (groups.length > 1 && (members[0] >= together || members[2] < together))) continue;
    const [i, j, k] = members.map((bit) => groups[Math.floor(bit / together)] * together + (bit % together));
    if (k < units) places.push([mask, indexOf(i, j, k)]);
  }
  return places;
}
