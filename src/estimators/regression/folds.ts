/** Pairs in the order of their folds, and where each fold begins. */
export function byFold(pairs: number, folds: number): { readonly pairs: Uint32Array; readonly start: Uint32Array } {
  const order = new Uint32Array(pairs);
  const start = new Uint32Array(folds + 1);
  let at = 0;
  for (let fold = 0; fold < folds; fold++) {
    start[fold] = at;
    for (let s = fold; s < pairs; s += folds) order[at++] = s;
  }
  start[folds] = at;
  return { pairs: order, start };
}
