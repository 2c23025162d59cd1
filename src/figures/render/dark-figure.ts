import type { Figure } from "../kit/figure.js";

/**
 * A figure as it stands on a dark page: no background of its own, greys of its frame turned from dark to light, and what would be too
 * dark to see on it made lighter, hue kept. Colour scales are values, and stay; a figure of images, which are white between, stays as it is, and so does what is no figure of
 * this package: its colours may be the library's own.
 *
 * Pages draw by it, and are given its source: it uses nothing from outside itself.
 */
export function darkFigure({ data, layout }: Pick<Figure, "data" | "layout">): Pick<Figure, "data" | "layout"> {
  /** Least contrast (WCAG 2) of a mark on the darkest page that is usual, #111111. */
  const least = 4;

  function luminance(channels: number[]): number {
    const [r, g, b] = channels.map((level) => {
      const c = level / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function channelsOf(colour: string): { channels: number[]; opacity?: string } | undefined {
    const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
    if (hex) return { channels: hex.slice(1).map((digits) => Number.parseInt(digits, 16)) };
    const rgb = /^rgba?\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*([\d.]+)\s*)?\)$/.exec(colour);
    return rgb ? { channels: rgb.slice(1, 4).map(Number), ...(rgb[4] ? { opacity: rgb[4] } : {}) } : undefined;
  }

  function turned(colour: string, isFrame: boolean): string {
    const known = channelsOf(colour);
    if (!known) return colour;
    let { channels } = known;
    const isGrey = Math.max(...channels) - Math.min(...channels) < 16;
    // In a trace a dark grey is an error bar or a mean; a light one is a series of its own.
    if (isGrey && (isFrame || channels[0] < 102)) channels = channels.map((level) => 255 - Math.round(level * 0.86));
    else {
      const white = [255, 255, 255];
      for (let share = 0; share < 20 && (luminance(channels) + 0.05) / 0.056 < least; share++) {
        channels = channels.map((level, c) => Math.round(level + 0.06 * (white[c] - level)));
      }
    }
    const text = channels.join(",");
    return known.opacity === undefined ? `rgb(${text})` : `rgba(${text},${known.opacity})`;
  }

  function walk(value: unknown, name: string, isFrame: boolean): unknown {
    if (name === "colorscale" || ArrayBuffer.isView(value)) return value;
    if (typeof value === "string") {
      if (/color$/.test(name)) return turned(value, isFrame);
      return name === "text"
        ? value.replace(/(color: ?)(#[0-9a-f]{6})/gi, (_, key, c) => key + turned(c, isFrame))
        : value;
    }
    if (Array.isArray(value)) {
      const holds = value.length > 0 && typeof value[0] !== "number";
      return holds ? value.map((part) => walk(part, name, isFrame)) : value;
    }
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(part, key, isFrame)]));
  }

  const isOurs = (layout.annotations ?? []).some((annotation) => (annotation as { name?: string })?.name === "caption");
  if (!isOurs || (data as { type?: string }[]).some(({ type }) => type === "image")) return { data, layout };
  const clear = "rgba(0,0,0,0)";
  const dark = walk(layout, "", true) as Figure["layout"];
  return {
    data: data.map((trace) => {
      const { colorbar } = trace as { colorbar?: unknown };
      const turnedTrace = walk(trace, "", false) as object;
      // A colour bar is part of the frame; Plotly writes its labels in its own grey where none is said.
      const bar = walk(colorbar, "", true) as { tickfont?: object } | undefined;
      return colorbar ? { ...turnedTrace, colorbar: bar } : turnedTrace;
    }) as Figure["data"],
    layout: {
      ...dark,
      font: { color: "rgb(220,220,220)", ...dark.font },
      paper_bgcolor: clear,
      plot_bgcolor: clear,
      hoverlabel: { ...dark.hoverlabel, bgcolor: "rgb(40,40,40)", bordercolor: "rgb(120,120,120)" },
    },
  };
}
