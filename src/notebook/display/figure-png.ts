import type { Figure } from "../../figures/kit/figure.js";
import { chromiumPath, closeChromium, keepChromium } from "../../figures/render/chromium.js";
import { renderStatic } from "../../figures/render/render-static.js";
import { kernelHook } from "../../kernel-hook.js";

/**
 * Pixels of a picture per pixel of the figure: sharp on a fine screen, and small enough for a file under version
 * control.
 */
const usualScale = 1.5;
/** As many colours as a palette has. */
const wholeQuality = 100;
/** Seconds that drawing may take before a figure goes without a picture. */
const patience = 30;
/** Seconds that the browser of a kernel stays after its last figure. */
const stay = 300;

let remarked = false;
/** Set when the browser does not start, which takes its time to find out: it is not asked again. */
let broken = false;

/**
 * A figure as a small PNG (256 colours) in base64, for viewers that run no scripts. Undefined where there is no
 * Chromium, or where it fails: one remark on stderr says so, the first time, and what to install.
 *
 * @param quality of 100: how near its colours are to the figure's own
 */
export function notebookPng(
  figure: Figure,
  scale: number = usualScale,
  quality: number = wholeQuality,
): Promise<string | undefined> {
  return smallPng(() => renderStatic(figure, "png", { scale }), quality);
}

/** The same of whatever Chromium draws as a PNG; `shrink` is how wide it becomes, as a share. */
export async function smallPng(
  draw: () => Promise<Uint8Array>,
  quality: number = wholeQuality,
  shrink = 1,
): Promise<string | undefined> {
  if (broken) return undefined;
  if (!chromiumPath()) {
    const where = process.env.CHROMIUM_PATH ? " at CHROMIUM_PATH" : "";
    remark(`there is no Chromium${where} (Debian: apt-get install chromium; or set CHROMIUM_PATH)`);
    return undefined;
  }
  if (kernelHook()) keepChromium(stay);
  try {
    const png = await withinTime(draw());
    return Buffer.from(await smaller(png, quality, shrink)).toString("base64");
  } catch (error) {
    const { name, message } = error as Error;
    broken = name === "MissingPartError";
    remark(message.split("\n")[0]);
    return undefined;
  }
}

function remark(reason: string): void {
  if (remarked) return;
  remarked = true;
  process.stderr.write(`Figures come without a picture for viewers that run no scripts: ${reason}\n`);
}

/** The picture in as many colours as a palette has, a fifth of its bytes; as it is where sharp does not load. */
async function smaller(png: Uint8Array, quality: number, shrink: number): Promise<Uint8Array> {
  let sharp: typeof import("sharp")["default"];
  try {
    ({ default: sharp } = await import("sharp"));
  } catch {
    return png;
  }
  // No dithering: the colours of a figure are few, and equal areas stay even.
  const whole = sharp(png);
  const { width } = await whole.metadata();
  const sized = shrink < 1 && width ? whole.resize(Math.round(shrink * width)) : whole;
  const few = { palette: true, quality, compressionLevel: 9, effort: 1, dither: 0 } as const;
  // Filters of rows make a soft picture smaller by a seventh, and one of even areas larger.
  const [plain, filtered] = await Promise.all(
    [false, true].map((adaptiveFiltering) =>
      sized
        .clone()
        .png({ ...few, adaptiveFiltering })
        .toBuffer(),
    ),
  );
  return filtered.length < plain.length ? filtered : plain;
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`a figure was not drawn within ${patience} s`));
      // The next figure does not wait for this one.
      void closeChromium();
    }, patience * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
