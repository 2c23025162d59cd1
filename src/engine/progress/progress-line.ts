import type { SingleBar } from "cli-progress";
import { compact, duration } from "../../words.js";
import type { ProgressState, Reporter } from "./progress-state.js";
import { precisionText } from "./progress-text.js";

/** Milliseconds between two lines where stderr is no terminal. */
const lineInterval = 30_000;

/** One updating line on stderr; a line every 30 s where stderr is a file. What it says last stays. */
export async function progressLine(title: string, unit: string): Promise<Reporter> {
  const { Presets, SingleBar } = await import("cli-progress");
  let bar: SingleBar | undefined;
  const payload = (state: ProgressState) => {
    const precision = precisionText(state);
    return {
      rate: `${compact(state.rate)}/s`,
      left: duration(state.secondsLeft),
      error: precision === "" ? "" : `, ${precision}`,
    };
  };
  return {
    update(state) {
      const { done, total } = state;
      const facts = payload(state);
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
    end(state) {
      bar?.update(state.done, payload(state));
      bar?.stop();
    },
  };
}
