import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Figure } from "../../src/figures/kit/figure.js";
import { closeChromium } from "../../src/figures/render/chromium.js";
import { plotlyMime } from "../../src/notebook/display/figure-facts.js";
import { available, chromium } from "../helpers/optional.js";

const bars = (title: string): Figure => ({
  data: [{ type: "bar", x: ["a", "</script><img src=y>"], y: [1, 2] }],
  layout: { title: { text: title }, width: 500, height: 300 },
  caption: 'Two "bars".',
});
const space: Figure = { data: [{ type: "surface", z: [[1, 2]] }], layout: {} };
const libraries = (html: unknown) => String(html).match(/plotly\.js(?: \(cartesian - minified\))? v[\d.]+/g) ?? [];

/** The module as a kernel that has just started has it. */
async function fresh() {
  vi.resetModules();
  const { figureBundle, ...rest } = await import("../../src/notebook/display/figure-bundle.js");
  return {
    ...rest,
    figureBundle,
    figureData: async (...given: Parameters<typeof figureBundle>) => (await figureBundle(...given)).data,
  };
}

let said = "";
beforeEach(() => {
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

describe("figureData", () => {
  it.runIf(available("Chromium", chromium()))(
    "of a sheet of images is its picture alone in a notebook that is to be small, and everything elsewhere",
    async () => {
      const source =
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
      const sheet = { data: [{ type: "image", source }], layout: { width: 300, height: 200 } } as unknown as Figure;
      vi.stubEnv("SHAPLEY_MODES_INLINE_PLOTLY", "0");
      const small = await fresh();
      expect(Object.keys(await small.figureData(sheet))).toEqual(["image/png", "text/plain"]);
      expect(Object.keys(await small.figureData(bars("T")))).toEqual([plotlyMime, "image/png", "text/plain"]);
      expect(await small.figureData(sheet, { png: false })).toHaveProperty([plotlyMime]);
      vi.stubEnv("SHAPLEY_MODES_INLINE_PLOTLY", "1");
      expect(await (await fresh()).figureData(sheet)).toHaveProperty([plotlyMime]);
    },
  );

  it("has the figure as Plotly's JSON, as HTML and as text, with title and caption", async () => {
    const { figureData } = await fresh();
    const data = await figureData(bars("<b>T</b>"), { png: false });
    expect(Object.keys(data)).toEqual([plotlyMime, "text/html", "text/plain"]);
    expect(data[plotlyMime]).toMatchObject({ data: [{ y: [1, 2] }], layout: { width: 500 } });
    expect(data["text/plain"]).toBe('Figure: T: Two "bars".');
  });

  it("the library comes once, again with the figure that brought it, and the whole one for what the small one lacks", async () => {
    const { figureData } = await fresh();
    const html = async (figure: Figure) => (await figureData(figure, { png: false }))["text/html"];
    expect(libraries(await html(bars("first")))[0]).toContain("cartesian");
    expect(libraries(await html(bars("second")))).toEqual([]);
    expect(libraries(await html(bars("first")))).toHaveLength(1);
    expect(libraries(await html(space))[0]).not.toContain("cartesian");
    expect(libraries(await html(bars("third")))).toEqual([]);
  });

  it("with SHAPLEY_MODES_INLINE_PLOTLY=0 there is the picture, or without one a line of HTML, and no script", async () => {
    vi.stubEnv("SHAPLEY_MODES_INLINE_PLOTLY", "0");
    const { figureData } = await fresh();
    const data = await figureData(bars("T"), { png: false });
    expect(data["text/html"]).toBe("<p>Figure: T: Two &quot;bars&quot;. (drawn by a script)</p>");
    expect(data[plotlyMime]).toBeDefined();
  });

  it("what a figure holds can not end the script or become markup", async () => {
    const { figureData } = await fresh();
    const data = await figureData(bars("</script><img src=x>"), { png: false });
    expect(data["text/html"]).not.toMatch(/<img src/);
  });

  it("without Chromium there is no picture, one remark for all figures, and no error", async () => {
    vi.stubEnv("CHROMIUM_PATH", "/nowhere");
    const { figureData } = await fresh();
    expect(await figureData(bars("a"))).not.toHaveProperty("image/png");
    expect(await figureData(bars("b"))).not.toHaveProperty("image/png");
    expect(said).toBe(
      "Figures come without a picture for viewers that run no scripts: there is no Chromium at CHROMIUM_PATH (Debian: apt-get install chromium; or set CHROMIUM_PATH)\n",
    );
  });

  it("a browser that does not start is asked once, and one remark says what it said", async () => {
    vi.stubEnv("CHROMIUM_PATH", "/bin/false");
    const { figureData } = await fresh();
    expect(await figureData(bars("a"))).not.toHaveProperty("image/png");
    expect(await figureData(bars("b"))).not.toHaveProperty("image/png");
    expect(said).toMatch(/^Figures come without a picture .*\/bin\/false does not start/);
    expect(said.match(/\n/g)).toHaveLength(1);
  });
});

describe.runIf(available("Chromium (apt-get install chromium)", chromium()))("figureData with Chromium", () => {
  afterAll(closeChromium);

  it("has a picture as well, which the HTML shows until a script has drawn", async () => {
    const { figureData } = await fresh();
    const data = await figureData(bars("T"));
    const png = Buffer.from(String(data["image/png"]), "base64");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([750, 450]);
    expect(data["text/html"]).toContain(`<img src="data:image/png;base64,${data["image/png"]}"`);
    expect(said).toBe("");
    const closing = await import("../../src/figures/render/chromium.js");
    await closing.closeChromium();
  });

  it("a figure that can not be drawn comes without, with a remark", async () => {
    const { figureData } = await fresh();
    const broken = { data: [{ type: "bar", y: [1] }], layout: { width: 3 } } as Figure;
    expect(await figureData(broken)).not.toHaveProperty("image/png");
    expect(said).toContain("invalid width; expected a number from 10 to 20000; received 3");
  });
});
