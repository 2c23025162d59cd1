import type { Figure } from "../kit/figure.js";

/**
 * A figure as it stands on a dark page: no background of its own, greys of its frame turned from dark to light, and
 * what would be too dark to see on it made lighter and less transparent, hue kept; what is white to look like the page
 * (hollow marks, rims) is dark. Colour scales are values, and stay, with a rim about points that have their colours
 * from one; so do texts on a colour of their own; a figure of images, which are white between, stays as it is. So does
 * a figure that is not of this package where it says what colour its paper or its plot is, in itself or in its
 * template, or has parts of which it is not known that Plotly draws them for a dark page.
 *
 * Pages draw by it, and are given its source: it uses nothing from outside itself.
 */
export function darkFigure({ data, layout }: Pick<Figure, "data" | "layout">): Pick<Figure, "data" | "layout"> {
  /** Least contrast (WCAG 2) of a mark on the darkest page that is usual, #111111. */
  const least = 4;
  const page = [17, 17, 17];
  /** Areas more transparent than this lie behind something and are to be faint. */
  const faintest = 0.3;

  function luminance(channels: number[]): number {
    const [r, g, b] = channels.map((level) => {
      const c = level / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  /** Colours that Plotly knows by name and that are hard to see on a dark page. */
  const names: Record<string, string> = {
    ...{
      black: "#000000",
      navy: "#000080",
      darkblue: "#00008b",
      mediumblue: "#0000cd",
      blue: "#0000ff",
      midnightblue: "#191970",
    },
    ...{
      darkgreen: "#006400",
      green: "#008000",
      forestgreen: "#228b22",
      maroon: "#800000",
      darkred: "#8b0000",
      brown: "#a52a2a",
    },
    ...{
      purple: "#800080",
      indigo: "#4b0082",
      darkviolet: "#9400d3",
      crimson: "#dc143c",
      red: "#ff0000",
      sienna: "#a0522d",
    },
    ...{
      teal: "#008080",
      gray: "#808080",
      grey: "#808080",
      dimgray: "#696969",
      dimgrey: "#696969",
      darkslategray: "#2f4f4f",
    },
  };

  function channelsOf(colour: string): { channels: number[]; opacity?: string } | undefined {
    const written = names[colour.toLowerCase()] ?? colour.replace(/^#(\w)(\w)(\w)$/, "#$1$1$2$2$3$3");
    const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(written);
    if (hex) return { channels: hex.slice(1).map((digits) => Number.parseInt(digits, 16)) };
    const rgb = /^rgba?\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*([\d.]+)\s*)?\)$/.exec(colour);
    return rgb ? { channels: rgb.slice(1, 4).map(Number), ...(rgb[4] ? { opacity: rgb[4] } : {}) } : undefined;
  }

  /** An opacity on a dark page, where what shines through takes away light: between its own and 1. */
  function lessTransparent(opacity: number): number {
    return opacity < faintest ? opacity : Math.round(1000 * Math.sqrt(opacity)) / 1000;
  }

  /** Whether a colour is seen where its mark lets the page through. */
  function standsOut(channels: number[], opacity: number): boolean {
    const mixed = channels.map((level, c) => opacity * level + (1 - opacity) * page[c]);
    return (luminance(mixed) + 0.05) / 0.056 >= least;
  }

  function turned(colour: string, isFrame: boolean, opacity = 1): string {
    const known = channelsOf(colour);
    if (!known) return colour;
    let { channels } = known;
    const own = known.opacity === undefined || isFrame ? known.opacity : String(lessTransparent(Number(known.opacity)));
    const seen = opacity * Number(own ?? 1);
    const isGrey = Math.max(...channels) - Math.min(...channels) < 16;
    // In a trace a dark grey is an error bar or a mean; a light one is a series of its own.
    if (!isFrame && Math.min(...channels) > 250) channels = page;
    else if (isGrey && (isFrame || channels[0] < 102)) {
      channels = channels.map((level) => 255 - Math.round(level * 0.86));
    } else {
      const visible = seen < faintest ? 1 : seen;
      for (let share = 0; share < 20 && !standsOut(channels, visible); share++) {
        channels = channels.map((level) => Math.round(level + 0.06 * (255 - level)));
      }
    }
    const text = channels.join(",");
    return own === undefined ? `rgb(${text})` : `rgba(${text},${own})`;
  }

  /**
   * A marker with what Plotly would let shine through, and a rim where its colours are from a scale, which has some as
   * dark as the page.
   */
  function drawn(marker: Record<string, unknown>): Record<string, unknown> {
    const { color, size } = marker;
    const isList = (value: unknown) => Array.isArray(value) || ArrayBuffer.isView(value);
    const isScaled = isList(color) && typeof (color as unknown[])[0] === "number";
    return {
      ...(isScaled ? { line: { color: "rgb(190,190,190)", width: 0.75 } } : {}),
      ...(isList(size) ? { opacity: 0.7 } : {}),
      ...marker,
    };
  }

  function walk(value: unknown, name: string, isFrame: boolean, opacity = 1): unknown {
    if (name === "colorscale" || ArrayBuffer.isView(value)) return value;
    if (name === "opacity" && typeof value === "number" && !isFrame) return lessTransparent(value);
    if (typeof value === "string") {
      if (/color$/.test(name)) return turned(value, isFrame, opacity);
      return name === "text"
        ? value.replace(/(color: ?)(#[0-9a-f]{6})/gi, (_, key, c) => key + turned(c, isFrame))
        : value;
    }
    if (Array.isArray(value)) {
      const holds = value.length > 0 && typeof value[0] !== "number";
      return holds ? value.map((part) => walk(part, name, isFrame, opacity)) : value;
    }
    if (value === null || typeof value !== "object") return value;
    const parts = value as Record<string, unknown>;
    if ((name === "annotations" && parts.bgcolor) || (/font$/.test(name) && !isFrame && isWhite(parts.color)))
      return value;
    const own = name === "marker" ? drawn(parts) : parts;
    const through = typeof own.opacity === "number" && !isFrame ? opacity * lessTransparent(own.opacity) : opacity;
    return Object.fromEntries(Object.entries(own).map(([key, part]) => [key, walk(part, key, isFrame, through)]));
  }

  /** Text inside a mark. */
  function isWhite(colour: unknown): boolean {
    return typeof colour === "string" && /^(white|#fff(fff)?)$/i.test(colour);
  }

  /** Whether Plotly draws this in colours of its own alone, all of which follow the layout's. */
  function isUncoloured(): boolean {
    const { template, ...own } = layout as Record<string, unknown> & { template?: { layout?: object } };
    const known =
      /^(scatter(gl|3d|polar|polargl)?|bar(polar)?|heatmap|contour|histogram(2d|2dcontour)?|box|violin|pie|surface|mesh3d|waterfall|funnel|ohlc|candlestick)$/;
    if (!data.every((trace) => known.test((trace as { type?: string }).type ?? "scatter"))) return false;
    if (own.updatemenus || own.sliders || own.images || typeof template === "string") return false;
    const says = /"(paper_bgcolor|plot_bgcolor|bgcolor|rangeselector|rangeslider)":/;
    return !says.test(JSON.stringify([own, template?.layout ?? {}]));
  }

  /** The layout with the colours of frame and series that Plotly would take, written down. */
  function foreignFrame(): object {
    const axis = { gridcolor: "#d8d8d8", zerolinecolor: "#909090", linecolor: "#707070" };
    const font = { color: "#444444", ...layout.font };
    function framed(name: string, own: object): object {
      if (/axis/.test(name)) return { ...axis, ...own };
      const parts = own as Record<string, object | undefined>;
      const inner = /^scene/.test(name) ? ["xaxis", "yaxis", "zaxis"] : ["radialaxis", "angularaxis"];
      return {
        ...own,
        // A scene does not let the page through; written so that it is not turned.
        bgcolor: /^scene/.test(name) ? "hsl(0,0%,7%)" : "rgba(0,0,0,0)",
        ...Object.fromEntries(inner.map((one) => [one, { ...axis, ...parts[one] }])),
      };
    }
    const used = (data as unknown as Record<string, unknown>[]).flatMap((trace) => {
      const type = String(trace.type ?? "scatter");
      if (type === "pie") return [];
      if (/3d|surface/.test(type)) return [String(trace.scene ?? "scene")];
      if (/polar/.test(type)) return [String(trace.subplot ?? "polar")];
      return ["x", "y"].map((letter) => String(trace[`${letter}axis`] ?? letter).replace(/^[xy]/, `${letter}axis`));
    });
    const parts = layout as Record<string, object | undefined>;
    const frames = [...new Set(used)].map((name) => [name, framed(name, parts[name] ?? {})]);
    const series = "#1f77b4 #ff7f0e #2ca02c #d62728 #9467bd #8c564b #e377c2 #7f7f7f #bcbd22 #17becf".split(" ");
    const colorway = (layout.colorway ?? series).map((colour) => turned(colour, false));
    const notes = layout.annotations?.map((note) => note && { arrowcolor: "#444444", ...note });
    return { ...layout, ...Object.fromEntries(frames), ...(notes ? { annotations: notes } : {}), font, colorway };
  }

  const isOurs = (layout.annotations ?? []).some((annotation) => (annotation as { name?: string })?.name === "caption");
  if ((!isOurs && !isUncoloured()) || (data as { type?: string }[]).some(({ type }) => type === "image"))
    return { data, layout };
  const clear = "rgba(0,0,0,0)";
  const dark = walk(isOurs ? layout : foreignFrame(), "", true) as Figure["layout"];
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
