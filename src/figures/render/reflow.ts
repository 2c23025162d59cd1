import type { Figure } from "../kit/figure.js";

/** Width of a text in pixels, in type of so many pixels. */
export type Measure = (text: string, fontSize: number) => number;

/**
 * How small the type of a figure may become on a narrow screen, in pixels, before it is laid out anew instead: smaller
 * where panels or images stand side by side, which only fit together as they were made. Pages are given its source too.
 */
export function smallestType({ data, layout }: Pick<Figure, "data" | "layout">): number {
  const axes = Object.entries(layout).filter(([name, axis]) => /^xaxis\d*$/.test(name) && axis) as [string, Axis][];
  const columns = new Set(axes.map(([, { domain = [0, 1] }]) => Math.round(100 * domain[0])));
  if (columns.size > 3) return 7.2;
  return columns.size > 2 || (data as { type?: string }[]).some(({ type }) => type === "image") ? 8.5 : 10.5;
}

/** The parts of a layout that are laid out anew; the rest is left as it is. */
interface Laid {
  width?: number;
  height?: number;
  title?: Text & { font?: { size?: number }; pad?: { t?: number } };
  font?: { size?: number };
  margin?: { l?: number; r?: number; t?: number; b?: number };
  legend?: { x?: number; y?: number; orientation?: string; font?: { size?: number } };
  annotations?: (Text & {
    name?: string;
    xshift?: number;
    yshift?: number;
    width?: number;
    height?: number;
    font?: { size?: number };
  })[];
}

interface Axis {
  title?: Text & { font?: { size?: number } };
  domain?: number[];
  tickvals?: number[];
  ticktext?: string[];
  tickangle?: number;
  tickfont?: { size?: number };
}

interface Text {
  text?: string;
}

/**
 * The layout of a figure for another width than it was made for: title, caption, legend and the titles of the
 * horizontal axes are broken into lines anew, and the height is what they then need. Sheets of images keep their
 * proportions. It is for figures of this package; others are `fitForeign`'s.
 *
 * Pages draw by it too, and are given its source: it uses nothing from outside itself.
 */
export function reflow({ data, layout: given }: Pick<Figure, "data" | "layout">, width: number, measure: Measure) {
  const layout = JSON.parse(JSON.stringify(given)) as Laid;
  const before = layout.width ?? 700;
  const em = layout.font?.size ?? 12;
  const margin = { l: 80, r: 80, t: 100, b: 80, ...layout.margin };
  const room = width - 1.4 * em;
  const plotBefore = before - margin.l - margin.r;
  // A right margin beyond a colour bar's is empty: what was made narrower than its figure.
  const bar = (data as { colorbar?: object; showscale?: boolean }[]).some((t) => t.colorbar && t.showscale !== false);
  const least = Math.min(margin.r, (bar ? 6.5 : 0.7) * em);
  margin.r = Math.min(margin.r, Math.max(least, margin.r - (before - width)));
  const plotAfter = width - margin.l - margin.r;
  const plotHeight = (layout.height ?? 450) - margin.t - margin.b;

  function plain(text: string): string {
    return text
      .replace(/<[^>]*>/g, "")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&");
  }

  function lines(text: string): string[] {
    return text.split(/<br\s*\/?>/);
  }

  function wrapped(text: string, size: number, most: number): string[] {
    const broken: string[] = [];
    for (const word of lines(text).join(" ").split(/\s+/).filter(Boolean)) {
      const longer = `${broken[broken.length - 1]} ${word}`;
      if (broken.length > 0 && measure(plain(longer), size) <= most) broken[broken.length - 1] = longer;
      else broken.push(word);
    }
    return broken;
  }

  /** Rows of a horizontal legend: a row is filled, then the next. */
  function legendRows(available: number): number {
    const size = layout.legend?.font?.size ?? em;
    let rows = 0;
    let taken = Number.POSITIVE_INFINITY;
    for (const { name, showlegend } of data as { name?: string; showlegend?: boolean }[]) {
      if (name === undefined || showlegend === false) continue;
      const entry = measure(plain(name), size) + 45;
      if (taken + entry > available) {
        rows++;
        taken = 0;
      }
      taken += entry;
    }
    return rows;
  }

  const title = layout.title?.text;
  const bold = /^<b>(.*)<\/b>$/s.exec(title ?? "")?.[1];
  const words = bold ?? title;
  if (layout.title && typeof words === "string" && !/<(?!br)/.test(words)) {
    const size = layout.title.font?.size ?? 1.4 * em;
    const broken = wrapped(words, size * 1.06, room);
    if (bold !== undefined || broken.length > lines(words).length) {
      const more = broken.length - lines(words).length;
      margin.t += more * size * 1.3;
      const text = broken.join("<br>");
      layout.title.text = bold === undefined ? text : `<b>${text}</b>`;
      const { pad } = layout.title;
      // Plotly sets the first of several lines as high as its base line should be.
      const raised = 0.7 * size * (Number(broken.length > 1) - Number(lines(words).length > 1));
      if (pad?.t !== undefined && raised !== 0) pad.t += raised;
    }
  }

  if (layout.legend?.orientation === "h") {
    const size = layout.legend.font?.size ?? em;
    margin.t += (legendRows(plotAfter) - legendRows(plotBefore)) * (Math.max(1.3 * size, 16) + 3);
  }

  /** The tokens of a text, broken into lines anew; returns how much higher they are then. */
  function placeTokens(): number {
    const tokens = (layout.annotations ?? []).filter((each) => each?.name === "token");
    if (tokens.length === 0 || plotAfter === plotBefore) return 0;
    const pitch = Math.round(1.9 * (tokens[0].font?.size ?? em));
    const usual = Math.round(0.3 * (tokens[0].font?.size ?? em));
    const before = tokens.map(({ xshift = 0, yshift = 0, width: own = 0 }) => ({
      x: xshift,
      y: yshift,
      end: xshift + own,
    }));
    let x = 0;
    let line = 0;
    tokens.forEach((token, index) => {
      const last = before[index - 1];
      const gap = last && last.y === before[index].y ? before[index].x - last.end : usual;
      const needed = token.width ?? 0;
      if (x > 0 && x + gap + needed > plotAfter) {
        line++;
        x = 0;
      } else if (x > 0) x += gap;
      token.xshift = x;
      token.yshift = 0 - line * pitch;
      x += needed;
    });
    // The least height is that of a short text's colour bar.
    return Math.max(7 * em, (line + 1) * pitch) - Math.max(7 * em, pitch - before[before.length - 1].y);
  }

  const captions = (layout.annotations ?? []).filter((annotation) => annotation?.name === "caption");

  /**
   * Labels that are set one by one and no longer fit side by side: numbers are left out at even distances, words are
   * broken.
   */
  function fitLabels(axis: Axis, extent: number): number {
    const { tickvals, ticktext, tickangle } = axis;
    if (!tickvals || !ticktext || tickangle !== 0) return 0;
    const size = axis.tickfont?.size ?? em;
    const widest = Math.max(0, ...ticktext.map((text) => measure(plain(text), size)));
    const step = Math.ceil(((widest + 0.6 * em) * tickvals.length) / extent);
    if (step <= 1) return 0;
    if (ticktext.every((text) => /^[−-]?[\d.,]*$/.test(text))) {
      axis.tickvals = tickvals.filter((_, i) => i % step === 0);
      axis.ticktext = ticktext.filter((_, i) => i % step === 0);
      return 0;
    }
    const broken = ticktext.map((text) => wrapped(text, size, extent / tickvals.length - 0.4 * em));
    axis.ticktext = broken.map((parts) => parts.join("<br>"));
    return (Math.max(...broken.map(({ length }) => length)) - 1) * size * 1.3;
  }

  let deepest = 0;
  for (const [name, axis] of Object.entries(layout) as [string, Axis | undefined][]) {
    if (!/^xaxis\d*$/.test(name) || !axis) continue;
    const [from, to] = axis.domain ?? [0, 1];
    const deeper = width < before ? fitLabels(axis, (to - from) * plotAfter) : 0;
    deepest = Math.max(deepest, deeper);
    if (!axis.title?.text) continue;
    const size = axis.title.font?.size ?? em;
    // A little beside its axis there is nothing, unless another one is there.
    const broken = wrapped(axis.title.text, size, Math.max((to - from) * plotAfter, 6 * em) + 2 * em);
    deepest = Math.max(deepest, deeper + (broken.length - lines(axis.title.text).length) * size * 1.3);
    axis.title.text = broken.join("<br>");
  }
  margin.b += deepest;

  for (const caption of captions) {
    const size = caption.font?.size ?? em;
    const broken = wrapped(caption.text ?? "", size, room);
    margin.b += (broken.length - lines(caption.text ?? "").length) * size * 1.3;
    caption.text = broken.join("<br>");
    caption.yshift = (caption.yshift ?? 0) - deepest;
  }

  const sheet = data.length > 0 && (data as { type?: string }[]).every(({ type }) => type === "image");
  const higher = placeTokens();
  const height = higher + (sheet ? plotHeight * Math.min(1, plotAfter / plotBefore) : plotHeight);
  if (layout.legend?.y !== undefined && layout.legend.orientation === "h") {
    layout.legend.y = 1 + ((layout.legend.y - 1) * plotHeight) / height;
  }
  return {
    ...layout,
    width,
    height: Math.round(margin.t + height + margin.b),
    margin: { ...layout.margin, ...margin },
    autosize: false,
  } as Figure["layout"];
}
