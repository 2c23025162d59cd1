// Games that the processes of a job make from a spec.
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { worth } from "./job-values.mjs";

/** Three outputs that depend on units and on pairs of them. */
export const vectors = (units) => ({
  units,
  value: (intact) => {
    const outputs = [0, 0, 0];
    for (const unit of intact.indices) {
      for (let output = 0; output < 3; output++) outputs[output] += worth(unit, output) * (1 + 0.1 * intact.size);
    }
    return outputs;
  },
});

/** What the others say of themselves: their values are those of `vectors`, so that one process is quick to say what they come to. */
const asVectors = (units) => ({ arguments: [units], export: "vectors" });

/** The same, once something has been waited for: not with the processor, so that it is not kept from what others do. */
const after = (units, waited) => {
  const { value } = vectors(units);
  return {
    units,
    provenance: asVectors(units),
    value: async (intact) => {
      await waited(intact);
      return value(intact);
    },
  };
};

/** The same, where each evaluation takes some milliseconds. */
export const slow = (units, milliseconds) =>
  after(units, async () => {
    const until = performance.now() + milliseconds;
    while (performance.now() < until) await sleep(until - performance.now());
  });

/** The same, which waits until a file is there, but for its ends: what is to happen while tasks run happens then, however slow or fast the machine is. */
export const held = (units, file) =>
  after(units, async ({ size }) => {
    while (size > 0 && size < units && !existsSync(file)) await sleep(50);
  });

/** The same, which fails until a file is there, but for its ends. */
export const failing = (units, file) => {
  const { value } = vectors(units);
  return {
    units,
    provenance: asVectors(units),
    value: (intact) => {
      if (intact.size > 0 && intact.size < units && !existsSync(file)) throw new Error("the file is not there yet");
      return value(intact);
    },
  };
};

/** The same, whose process is killed at its first evaluation between the ends, while there are fewer than `times` files of that name: no two processes make the same. */
export const killed = (units, file, times) => {
  const { value } = vectors(units);
  return {
    units,
    provenance: asVectors(units),
    value: (intact) => {
      for (let time = 0; intact.size > 0 && intact.size < units && time < times; time++) {
        try {
          writeFileSync(`${file}.${time}`, "", { flag: "wx" });
        } catch {
          continue;
        }
        process.kill(process.pid, "SIGKILL");
      }
      return value(intact);
    },
  };
};
