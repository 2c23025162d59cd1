import type { SingleBar } from "cli-progress";
import { compact, duration } from "../../words.js";
import type { Reporter } from "./progress-state.js";

/** Milliseconds between two lines where stderr is no terminal. */
const lineInterval = 30_000;

/** One updating line on stderr; a line every 30 s where stderr is a file. What it says last stays. */
export async function progressLine(title: string, unit: string): Promise<Reporter> {
  const { Presets, SingleBar } = await import("cli-progress");
  let bar: SingleBar | undefined;
  const payload = (rate: number, secondsLeft: number, error: number | undefined) => ({
    rate: `${compact(rate)}/s`,
    left: duration(secondsLeft),
    error: error === undefined || Number.isNaN(error) ? "" : `, largest standard error ${error.toPrecision(2)}`,
  });
  return {
    update({ done, total, rate, secondsLeft, largestStandardError }) {
      const facts = payload(rate, secondsLeft, largestStandardError);
      if (!bar) {
        bar = new SingleBar(
          {
            format: `${title} {bar} {value}/{total} ${unit}, {rate}, {left} left{error}`,
            stream: process.stderr,
            noTTYOutput: true,
            notTTYSchedule: lineInterval,
            hideCursor: true,
            barsize: 24,
            linewrap: true,
          },
          Presets.shades_classic,
        );
        bar.start(total, done, facts);
      } else bar.update(done, facts);
    },
    end({ done, rate, secondsLeft, largestStandardError }) {
      bar?.update(done, payload(rate, secondsLeft, largestStandardError));
      bar?.stop();
    },
  };
}
