/** What Plotly made of a figure: an element with its layout. */
interface Drawn {
  querySelectorAll(selectors: string): ArrayLike<Part>;
  getBoundingClientRect(): Box;
  _fullLayout: {
    width: number;
    height: number;
    margin: Box;
    _size: { l: number; r: number; t: number; b: number; h: number };
  };
}

interface Part {
  getBoundingClientRect(): Box;
  closest(selectors: string): Part | null;
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * What to change in the layout of a drawn figure so that all of its texts lie within it, its title above all else, and
 * its plot is as high as it was meant to be: margins and height, as Plotly's `relayout` takes them. Undefined where all
 * is well, or nothing is to be seen.
 *
 * Pages draw by it, and are given its source: it uses nothing from outside itself.
 *
 * @param drawn what `Plotly.react` drew into
 * @param plotHeight pixels that the plot is meant to be high
 */
export function settleForeign(drawn: Drawn, plotHeight: number): Record<string, number> | undefined {
  const { width, height, _size: size } = drawn._fullLayout;
  const frame = drawn.getBoundingClientRect();
  const scale = (frame.right - frame.left) / width;
  if (!(scale > 0)) return undefined;
  const boxes = (selectors: string, within = true) =>
    Array.from(drawn.querySelectorAll(selectors))
      .filter((part) => !part.closest(".hoverlayer, .modebar, .cartesianlayer .plot") || !within)
      .map((part) => {
        const { left, right, top, bottom } = part.getBoundingClientRect();
        return {
          left: (left - frame.left) / scale,
          right: (right - frame.left) / scale,
          top: (top - frame.top) / scale,
          bottom: (bottom - frame.top) / scale,
        };
      })
      .filter(({ left, right, top, bottom }) => right - left > 0 && bottom - top > 0);
  const texts = boxes("svg text");
  const titles = boxes(".gtitle");
  const below = [
    ...boxes(
      ".annotation, .legend, .xtick text, .ytick text, .polarlayer text, .pielayer text, .bglayer rect, .colorbar text",
    ),
    { top: size.t },
  ];
  const highest = Math.min(...below.map(({ top }) => top));
  const over = {
    l: Math.max(0, ...texts.map(({ left }) => 1 - left)),
    r: Math.max(0, ...texts.map(({ right }) => right + 1 - width)),
    t: Math.max(
      0,
      ...texts.map(({ top }) => 1 - top),
      ...titles.map(({ top, bottom }) => (top < highest ? bottom + 4 - highest : 0)),
    ),
    b: Math.max(0, ...texts.map(({ bottom }) => bottom + 3 - height)),
  };
  const change: Record<string, number> = {};
  for (const side of ["l", "r", "t", "b"] as const) {
    if (over[side] > 1 && over[side] < 0.5 * width) change[`margin.${side}`] = Math.ceil(size[side] + over[side]);
  }
  const lost = plotHeight - size.h + (change["margin.t"] ? over.t : 0) + (change["margin.b"] ? over.b : 0);
  if (lost > 2) change.height = Math.round(height + lost);
  return Object.keys(change).length > 0 ? change : undefined;
}
