import { afterAll, describe, expect, it } from "vitest";
import { distributedComputationFigure } from "../../src/figures/distributed-computation.js";
import { closeChromium, withPage } from "../../src/figures/render/chromium.js";
import { renderStatic } from "../../src/figures/render/render-static.js";
import { available, chromium } from "../helpers/optional.js";
import { traces } from "./figure-helpers.js";
import { samples } from "./samples.js";

const figure = samples[0].draw();

describe("renderStatic", () => {
  it("refuses another format or size before a browser is looked for", async () => {
    await expect(renderStatic(figure, "gif" as "png")).rejects.toThrow(
      'invalid format; expected one of png, svg, pdf; received "gif"',
    );
    await expect(renderStatic(figure, "png", { scale: 0 })).rejects.toThrow(
      "invalid scale; expected a number from 0.1 to 10; received 0",
    );
    await expect(renderStatic(figure, "png", { width: Number.NaN })).rejects.toThrow(
      "invalid width; expected a finite number; received NaN",
    );
    await expect(renderStatic(figure, "png", { height: -1 })).rejects.toThrow(
      "invalid height; expected a number from 10 to 20000; received -1",
    );
  });
});

describe.runIf(available("Chromium (apt-get install chromium)", chromium()))("renderStatic with Chromium", () => {
  afterAll(closeChromium);

  it.each(samples)(
    "$name as SVG shows its caption and every series, nothing cut off and nothing over the caption",
    async ({ draw }) => {
      const drawn = draw();
      const svg = Buffer.from(await renderStatic(drawn, "svg")).toString("utf8");
      const texts = [...svg.matchAll(/<(?:text|tspan)[^>]*>([^<]+)/g)].map(([, text]) =>
        text.replaceAll("&#60;", "&lt;").replaceAll("&#62;", "&gt;").replaceAll("&#38;", "&amp;"),
      );
      const said = texts.join(" ");
      expect(svg).toMatch(/^<svg [^>]*xmlns/);
      for (const word of (drawn.caption ?? "").split(" ").slice(0, 6)) expect(said).toContain(word);
      const entries = drawn.layout.showlegend ? traces(drawn).filter(({ showlegend }) => showlegend !== false) : [];
      for (const { name } of entries) expect(texts).toContain(name);
      const marks = { bar: /class="point"/, heatmap: /<image /, scatter: /class="(?:point|js-line)/ };
      for (const trace of drawn.data) {
        // A cell outside of the axes only carries the colour bar of what is written in colours.
        const isBar = trace.type === "heatmap" && (trace as { y?: number[] }).y?.[0] === -2;
        expect(svg).toMatch(isBar ? /class="cbfill/ : marks[trace.type as keyof typeof marks]);
      }
      // Plotly's own name for the square of a bar in the legend has the word in it.
      expect(svg.replaceAll('class="legendundefined"', "")).not.toMatch(/NaN|undefined/);
      const { whole, texts: placed } = await textBoxes(svg);
      // An axis may be called what the caption begins with; the caption is below.
      const [caption] = placed
        .filter(({ text }) => text.startsWith((drawn.caption ?? "").slice(0, 20)))
        .sort((a, b) => b.top - a.top);
      expect(caption).toBeDefined();
      for (const each of placed) {
        const { left, top, right, bottom } = each;
        const inside = left >= -0.5 && top >= -0.5 && right <= whole.right + 0.5 && bottom <= whole.bottom + 0.5;
        expect(inside, JSON.stringify(each)).toBe(true);
        if (each !== caption) expect(bottom, each.text).toBeLessThan(caption?.top ?? 0);
      }
    },
  );

  it("a PNG has its signature and the figure's size times the scale", async () => {
    const size = async (options: object) => {
      const png = Buffer.from(await renderStatic(figure, "png", options));
      expect(png.subarray(0, 8).toString("latin1")).toBe("\x89PNG\r\n\x1a\n");
      return [png.readUInt32BE(16), png.readUInt32BE(20)];
    };
    const { width = 0, height = 0 } = figure.layout;
    expect(await size({})).toEqual([2 * width, 2 * height]);
    expect(await size({ scale: 1, width: 300, height: 200 })).toEqual([300, 200]);
  });

  it("a PDF is one page of the figure's size, with its type as text", async () => {
    const pdf = Buffer.from(await renderStatic(figure, "pdf")).toString("latin1");
    expect(pdf).toMatch(/^%PDF-/);
    expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    expect(pdf).toContain("/Font");
    const [, width, height] = /\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/.exec(pdf) ?? [];
    // 72 points to the 96 pixels of an inch.
    expect(Math.abs(Number(width) - 0.75 * (figure.layout.width ?? 0))).toBeLessThan(1.5);
    expect(Math.abs(Number(height) - 0.75 * (figure.layout.height ?? 0))).toBeLessThan(1.5);
  });

  it("equal figures give equal bytes in every format", async () => {
    const drawn = distributedComputationFigure([{ regulariser: "l1", width: 50, trial: 0, index: 0.5 }]);
    for (const format of ["svg", "png", "pdf"] as const) {
      const [first, second] = [await renderStatic(drawn, format), await renderStatic(drawn, format)];
      expect(Buffer.compare(first, second), format).toBe(0);
    }
  });
});

/** Where the texts of an SVG lie, in pixels from its left upper corner. */
function textBoxes(svg: string): Promise<{ whole: Box; texts: (Box & { readonly text: string })[] }> {
  return withPage(async (page) => {
    await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
    return page.evaluate(`(() => {
      const box = ({ left, top, right, bottom }) => ({ left, top, right, bottom });
      const texts = [...document.querySelectorAll("text")].filter((text) => text.textContent.trim() !== "");
      return {
        whole: box(document.querySelector("svg").getBoundingClientRect()),
        texts: texts.map((text) => ({ text: text.textContent, ...box(text.getBoundingClientRect()) })),
      };
    })()`);
  });
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
