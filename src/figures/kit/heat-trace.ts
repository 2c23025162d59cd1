import type { Annotations, ColorBar, Data } from "plotly.js";
import { axisSuffix, panelTitle } from "./panels.js";
import { escapeText } from "./text.js";
import { divergingScale, quietInk } from "./theme.js";

/** One panel of a figure of heatmaps. */
export interface HeatPanel {
  readonly title: string;
  /** Names of the columns, from left to right, and of the rows, from top to bottom. */
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  /** `[rows][columns]` */
  readonly z: number[][];
  /** Where the colours end, on either side of 0. */
  readonly limit: number;
  /** False where nothing can be below 0: the scale begins there. Default true. */
  readonly signed?: boolean;
  readonly hovertemplate: string;
}

/** The diverging scale from its middle on: 0 has the same colour as where values have signs. */
const upperHalf = divergingScale
  .filter(([place]) => place >= 0.5)
  .map(([place, colour]): [number, string] => [Math.round(20 * place - 10) / 10, colour]);

/** The heatmap of a panel, on the diverging scale centred at 0; only a panel that is given a colour bar shows one. */
export function heatTrace(panel: HeatPanel, index: number, colorbar: Partial<ColorBar> | undefined): Data {
  const suffix = axisSuffix(index);
  const signed = panel.signed ?? true;
  const trace = {
    type: "heatmap" as const,
    name: panel.title,
    x: [...panel.columns],
    y: [...panel.rows],
    z: panel.z,
    zmin: signed ? -panel.limit : 0,
    zmax: panel.limit,
    colorscale: (signed ? divergingScale : upperHalf).map(([place, colour]): [number, string] => [place, colour]),
    xaxis: `x${suffix}`,
    yaxis: `y${suffix}`,
    hovertemplate: panel.hovertemplate,
  };
  return (colorbar ? { ...trace, colorbar } : { ...trace, showscale: false }) as Data;
}

/**
 * A colour bar to the right of all panels.
 *
 * @param title may hold Plotly's markup
 * @param length in pixels
 */
export function colourBar(title: string, length: number, em: number, rest: Partial<ColorBar>): Partial<ColorBar> {
  return {
    title: { text: title, side: "right", font: { size: em } },
    thicknessmode: "pixels",
    thickness: 0.9 * em,
    lenmode: "pixels",
    len: length,
    x: 1,
    xpad: 0.9 * em,
    y: 0.5,
    yanchor: "middle",
    ypad: 0,
    outlinewidth: 0,
    ticks: "outside",
    ticklen: 0.25 * em,
    tickfont: { size: 0.88 * em },
    exponentformat: "power",
    ...rest,
  };
}

/** Room for a title above a panel, in pixels. */
export function heatTitleRoom(em: number): number {
  return 1.6 * em;
}

/** The titles above the panels that have one. */
export function heatTitles(panels: readonly { readonly title: string }[], em: number): Partial<Annotations>[] {
  return panels
    .map(({ title }, index) =>
      title === ""
        ? undefined
        : panelTitle(`<b>${escapeText(title)}</b>`, index, { size: em, color: quietInk }, 0.15 * em),
    )
    .filter((title) => title !== undefined);
}
