import { Presets, SingleBar } from "cli-progress";

/** Milliseconds between two lines where stderr is no terminal. */
const lineInterval = 30_000;

/** One updating line on stderr; a line every 30 s where stderr is a file. */
export interface ProgressLine {
  update(done: number, facts: { readonly rate: number; readonly secondsLeft: number }): void;
  /** Ends the line; nothing is left of it to be overwritten. */
  stop(): void;
}

/** Starts a progress line. @param unit what is counted, in the plural */
export function progressLine(title: string, unit: string, total: number): ProgressLine {
  const bar = new SingleBar(
    {
      format: `${title} {bar} {value}/{total} ${unit}, {rate}, {left} left`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: lineInterval,
      hideCursor: true,
      barsize: 24,
      linewrap: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { rate: "-", left: "-" });
  return {
    update(done, { rate, secondsLeft }) {
      bar.update(done, { rate: `${compact(rate)}/s`, left: duration(secondsLeft) });
    },
    stop: () => bar.stop(),
  };
}

function compact(rate: number): string {
  return rate >= 1000 ? `${(rate / 1000).toFixed(1)}k` : rate.toPrecision(3);
}

/** Seconds as people read them: `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
