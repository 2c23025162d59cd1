import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { FileError, MissingPartError } from "../../src/errors.js";
import type { Figure } from "../../src/figures/kit/figure.js";
import { figureJson } from "../../src/figures/kit/figure-json.js";
import { closeChromium } from "../../src/figures/render/chromium.js";
import { saveFigure } from "../../src/figures/render/save-figure.js";
import { standaloneHtml } from "../../src/figures/render/standalone-html.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";
import { samples } from "./samples.js";

const place = temporaryFolder();
const figure = samples[0].draw();
afterAll(place.remove);
afterEach(() => vi.unstubAllEnvs());

describe("saveFigure", () => {
  it("writes .json that comes back as the figure, and .html that is its page, without Chromium", async () => {
    vi.stubEnv("CHROMIUM_PATH", "/nowhere");
    const json = join(place.folder, "new", "folder", "figure.JSON");
    await saveFigure(figure, json);
    expect(JSON.parse(readFileSync(json, "utf8")) as Figure).toEqual(figure);
    expect(readFileSync(json, "utf8")).toBe(`${figureJson(figure)}\n`);
    const html = join(place.folder, "figure.html");
    await saveFigure(figure, html);
    expect(readFileSync(html, "utf8")).toBe(standaloneHtml(figure));
  });

  it("refuses another ending", async () => {
    const folder = join(place.folder, "endings");
    mkdirSync(folder);
    for (const name of ["figure.gif", "figure", ".png", "figure.png.bak", "svg"]) {
      await expect(saveFigure(figure, join(folder, name))).rejects.toThrow(
        /^invalid path; expected a name that ends in \.svg, \.png, \.pdf, \.html, \.json; received "/,
      );
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([".svg", ".png", ".pdf", ".html", ".json"])(
    "a path that can not be written is refused before anything is drawn, and nothing is left: %s",
    async (ending) => {
      // Without Chromium: that the path is named, not Chromium, shows that it is looked at first.
      vi.stubEnv("CHROMIUM_PATH", "/nowhere");
      const folder = join(place.folder, `unwritable${ending}`);
      mkdirSync(folder);
      writeFileSync(join(folder, "file"), "kept");
      const before = readdirSync(folder);
      await expect(saveFigure(figure, join(folder, "file", `figure${ending}`))).rejects.toThrow(FileError);
      await expect(saveFigure(figure, folder)).rejects.toThrow(`${folder}: is a folder, a file was expected`);
      expect(readdirSync(folder)).toEqual(before);
      expect(readFileSync(join(folder, "file"), "utf8")).toBe("kept");
    },
  );

  it.runIf(process.platform !== "win32")("a write-protected file is refused and stays as it is", async () => {
    const folder = join(place.folder, "protected");
    mkdirSync(folder);
    const path = join(folder, "figure.json");
    writeFileSync(path, "kept");
    chmodSync(path, 0o444);
    for (const open of [place.folder, folder]) chmodSync(open, 0o777);
    // Nothing is protected from root: another user tries.
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      await expect(saveFigure(figure, path)).rejects.toThrow(`${path}: is write-protected or in use (EACCES`);
    } finally {
      if (root) process.seteuid?.(0);
    }
    expect(readFileSync(path, "utf8")).toBe("kept");
    expect(readdirSync(folder)).toEqual(["figure.json"]);
  });

  it("a figure of more points than can be seen is whole in .json, and thinned in .html", async () => {
    const y = Array.from({ length: 60_000 }, (_, index) => index % 7);
    const large: Figure = { data: [{ type: "scatter", mode: "lines", y }], layout: {} };
    await saveFigure(large, join(place.folder, "large.json"));
    await saveFigure(large, join(place.folder, "large.html"));
    const { data } = JSON.parse(readFileSync(join(place.folder, "large.json"), "utf8")) as { data: { y: number[] }[] };
    expect(data[0].y.length).toBe(60_000);
    const page = readFileSync(join(place.folder, "large.html"), "utf8");
    expect(page).toMatch(/Too much for a screen: [\d,]+ of 60,000 points are drawn/);
  });

  it("without Chromium a picture is refused and an older one stays", async () => {
    vi.stubEnv("CHROMIUM_PATH", "/nowhere");
    const path = join(place.folder, "older.png");
    writeFileSync(path, "older");
    await expect(saveFigure(figure, path)).rejects.toThrow(MissingPartError);
    expect(readFileSync(path, "utf8")).toBe("older");
    const absent = join(place.folder, "absent", "figure.svg");
    await expect(saveFigure(figure, absent)).rejects.toThrow("apt-get install chromium");
    expect(existsSync(join(place.folder, "absent"))).toBe(false);
  });
});

describe.runIf(available("Chromium (apt-get install chromium)", chromium()))("saveFigure with Chromium", () => {
  afterAll(closeChromium);

  it.each([
    [".svg", "<svg"],
    [".png", "\x89PNG"],
    [".pdf", "%PDF"],
  ])("writes %s, and nothing beside it", async (ending, start) => {
    const folder = join(place.folder, `picture${ending}`);
    await saveFigure(figure, join(folder, `figure${ending}`));
    expect(
      readFileSync(join(folder, `figure${ending}`))
        .subarray(0, start.length)
        .toString("latin1"),
    ).toBe(start);
    expect(readdirSync(folder)).toEqual([`figure${ending}`]);
  });
});
