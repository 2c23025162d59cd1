// Saving a page where a Chromium is found that does not start: its picture is a thing that it can do without.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { MissingPartError } from "../../src/errors.js";
import { gloveGame } from "../../src/games/closed-form.js";
import { documentHtml } from "../../src/pages/document.js";
import { lesionPage } from "../../src/pages/lesion-page.js";
import { saveLesionPage } from "../../src/pages/save-lesion-page.js";
import { temporaryFolder } from "../helpers/folders.js";

const place = temporaryFolder();
afterAll(() => place.remove());
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("saving a page with a Chromium that does not start", () => {
  it("writes the page without its picture, and says so", async () => {
    vi.stubEnv("CHROMIUM_PATH", "/bin/false");
    const said: string[] = [];
    vi.spyOn(process.stderr, "write").mockImplementation((text) => said.push(String(text)) > 0);
    const page = await lesionPage(gloveGame(1, 2));
    const path = join(place.folder, "gloves.html");
    await saveLesionPage(page, path);
    expect(readFileSync(path, "utf8")).toBe(documentHtml(page, undefined));
    expect(said.join("")).toMatch(
      /^The page comes without a picture .*: Chromium is not available; \/bin\/false does not start .*\n$/,
    );
  });

  it("refuses a picture alone, which there is none of", async () => {
    vi.stubEnv("CHROMIUM_PATH", "/bin/false");
    const page = await lesionPage(gloveGame(1, 2));
    await expect(saveLesionPage(page, join(place.folder, "gloves.png"))).rejects.toThrow(MissingPartError);
  });
});

it("a page's title, and what stands in place of what it answers, turn no text around", async () => {
  const strange = "\u202ea\nb</title>";
  const html = documentHtml(await lesionPage(gloveGame(1, 2), { title: strange, about: strange }), undefined);
  expect(html).toContain("<title> a b&lt;/title&gt;</title>");
  expect(html).toContain('<p id="said">a b&lt;/title&gt;. a b&lt;/title&gt;. This page');
});
