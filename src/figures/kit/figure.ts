import type { Data, Layout } from "plotly.js";

declare global {
  // Plotly's types name these; where a project has no types of browsers they would be missing.
  interface HTMLElement {}
  interface MouseEvent {}
}

/**
 * A figure as a value: what Plotly is given to draw. Making one draws nothing; `display` shows it, `saveFigure` writes
 * it, and `Plotly.newPlot(element, figure.data, figure.layout)` draws it on any page.
 */
export interface Figure {
  /** The traces, in plain arrays, so that the figure can be stored as JSON and compared. */
  readonly data: Data[];
  /** Title, axes, legend, size, and the caption as an annotation below the axes. */
  readonly layout: Partial<Layout>;
  /**
   * What is shown, what the error bars are, how many networks: the caption as one line of plain text, drawn unless
   * `caption: false`.
   */
  readonly caption?: string;
}
