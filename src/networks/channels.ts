import { shapeSize } from "../shape-size.js";

/**
 * What is known of a tensor's channels (features, neurons): along which axis they lie, which they are, and which are
 * constant.
 */
export interface Layout {
  /** Axis of the shape with rows, which are axis 0. */
  readonly axis: number;
  /** Which channel of the network each place of the axis is; equal ones come and go together. */
  readonly ids: Int32Array;
  /** What each place holds everywhere and for every input; NaN where it is no constant. */
  readonly constants: Float32Array;
}

/**
 * The channels of a network, across its tensors: places that have to come and go together are one channel, as both
 * addends of a sum are. A channel that something needs is pinned, with the reason.
 */
export class Channels {
  readonly #parents: number[] = [];
  readonly #pins = new Map<number, string>();

  /** A layout of new channels, none of them constant. */
  fresh(axis: number, count: number): Layout {
    const first = this.#parents.length;
    const ids = Int32Array.from({ length: count }, (_, i) => first + i);
    for (const id of ids) this.#parents.push(id);
    return { axis, ids, constants: new Float32Array(count).fill(Number.NaN) };
  }

  /** The number that all channels have that came to be one. */
  root(id: number): number {
    let root = id;
    while (this.#parents[root] !== root) root = this.#parents[root];
    for (let at = id; at !== root; ) {
      const next = this.#parents[at];
      this.#parents[at] = root;
      at = next;
    }
    return root;
  }

  /** Makes two channels one. */
  unite(a: number, b: number): void {
    const [kept, gone] = [this.root(a), this.root(b)];
    if (kept === gone) return;
    this.#parents[gone] = kept;
    const reason = this.#pins.get(gone);
    if (reason !== undefined && !this.#pins.has(kept)) this.#pins.set(kept, reason);
  }

  /** Makes the channels of two layouts of one length one by one the same. */
  uniteAll(a: Layout, b: Layout): void {
    a.ids.forEach((id, i) => {
      this.unite(id, b.ids[i]);
    });
  }

  /** Says that channels have to stay; only those for which `which` holds. */
  pin({ ids }: Layout, reason: string, which: (place: number) => boolean = () => true): void {
    ids.forEach((id, i) => {
      if (!which(i)) return;
      const root = this.root(id);
      if (!this.#pins.has(root)) this.#pins.set(root, reason);
    });
  }

  /** Why a channel has to stay; undefined for one that can go. */
  pinned(id: number): string | undefined {
    return this.#pins.get(this.root(id));
  }
}

/**
 * The layout of a tensor whose numbers are in the same order in another shape: along the usual axis of channels where
 * it can be, else the one along which most channels stay apart. Channels that come to lie at one place of it are
 * united. Undefined where all would be.
 *
 * @param before shape for one row, with a 1 for the rows
 * @param usual axis of channels
 */
export function reshaped(
  channels: Channels,
  layout: Layout,
  before: readonly number[],
  after: readonly number[],
  usual: number,
): Layout | undefined {
  const size = shapeSize(before);
  const placesOf = (shape: readonly number[], axis: number) => {
    const behind = shapeSize(shape.slice(axis + 1));
    return (i: number) => Math.floor(i / behind) % shape[axis];
  };
  const source = placesOf(before, layout.axis);
  let best: { axis: number; sets: Set<number>[]; apart: number } | undefined;
  for (let axis = 1; axis < after.length; axis++) {
    const target = placesOf(after, axis);
    const sets = Array.from({ length: after[axis] }, () => new Set<number>());
    for (let i = 0; i < size; i++) sets[target(i)].add(source(i));
    if (layout.ids.length > 1 && sets.some((set) => set.size === layout.ids.length)) continue;
    const different = new Set(sets.map((set) => [...set].join())).size;
    const apart = axis === usual ? Number.POSITIVE_INFINITY : different;
    if (best === undefined || apart > best.apart) best = { axis, sets, apart };
  }
  if (!best) return undefined;
  const ids = new Int32Array(best.sets.length);
  const constants = new Float32Array(best.sets.length);
  best.sets.forEach((set, place) => {
    const [first, ...others] = set;
    for (const other of others) channels.unite(layout.ids[first], layout.ids[other]);
    ids[place] = layout.ids[first];
    const same = others.every((other) => layout.constants[other] === layout.constants[first]);
    constants[place] = same ? layout.constants[first] : Number.NaN;
  });
  return { axis: best.axis, ids, constants };
}
