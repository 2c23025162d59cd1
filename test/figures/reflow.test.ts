import { describe, expect, it } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import { textWidth } from "../../src/figures/kit/text.js";
import { reflow, smallestType } from "../../src/figures/render/reflow.js";
import { samples } from "./samples.js";

interface Placed {
  width: number;
  height: number;
  margin: Record<"l" | "r" | "t" | "b", number>;
  title?: { text: string; font: { size: number } };
  annotations?: { name?: string; text: string; font: { size: number } }[];
  legend?: { y: number };
  font: { size: number };
}
const laid = (figure: Figure, width: number) => reflow(figure, width, textWidth) as unknown as Placed;
const plain = (text: string) =>
  text
    .replace(/<\/?[bi]>/g, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
const caption = (layout: Placed) => layout.annotations?.find(({ name }) => name === "caption");

describe.each(samples)("$name, for another width", ({ draw }) => {
  const figure = draw();
  const given = figure.layout as unknown as Placed;

  it("is the same layout at its own", () => {
    expect(laid(figure, given.width)).toEqual({ ...given, autosize: false });
  });

  it.each([330, 511, 632, 745, 1100])(
    "has title and caption within %i pixels, and the height that they need",
    (width) => {
      const layout = laid(figure, width);
      expect(layout.width).toBe(width);
      const room = width - 1.4 * given.font.size;
      const size = layout.title?.font.size ?? 0;
      for (const line of layout.title?.text.split("<br>") ?? []) {
        if (line.includes(" ")) expect(textWidth(plain(line), size * 1.06)).toBeLessThanOrEqual(room);
      }
      const before = caption(given)?.text.split("<br>").length ?? 0;
      const after = caption(layout)?.text.split("<br>").length ?? 0;
      for (const line of caption(layout)?.text.split("<br>") ?? []) {
        expect(textWidth(plain(line), caption(layout)?.font.size ?? 0)).toBeLessThanOrEqual(room);
      }
      const grown = layout.margin.b - given.margin.b;
      expect(grown).toBeGreaterThanOrEqual((after - before) * (caption(layout)?.font.size ?? 0) * 1.3 - 1e-9);
      expect(layout.height).toBeGreaterThan(layout.margin.t + layout.margin.b);
      expect(layout.margin.l + layout.margin.r).toBeLessThan(width);
    },
  );

  it("changes nothing of the figure that it is given", () => {
    const before = JSON.stringify(figure);
    laid(figure, 400);
    expect(JSON.stringify(figure)).toBe(before);
  });
});

describe("reflow", () => {
  const base = { width: 880, height: 300, font: { size: 15 }, margin: { l: 60, r: 10, t: 60, b: 60 } };
  const axis = (ticktext: string[]) => ({ tickvals: ticktext.map((_, i) => i), ticktext, tickangle: 0 });
  const withAxis = (ticktext: string[]) =>
    ({ data: [], layout: { ...base, xaxis: axis(ticktext) } }) as unknown as Figure;
  const ticks = (figure: Figure, width: number) =>
    (laid(figure, width) as unknown as { xaxis: { tickvals: number[]; ticktext: string[] } }).xaxis;

  it("leaves out numbers below an axis that no longer fit, at even distances", () => {
    const numbers = Array.from({ length: 30 }, (_, i) => String(i));
    const { tickvals, ticktext } = ticks(withAxis(numbers), 450);
    expect(tickvals).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
    expect(ticktext).toEqual(tickvals.map(String));
  });

  it("breaks words below an axis, and leaves none out", () => {
    const words = ["all units intact", "forty of them lesioned", "the others lesioned", "none left at all"];
    const figure = withAxis(words);
    const { ticktext } = ticks(figure, 420);
    expect(ticktext.map((text) => text.replaceAll("<br>", " "))).toEqual(words);
    expect(ticktext[1]).toContain("<br>");
    expect(laid(figure, 420).margin.b).toBeGreaterThan(base.margin.b);
  });

  it("gives a figure that is not of this package its width, and breaks its title where that is too long", () => {
    const layout = { title: { text: "A long title of somebody else's figure" } };
    const figure: Figure = { data: [{ y: [1] }], layout };
    expect(laid(figure, 700)).toMatchObject({ width: 700, height: 450, ...layout });
    const narrow = laid(figure, 250);
    expect(narrow.title?.text.split("<br>").length).toBeGreaterThan(1);
    expect(narrow.height).toBeGreaterThan(450);
  });

  it("takes layouts with gaps as Plotly does", () => {
    const layout = { annotations: [null], xaxis: null } as unknown as Figure["layout"];
    expect(laid({ data: [], layout }, 300)).toMatchObject({ width: 300 });
    expect(smallestType({ data: [], layout })).toBe(10.5);
  });

  it("keeps type larger where there is one panel", () => {
    const panels = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`xaxis${i + 1}`, { domain: [i / count, (i + 1) / count] }]),
      );
    const smallest = [1, 2, 3, 4].map((count) => smallestType({ data: [], layout: panels(count) as never }));
    expect(smallest).toEqual([10.5, 10.5, 8.5, 7.2]);
  });
});
