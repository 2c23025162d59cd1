import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium as playwright } from "playwright-core";
import { afterAll, describe, expect, it } from "vitest";
import { closeChromium } from "../../src/figures/chromium.js";
import { distributedComputationFigure } from "../../src/figures/distributed-computation.js";
import type { Figure } from "../../src/figures/figure.js";
import { plotlyBundle } from "../../src/figures/plotly-bundle.js";
import { renderStatic } from "../../src/figures/render-static.js";
import { saveFigure } from "../../src/figures/save-figure.js";
import { standaloneHtml } from "../../src/figures/standalone-html.js";
import { packageRoot } from "../../src/package.js";
import { available, chromium } from "../notebook/kernel-helpers.js";

const folder = mkdtempSync(join(tmpdir(), "figures-"));
const figure = distributedComputationFigure(
  [10, 50].map((width) => ({ regulariser: "l1" as const, width, trial: 0, index: 0.5 })),
);
const nasty: Figure = {
  data: [{ type: "scatter", x: [1, 2], y: [1, 2], name: "</script><script>window.broken = 1</script>" }],
  layout: { title: { text: "<b>a & b</b></script>" }, width: 400, height: 300 },
};

afterAll(closeChromium);

describe("saveFigure", () => {
  it("writes JSON that holds the figure, and HTML with everything inside", async () => {
    await saveFigure(figure, join(folder, "a.json"));
    const { data, layout } = JSON.parse(readFileSync(join(folder, "a.json"), "utf8"));
    expect(data.length).toBe(figure.data.length);
    expect(layout.width).toBe(figure.layout.width);
    await saveFigure(figure, join(folder, "a.html"));
    const page = readFileSync(join(folder, "a.html"), "utf8");
    expect(page).toContain("Plotly.newPlot");
    expect(page).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)="(?!data:)/);
  });

  it("refuses other endings and places where nothing can be written, and leaves nothing behind", async () => {
    await expect(saveFigure(figure, join(folder, "a.gif"))).rejects.toThrow(
      "expected a name that ends in .svg, .png, .pdf, .html, .json",
    );
    writeFileSync(join(folder, "file"), "");
    await expect(saveFigure(figure, join(folder, "file", "a.html"))).rejects.toThrow("can not be written");
    expect(readdirSync(folder).filter((name) => name.endsWith(".part") || name.endsWith(".gif"))).toEqual([]);
  });

  it("says what to install where there is no Chromium", async () => {
    const before = process.env.CHROMIUM_PATH;
    process.env.CHROMIUM_PATH = "/nowhere/chromium";
    try {
      await closeChromium();
      await expect(saveFigure(figure, join(folder, "b.png"))).rejects.toThrow(
        "Chromium is not available; CHROMIUM_PATH names /nowhere/chromium",
      );
      expect(existsSync(join(folder, "b.png"))).toBe(false);
    } finally {
      if (before === undefined) delete process.env.CHROMIUM_PATH;
      else process.env.CHROMIUM_PATH = before;
    }
  });
});

describe("the build of Plotly", () => {
  it("is the small one for cartesian traces and the whole one for any other", () => {
    expect(plotlyBundle([figure, nasty]).name).toBe("plotly.js-cartesian-dist-min");
    expect(plotlyBundle([figure, { data: [{ type: "scatter3d" }], layout: {} }]).name).toBe("plotly.js-dist-min");
  });
});

describe.runIf(available("Chromium", chromium()))("with Chromium", () => {
  it("a PNG has the size asked for, an SVG the figure's texts, a PDF is one, and equal figures give equal bytes", async () => {
    const png = await renderStatic(figure, "png", { scale: 2 });
    const view = new DataView(png.buffer, png.byteOffset);
    expect([...png.subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);
    expect(view.getUint32(16)).toBe(2 * (figure.layout.width as number));
    expect(Buffer.from(await renderStatic(figure, "png", { scale: 2 })).equals(Buffer.from(png))).toBe(true);
    const svg = Buffer.from(await renderStatic(figure, "svg")).toString("utf8");
    for (const text of ["<svg", "Distributed computation", "Index of distributed computation"])
      expect(svg).toContain(text);
    expect(
      Buffer.from(await renderStatic(figure, "pdf"))
        .subarray(0, 5)
        .toString(),
    ).toBe("%PDF-");
    await expect(renderStatic(figure, "gif" as never)).rejects.toThrow("expected one of png, svg, pdf");
    await expect(renderStatic(figure, "png", { scale: 0 })).rejects.toThrow(RangeError);
  });

  it("a page draws with the network off, asks for nothing, and is not broken by what texts hold", async () => {
    const browser = await playwright.launch({
      executablePath: chromium() as string,
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const context = await browser.newContext();
      await context.setOffline(true);
      for (const [name, shown] of Object.entries({ figure, nasty })) {
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
        page.on("pageerror", (error) => complaints.push(error.message));
        page.on("request", (request) => !/^(file|data):/.test(request.url()) && complaints.push(request.url()));
        writeFileSync(join(folder, `${name}.html`), standaloneHtml(shown));
        await page.goto(`file://${join(folder, `${name}.html`)}`);
        await page.waitForSelector(".js-plotly-plot .main-svg");
        expect(await page.evaluate("window.broken")).toBeUndefined();
        expect(complaints).toEqual([]);
        if (name === "nasty") expect(await page.title()).toBe("a & b");
      }
    } finally {
      await browser.close();
    }
  });

  it("a program that draws ends by itself and leaves no folder behind", () => {
    const scratch = mkdtempSync(join(tmpdir(), "figures-scratch-"));
    const program = `
      import { renderStatic } from ${JSON.stringify(join(packageRoot, "dist", "index.js"))};
      const { length } = await renderStatic({ data: [{ type: "bar", y: [1, 2] }], layout: {} }, "png");
      console.log(length > 1000);`;
    const argv = ["--input-type=module", "--eval", program];
    const output = execFileSync(process.execPath, argv, { encoding: "utf8", env: { ...process.env, TMPDIR: scratch } });
    expect(output.trim()).toBe("true");
    expect(readdirSync(scratch)).toEqual([]);
  });
});
