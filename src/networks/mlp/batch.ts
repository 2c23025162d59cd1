import type { LabelledInputs } from "../../datasets/inputs.js";

/** A batch as the optimiser takes it: both orientations, because each matrix product packs its right-hand side. */
export interface Batch {
  readonly count: number;
  /** `[count, features]` */
  readonly rows: Float32Array;
  /** `[features, count]` */
  readonly columns: Float32Array;
  /** 1 at each input's class, else 0, `[count, classes]` */
  readonly targets: Float32Array;
}

/** Returns a function that gathers some inputs to a batch. Its arrays are used again at the next call. */
export function batcher(data: LabelledInputs, batchSize: number): (members: Uint32Array) => Batch {
  const { features, classes } = data;
  const rows = new Float32Array(batchSize * features);
  const columns = new Float32Array(features * batchSize);
  const targets = new Float32Array(batchSize * classes);

  return (members) => {
    const count = members.length;
    targets.fill(0);
    for (let b = 0; b < count; b++) {
      const from = members[b] * features;
      for (let f = 0; f < features; f++) columns[f * count + b] = rows[b * features + f] = data.inputs[from + f];
      targets[b * classes + data.labels[members[b]]] = 1;
    }
    return {
      count,
      rows: rows.subarray(0, count * features),
      columns: columns.subarray(0, features * count),
      targets: targets.subarray(0, count * classes),
    };
  };
}
