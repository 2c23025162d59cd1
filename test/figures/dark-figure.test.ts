import { describe, expect, it } from "vitest";
import { facesFigure } from "../../src/figures/faces.js";
import type { Figure } from "../../src/figures/kit/figure.js";
import { digitColours, ink, quietInk, regulariserStyles } from "../../src/figures/kit/theme.js";
import { darkFigure } from "../../src/figures/render/dark-figure.js";
import { samples } from "./samples.js";

/** Contrast (WCAG 2) of a colour `rgb(r,g,b)` on #111111. */
function contrast(colour: string): number {
  const [r, g, b] = (colour.match(/\d+/g) ?? []).slice(0, 3).map((text) => {
    const c = Number(text) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) / 0.0556;
}
const annotations = [{ name: "caption", text: "of this package" }] as unknown as NonNullable<
  Figure["layout"]["annotations"]
>;
const scatter = (color: string): Figure => ({
  data: [{ type: "scatter", y: [1], marker: { color } }],
  layout: { annotations },
});
const marker = (figure: Pick<Figure, "data">) => (figure.data[0] as { marker: { color: string } }).marker.color;

describe("darkFigure", () => {
  it("every colour of a series stands out from a dark page", () => {
    const colours = [...digitColours, ...Object.values(regulariserStyles).map(({ colour }) => colour)];
    for (const colour of colours) expect(contrast(marker(darkFigure(scatter(colour)))), colour).toBeGreaterThan(3.9);
  });

  it("captions name no colour that is another one on a dark page", () => {
    for (const { name, draw } of samples) {
      const { data, caption } = draw();
      if (data.some(({ type }) => (type as string) === "image")) continue;
      expect(caption, name).not.toMatch(/\b(black|white|darker|lighter)\b/i);
    }
  });

  it("what stands out already keeps its colour, and series stay apart", () => {
    expect(marker(darkFigure(scatter("#DDCC77")))).toBe("rgb(221,204,119)");
    const dark = digitColours.map((colour) => marker(darkFigure(scatter(colour))));
    expect(new Set(dark).size).toBe(digitColours.length);
  });

  /** Contrast of what is seen of a colour, `rgb(...)`, where the page shines through. */
  const seen = (colour: string, opacity: number) => {
    const levels = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
    return contrast(levels.map((level) => Math.round(opacity * level + (1 - opacity) * 17)).join(","));
  };

  it("what lets the page through stands out too: by a colour's opacity, a marker's, a trace's, and Plotly's of bubbles", () => {
    const alpha = marker(darkFigure(scatter("rgba(54,75,116,0.6)")));
    const opacity = Number(/,([\d.]+)\)$/.exec(alpha)?.[1]);
    expect(opacity).toBeGreaterThan(0.6);
    expect(seen(alpha, opacity)).toBeGreaterThan(3.9);

    const trace = {
      type: "scatter",
      y: [1],
      opacity: 0.5,
      marker: { color: "#364B74", size: [4, 9] },
      line: { color: "#d6604d" },
    };
    const [drawn] = darkFigure({ data: [trace as Figure["data"][number]], layout: { annotations } })
      .data as unknown as [{ opacity: number; marker: { color: string; opacity: number }; line: { color: string } }];
    expect(drawn.opacity).toBeCloseTo(Math.SQRT1_2, 3);
    expect(drawn.marker.opacity).toBeCloseTo(Math.sqrt(0.7), 3);
    expect(seen(drawn.marker.color, drawn.opacity * drawn.marker.opacity)).toBeGreaterThan(3.9);
    expect(seen(drawn.line.color, drawn.opacity)).toBeGreaterThan(3.9);
  });

  it("a band behind a line stays as faint as it is", () => {
    const band = { type: "scatter", y: [1], fillcolor: "rgba(221,204,119,0.2)" } as Figure["data"][number];
    const [drawn] = darkFigure({ data: [band], layout: { annotations } }).data as unknown as [{ fillcolor: string }];
    expect(drawn.fillcolor).toBe("rgba(221,204,119,0.2)");
  });

  it("a disc that is hollow on a white page is hollow on a dark one", () => {
    const circle = samples.find(({ name }) => name === "interaction-circle")!.draw();
    const discs = (figure: Pick<Figure, "data">) =>
      (figure.data.at(-1) as { marker: { color: string[]; line: { color: string[] } } }).marker;
    const before = discs(circle).color;
    const { color, line } = discs(darkFigure(circle));
    expect(new Set(before).size).toBe(2);
    before.forEach((colour, i) => {
      if (colour !== "#ffffff") expect(contrast(color[i])).toBeGreaterThan(11);
      else expect([contrast(color[i]) < 1.1, contrast(line.color[i]) > 11]).toEqual([true, true]);
    });
  });

  it("points coloured by a scale, which has colours as dark as the page, have a rim", () => {
    const swarm = samples.find(({ name }) => name === "beeswarm")!.draw();
    const { line, color } = (darkFigure(swarm).data[0] as { marker: { color: number[]; line: { color: string } } })
      .marker;
    expect(contrast(line.color)).toBeGreaterThan(7);
    expect(color).toEqual((swarm.data[0] as { marker: { color: number[] } }).marker.color);
  });

  it("a text on a colour that is a value keeps both", () => {
    const tokens = samples.find(({ name }) => name === "token-heatmap")!.draw();
    const boxes = ({ layout }: Pick<Figure, "layout">) => layout.annotations!.filter(({ bgcolor }) => bgcolor);
    expect(boxes(tokens)).toHaveLength(7);
    expect(boxes(darkFigure(tokens))).toEqual(boxes(tokens));
  });

  it("text is light, the page shows through, the grid is faint", () => {
    const layout = { annotations, font: { color: ink }, paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff" };
    const axes = { xaxis: { gridcolor: "#e6e6e6", tickfont: { color: quietInk } } };
    const dark = darkFigure({ data: [], layout: { ...layout, ...axes } }).layout;
    expect(dark).toMatchObject({ paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" });
    expect(contrast(String(dark.font?.color))).toBeGreaterThan(11);
    expect(contrast(String(dark.xaxis?.tickfont?.color))).toBeGreaterThan(7);
    expect(contrast(String(dark.xaxis?.gridcolor))).toBeLessThan(2);
  });

  it("a figure of images, which has white between them, stays as it is", () => {
    const sheet = facesFigure(new Float32Array(3 * 16), [1, 3, 4, 4]);
    expect(darkFigure(sheet)).toEqual({ data: sheet.data, layout: sheet.layout });
  });

  const foreign = (more: object, data: object[] = [{ y: [1] }]): Figure =>
    ({ data, layout: { title: { text: "T" }, ...more } }) as Figure;

  it("a figure of somebody else's that names no background is dark, its frame and its series seen", () => {
    const dark = darkFigure(
      foreign({ xaxis: { title: { text: "x" }, color: "#222" } }, [{ y: [1], line: { color: "navy" } }]),
    );
    expect(dark.layout).toMatchObject({ paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" });
    expect(contrast(String(dark.layout.font?.color))).toBeGreaterThan(7);
    expect(contrast(String((dark.layout.xaxis as { color?: string }).color))).toBeGreaterThan(7);
    expect(contrast(String(dark.layout.yaxis?.gridcolor))).toBeLessThan(2.2);
    expect(contrast((dark.data[0] as { line: { color: string } }).line.color)).toBeGreaterThan(3.9);
    const { colorway = [] } = dark.layout;
    for (const colour of colorway) expect(contrast(colour), colour).toBeGreaterThan(3.9);
    expect(new Set(colorway).size).toBe(10);
  });

  it("one whose colours are its author's stays as it is, and so does what Plotly may draw for light pages alone", () => {
    const kept = [
      foreign({ paper_bgcolor: "#ffffff" }),
      foreign({ plot_bgcolor: "#E5ECF6" }),
      foreign({ template: { layout: { plot_bgcolor: "#E5ECF6" } } }),
      foreign({ template: "plotly_white" }),
      foreign({ annotations: [{ text: "n", bgcolor: "#fff" }] }),
      foreign({ updatemenus: [{}] }),
      foreign({}, [{ type: "table" }]),
    ];
    for (const figure of kept) expect(darkFigure(figure)).toEqual({ data: figure.data, layout: figure.layout });
  });

  it("gives a figure no axes that it does not have", () => {
    const { layout } = darkFigure(foreign({}, [{ type: "pie", labels: ["a"], values: [1] }]));
    expect(Object.keys(layout).filter((name) => /axis|scene|polar/.test(name))).toEqual([]);
  });

  it.each(samples)("$name keeps its values and its texts", ({ draw }) => {
    const figure = draw();
    const before = JSON.stringify(figure);
    const dark = darkFigure(figure);
    expect(JSON.stringify(figure)).toBe(before);
    const values = ({ data }: Pick<Figure, "data">) =>
      data.map((trace) => {
        const { x, y, z, text, colorscale, name } = trace as unknown as Record<string, unknown>;
        return { x, y, z, text, colorscale, name };
      });
    expect(values(dark)).toEqual(values(figure));
  });
});
