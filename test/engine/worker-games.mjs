// Games that worker threads make from a spec; see workers.test.ts.
import { existsSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

/** v(S) = |S|^2, by a function that may do something else first. */
function squares(units, before = () => undefined) {
  return {
    units: Array.from({ length: units }, (_, unit) => `u${unit}`),
    outputShape: [],
    async evaluate({ count, words }) {
      return Float64Array.from({ length: count }, (_, c) => {
        let size = 0;
        for (let bits = words[c]; bits !== 0; bits &= bits - 1) size++;
        return before(size) ?? size ** 2;
      });
    },
  };
}

/** Counts its evaluations nowhere and fails nowhere. */
export const fine = (units) => squares(units);

/** Throws where a number of units is intact. */
export const throwing = (units, at) =>
  squares(units, (size) => {
    if (size === at) throw new RangeError(`not with ${at}`, { cause: new Error("no reason") });
  });

/** Is not a number where a number of units is intact. */
export const notANumber = (units, at) => squares(units, (size) => (size === at ? Number.NaN : undefined));

/** Ends its thread the first time that it is played in one, having left a file. */
export const dyingOnce = (units, file) =>
  squares(units, () => {
    if (isMainThread || existsSync(file)) return;
    writeFileSync(file, "");
    process.exit(3);
  });

/** Ends every thread that plays it. */
export const deadly = (units) =>
  squares(units, () => {
    if (!isMainThread) process.exit(3);
  });

/** Never comes back from its first evaluation in a thread, and waits for nothing. */
export const endless = (units) =>
  squares(units, () => {
    while (!isMainThread);
  });

/** Takes some milliseconds for each evaluation in a thread. */
export const slow = (units, milliseconds) =>
  squares(units, () => {
    const until = performance.now() + milliseconds;
    while (!isMainThread && performance.now() < until);
  });

/** Has one more unit in a thread. */
export const different = (units) => squares(isMainThread ? units : units + 1);

/** Has other values in a thread, but for nobody. */
export const otherwise = (units) => squares(units, (size) => (isMainThread ? undefined : 1.01 * size ** 2));

export const notAFunction = 3;

/** Two outputs behind each of the last two units, whose others decide what there is to let through; and the gates of it. */
export const gated = (units) => ({
  units: Array.from({ length: units }, (_, unit) => `u${unit}`),
  outputShape: [2, 2],
  gates: [units - 2, units - 1].map((unit, gate) => ({ unit, outputs: [[2 * gate, 2 * gate + 2]] })),
  async evaluate({ count, words }) {
    return Float64Array.from({ length: 4 * count }, (_, i) => {
      const [bits, output] = [words[i >> 2], i % 4];
      if (((bits >> (units - 2 + (output >> 1))) & 1) === 0) return output;
      let sum = 0;
      for (let unit = 0; unit < units - 2; unit++) if ((bits >> unit) & 1) sum += Math.sin((unit + 1) * (output + 2));
      return Math.tanh(sum);
    });
  },
});
