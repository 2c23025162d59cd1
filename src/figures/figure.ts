import type { Data, Layout } from "plotly.js";

/** A figure as a value: what Plotly draws. Nothing is drawn until `display` shows it or `saveFigure` writes it. */
export interface Figure {
  /** Traces, in drawing order. */
  readonly data: Data[];
  /** Axes, title, legend and the rest. */
  readonly layout: Partial<Layout>;
}
