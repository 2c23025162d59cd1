import { describe, expect, it } from "vitest";
import { escapeText, shortened, textWidth, withoutCommonPath, wrapText } from "../../src/figures/kit/text.js";
import { fc } from "../helpers/properties.js";

describe("wrapText", () => {
  it("keeps every word in its order, and no line of several words is too wide", () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 40 }), fc.integer({ min: 20, max: 900 }), (text, width) => {
        const lines = wrapText(text, 15, width);
        expect(lines.join(" ")).toBe(text.split(/\s+/).filter(Boolean).join(" "));
        for (const line of lines) if (line.includes(" ")) expect(textWidth(line, 15)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it("of an empty text makes no line", () => expect(wrapText("  ", 15, 100)).toEqual([]));
});

describe("shortened", () => {
  it("fits, begins and ends like the text, and leaves what fits alone", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }), (text) => {
        const short = shortened(text, 15, 120);
        expect(textWidth(short, 15)).toBeLessThanOrEqual(120);
        if (textWidth(text, 15) <= 120) expect(short).toBe(text);
        else expect(short).toMatch(/…/);
      }),
    );
    expect(shortened("encoder/layer/dense_17", 10, 60)).toMatch(/^enc.*….*_17$/);
  });
});

describe("withoutCommonPath", () => {
  it("leaves out what all names share up to a slash, and nothing where one name would become empty", () => {
    expect(withoutCommonPath(["a/b/1", "a/b/2"])).toEqual(["1", "2"]);
    expect(withoutCommonPath(["a/b/1", "a/c/2"])).toEqual(["a/b/1", "a/c/2"]);
    expect(withoutCommonPath(["a/1", "a/"])).toEqual(["a/1", "a/"]);
  });
});

describe("escapeText", () => {
  it("leaves no markup", () => expect(escapeText("<b>&lt;")).toBe("&lt;b&gt;&amp;lt;"));
});
