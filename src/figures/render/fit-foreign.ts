import type { Figure } from "../kit/figure.js";
import type { Measure } from "./reflow.js";

interface Text {
  text?: string;
  font?: { size?: number };
}

interface Axis {
  type?: string;
  title?: string | Text;
  side?: string;
  domain?: number[];
  automargin?: unknown;
  tickvals?: unknown[];
  ticktext?: string[];
  tickangle?: number | "auto";
  tickfont?: { size?: number };
  showticklabels?: boolean;
}

interface Laid {
  width?: number;
  height?: number;
  title?: string | (Text & Record<string, unknown>);
  font?: { size?: number };
  margin?: { l?: number; r?: number; t?: number; b?: number };
  legend?: Record<string, unknown> & { font?: { size?: number } };
  annotations?: ((Text & Record<string, unknown>) | null)[];
}

type Trace = Record<string, unknown> & { type?: string; name?: string };

/**
 * A figure that is not of this package, for another width: as Plotly lays it out, but axes make room for their labels,
 * and with less than 600 pixels the legend goes below, margins are as small as labels let them, and titles, names and
 * labels are broken into lines; labels that do not fit side by side stand upright, or only some are shown. What then
 * still lies outside is `settleForeign`'s.
 *
 * Pages draw by it, and are given its source: it uses nothing from outside itself.
 */
export function fitForeign(
  { data: traces, layout: given }: Pick<Figure, "data" | "layout">,
  width: number,
  measure: Measure,
) {
  const layout = JSON.parse(JSON.stringify(given)) as Laid;
  const data = traces as unknown as Trace[];
  const em = layout.font?.size ?? 12;
  const isNarrow = width < 600;
  const height = layout.height ?? 450;

  function plain(text: string): string {
    return text.replace(/<[^>]*>/g, "").replace(/&(lt|gt|amp);/g, "x");
  }

  /** A word in pieces that are short enough: broken after its own signs, else anywhere. */
  function pieces(word: string, size: number, most: number): string[] {
    if (/[<&]/.test(word) || measure(word, size) <= most) return [word];
    const found: string[] = [];
    for (const part of word.split(/(?<=[/_.:-])/).flatMap((one) => (measure(one, size) > most ? [...one] : [one]))) {
      const longer = `${found.at(-1) ?? ""}${part}`;
      if (found.length > 0 && measure(longer, size) <= most) found[found.length - 1] = longer;
      else found.push(part);
    }
    return found;
  }

  /**
   * A text in lines of at most so many pixels. Lines that it has stay apart; one with markup inside is broken at its
   * spaces.
   */
  function wrapped(text: string, size: number, most: number): string {
    return text
      .split(/<br\s*\/?>/)
      .flatMap((line) => {
        if (measure(plain(line), size) <= most || /<[^>]*\s/.test(line)) return [line];
        const lines: string[] = [];
        for (const word of line.split(/\s+/).filter(Boolean)) {
          pieces(word, size, most).forEach((piece, index) => {
            const longer = `${lines.at(-1)} ${piece}`;
            if (index === 0 && lines.length > 0 && measure(plain(longer), size) <= most)
              lines[lines.length - 1] = longer;
            else lines.push(piece);
          });
        }
        return lines;
      })
      .join("<br>");
  }

  function isText(value: unknown): value is string {
    return typeof value === "string" && value.trim() !== "" && Number.isNaN(Number(value)) && !/^-?\d+-\d/.test(value);
  }

  function axesOf(letter: "x" | "y"): [string, Axis][] {
    const used = data.map((trace) => String(trace[`${letter}axis`] ?? letter).replace(/^[xy]/, `${letter}axis`));
    const named = Object.keys(layout).filter((name) => new RegExp(`^${letter}axis\\d*$`).test(name));
    const all = layout as Record<string, Axis | undefined>;
    return [...new Set([...named, ...used])].map((name) => {
      all[name] ??= {};
      return [name, all[name]];
    });
  }

  /** Names along an axis: those that it is told to show, else those in the data. */
  function labelsOf(name: string, axis: Axis): { values: unknown[]; texts: string[] } | undefined {
    if (axis.ticktext && axis.tickvals) return { values: axis.tickvals, texts: axis.ticktext.map(String) };
    if (axis.tickvals || (axis.type !== undefined && axis.type !== "category")) return undefined;
    const letter = name[0];
    const short = name.replace("axis", "");
    const values = data
      .filter((trace) => String(trace[`${letter}axis`] ?? letter) === short)
      .flatMap((trace) => {
        const own = trace[letter];
        if (Array.isArray(own)) return own;
        // Boxes stand above their names where nothing else is said.
        const isNamed = trace.type === "box" || trace.type === "violin";
        return isNamed && own === undefined && trace[letter === "x" ? "y" : "x"] && trace.name ? [trace.name] : [];
      })
      .filter((value) => value !== null);
    const texts = [...new Set(values)];
    const areNames = texts.length > 0 && texts.length <= 200 && texts.every((value) => typeof value === "string");
    return areNames && texts.some(isText) ? { values: texts, texts: texts as string[] } : undefined;
  }

  function share({ domain = [0, 1] }: Axis): number {
    return Math.abs(domain[1] - domain[0]) || 1;
  }

  function fitAxisTitle(axis: Axis, most: number): void {
    if (typeof axis.title === "string") axis.title = { text: axis.title };
    if (!axis.title?.text) return;
    axis.title.text = wrapped(axis.title.text, axis.title.font?.size ?? 1.2 * em, Math.max(most, 8 * em));
  }

  function fitRows(name: string, axis: Axis): void {
    fitAxisTitle(axis, share(axis) * height * 0.7);
    const labels = labelsOf(name, axis);
    const size = axis.tickfont?.size ?? em;
    const most = 0.32 * width;
    const widest = Math.max(0, ...(labels?.texts ?? []).map((text) => measure(plain(text), size)));
    left = Math.max(left, Math.min(widest, most) + 2 * em);
    if (!labels || widest <= most) return;
    axis.tickvals = labels.values;
    axis.ticktext = labels.texts.map((text) => wrapped(text, size, most));
    spread(
      axis,
      Math.max(...axis.ticktext.map((text) => text.split("<br>").length)) * 1.3 * size,
      share(axis) * height * 0.7,
    );
  }

  const { legend = {} } = layout;
  const legendSize = legend.font?.size ?? em;
  const isBelow = legend.orientation === "h" || isNarrow;
  const entries = data
    .filter((trace) => trace.showlegend !== false)
    .map((trace, index) => trace.name ?? `trace ${index}`);
  const hasLegend = (layout as { showlegend?: boolean }).showlegend ?? entries.length > 1;
  const widestEntry =
    hasLegend && !isBelow ? Math.max(0, ...entries.map((name) => measure(plain(name), legendSize))) + 5 * em : 0;
  /** Room beside the plot: for the names on the left, and for a scale of colours or a legend on the right. */
  let left = 4 * em;
  const hasScale = data.some(({ type, showscale }) => /heatmap|contour/.test(String(type)) && showscale !== false);
  const right = (hasScale ? 7 : 2) * em + widestEntry;

  function fitColumns(name: string, axis: Axis): void {
    fitAxisTitle(axis, share(axis) * width * 0.8);
    const labels = labelsOf(name, axis);
    if (!labels) return;
    const size = axis.tickfont?.size ?? em;
    const extent = share(axis) * (width - left - right);
    const slot = extent / labels.texts.length - 0.5 * em;
    if (labels.texts.every((text) => measure(plain(text), size) <= slot)) return;
    axis.tickvals = labels.values;
    if (slot > 6 * size) {
      axis.tickangle = 0;
      axis.ticktext = labels.texts.map((text) => wrapped(text, size, slot));
      return;
    }
    axis.tickangle = -90;
    axis.ticktext = labels.texts.map((text) => wrapped(text, size, 13 * size));
    spread(axis, Math.max(...axis.ticktext.map((text) => text.split("<br>").length)) * 1.3 * size, extent);
  }

  /** Shows every second label, or third, and so on, where so many of that depth do not fit. */
  function spread(axis: Axis, depth: number, extent: number): void {
    const step = Math.ceil((depth * (axis.tickvals?.length ?? 0)) / extent);
    if (step <= 1) return;
    axis.tickvals = (axis.tickvals ?? []).filter((_, index) => index % step === 0);
    axis.ticktext = (axis.ticktext ?? []).filter((_, index) => index % step === 0);
  }

  const title = typeof layout.title === "string" ? { text: layout.title } : (layout.title ?? undefined);
  if (title) layout.title = title;
  const isPlaced = title && (Number(title.y ?? 1) < 0.8 || title.yref === "paper");
  if (title?.text && !isPlaced) {
    const size = title.font?.size ?? 1.4 * em;
    title.text = wrapped(title.text, size, width - 1.6 * em);
    // Plotly sets the first of several lines as high as its base line should be.
    const t = 0.8 * em + (/<br/.test(title.text) ? 0.7 * size : 0);
    Object.assign(title, { yref: "container", y: 1, yanchor: "top", pad: { ...(title.pad as object), t } });
  }
  const annotations = (layout.annotations ?? []).filter((one) => one !== null);
  if (layout.annotations) layout.annotations = annotations;
  for (const letter of ["x", "y"] as const) for (const [, axis] of axesOf(letter)) axis.automargin ??= true;
  for (const [name, axis] of axesOf("y")) fitRows(name, axis);
  for (const [name, axis] of axesOf("x")) fitColumns(name, axis);
  const pies = data.map((trace) => (trace.type === "pie" ? { automargin: true, ...trace } : trace));
  const made = { ...layout, width, height, autosize: false };
  // A scene is a cube with titles beyond its edges: seen from where Plotly stands they are cut.
  for (const scene of Object.entries(layout)
    .filter(([name]) => /^scene\d*$/.test(name))
    .map(([, own]) => own as { camera?: object })) {
    scene.camera ??= { eye: isNarrow ? { x: 2.3, y: 2.3, z: 1.8 } : { x: 2, y: 2, z: 1.6 } };
  }
  const isInside = [legend.x ?? 1.02, legend.y ?? 1].every((at) => 0 <= Number(at) && Number(at) <= 1);
  // Beside an axis on the right there is no room for a legend, which Plotly would set on its labels.
  const isBeside = legend.x === undefined && axesOf("y").some(([, { side }]) => side === "right");
  if (legend.orientation !== "h" && (isBeside || (isNarrow && !isInside))) {
    const below = {
      orientation: "h",
      x: 0.01,
      xanchor: "left",
      xref: "container",
      y: 0,
      yanchor: "bottom",
      yref: "container",
    };
    made.legend = { ...legend, ...below };
  }
  if (!isNarrow) return { data: pies, layout: made } as unknown as Pick<Figure, "data" | "layout">;

  const columns = axesOf("x").map(([, axis]) => axis.domain ?? [0, 1]);
  for (const annotation of annotations) {
    if (typeof annotation.text !== "string") continue;
    const size = annotation.font?.size ?? em;
    const isHeading = annotation.showarrow === false && annotation.xref === "paper" && annotation.yanchor === "bottom";
    const x = Number(annotation.x);
    const column = columns.find(([from, to]) => from <= x && x <= to) ?? [0, 1];
    annotation.font = { ...annotation.font, size: isHeading ? Math.min(size, 1.15 * em) : size };
    const most = isHeading ? (column[1] - column[0]) * (width - 5 * em) : 0.4 * width;
    annotation.text = wrapped(annotation.text, annotation.font.size ?? em, Math.max(most, 5 * em));
  }
  const { margin = {} } = layout;
  made.margin = {
    ...margin,
    l: Math.min(margin.l ?? 80, 3.5 * em),
    r: Math.min(margin.r ?? 80, 1.5 * em),
    t: title?.text ? Math.min(margin.t ?? 100, 4 * em) : Math.min(margin.t ?? 100, 2 * em),
    b: Math.min(margin.b ?? 80, 3 * em),
  };
  const fitted = pies.map((trace) => {
    const own: Trace = { ...trace };
    const isPlace = trace.type === "box" || trace.type === "violin";
    if (typeof trace.name === "string" && !isPlace) own.name = wrapped(trace.name, legendSize, width - 6 * em);
    if (Array.isArray(trace.labels) && trace.type === "pie")
      own.labels = trace.labels.map((label) => (isText(label) ? wrapped(label, legendSize, 0.3 * width) : label));
    if (Array.isArray(trace.theta))
      own.theta = trace.theta.map((at) => (isText(at) ? wrapped(at, legendSize, 0.22 * width) : at));
    const { colorbar, showscale } = trace as {
      colorbar?: { title?: string | Text; thickness?: number };
      showscale?: boolean;
    };
    if (colorbar && showscale !== false) {
      const name = typeof colorbar.title === "string" ? { text: colorbar.title } : colorbar.title;
      const text = name?.text && wrapped(name.text, name.font?.size ?? em, 7 * em);
      own.colorbar = {
        ...colorbar,
        thickness: Math.min(colorbar.thickness ?? 30, 14),
        ...(text ? { title: { ...name, text } } : {}),
      };
    }
    return own;
  });
  return { data: fitted, layout: made } as unknown as Pick<Figure, "data" | "layout">;
}
