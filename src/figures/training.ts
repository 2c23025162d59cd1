import type { Data, LayoutAxis } from "plotly.js";
import { pngAddress, pngOf } from "../formats/png.js";
import type { TrainingPoint } from "../networks/dcgan/state-file.js";
import { knownOptions, type OptionNames } from "../options.js";
import { imageSheet } from "./image-sheet.js";
import { finite, nonEmpty } from "./kit/checks.js";
import { imagesShape } from "./kit/face-tiles.js";
import type { Figure } from "./kit/figure.js";
import { type FigureOptions, figureOptionNames, frame, sentences, withAnnotations } from "./kit/frame.js";
import { tileGap } from "./kit/image-grid.js";
import { axisSuffix, panelTitle } from "./kit/panels.js";
import { axisStyle, ink, regulariserStyles, sizeStyle } from "./kit/theme.js";
import { extent, paddedRange } from "./summaries.js";

/** Images that a generator makes now. */
export interface TrainingSamples {
  /** Colours from 0 to 1. */
  readonly images: ArrayLike<number>;
  /** `[count, 3, size, size]` */
  readonly shape: readonly number[];
}

/** Options of `trainingFigure`. */
export interface TrainingFigureOptions extends FigureOptions {
  /** Drawn above the curves; default none. */
  readonly samples?: TrainingSamples;
  /** Where the axis of images ends, e.g. how many are planned; default the last point. */
  readonly images?: number;
}

/** The names of `TrainingFigureOptions`. */
export const trainingFigureOptionNames: OptionNames<TrainingFigureOptions> = {
  ...figureOptionNames,
  samples: true,
  images: true,
};

/** A curve: a number of each point, and how it is drawn. */
interface Curve {
  readonly of: keyof TrainingPoint;
  readonly name: string;
  readonly colour: string;
  readonly dash: "solid" | "dash";
}

const { l1, l2 } = regulariserStyles;
const panels: readonly { title: string; unit: string; curves: readonly Curve[] }[] = [
  {
    title: "Losses",
    unit: "Cross-entropy (nats)",
    curves: [
      { of: "discriminator", name: "Discriminator", colour: l2.colour, dash: "solid" },
      { of: "generator", name: "Generator", colour: l1.colour, dash: "dash" },
    ],
  },
  {
    title: "What the discriminator says",
    unit: "Probability of real",
    curves: [
      { of: "real", name: "D(x), real", colour: l2.colour, dash: "solid" },
      { of: "fake", name: "D(G), made", colour: l1.colour, dash: "dash" },
    ],
  },
];

/**
 * The training of a DCGAN: losses of both networks, and the probability of being real that the discriminator gives real
 * images, D(x), and generated ones, D(G), against images seen; with samples above, where there are any. Where D(x)
 * stays near 1 and D(G) near 0 the generator is no longer told anything.
 *
 * @param curves averages over stretches of steps, as `trainDcgan` gives them
 * @throws RangeError for no points, or one that is not a finite number
 * @example
 * const figure = trainingFigure([
 *   { images: 800, discriminator: 1.3, generator: 0.8, real: 0.55, fake: 0.45 },
 *   { images: 1600, discriminator: 1.1, generator: 1.1, real: 0.6, fake: 0.35 },
 * ]);
 */
export function trainingFigure(curves: readonly TrainingPoint[], options: TrainingFigureOptions = {}): Figure {
  knownOptions("trainingFigure", options, trainingFigureOptionNames);
  nonEmpty("curves", curves, "the points of the curves");
  curves.forEach((point, p) => {
    for (const key of ["images", "discriminator", "generator", "real", "fake"] as const) {
      finite(`curves[${p}].${key}`, point[key]);
    }
  });
  const { font: em, width, line } = sizeStyle(options.size);
  const left = 4.2 * em;
  const plotWidth = width - left - 1.2 * em;
  const gapX = 5.2 * em;
  const panelWidth = (plotWidth - gapX) / 2;
  const height = 11 * em;
  const sheet = options.samples && sheetOf(options.samples);
  const sheetHeight = sheet ? (plotWidth * sheet.height) / sheet.across : 0;
  const gapY = sheet ? 4.2 * em : 0;
  const plotHeight = height + gapY + sheetHeight;
  const last = curves[curves.length - 1].images;

  const { layout, caption } = frame(options, {
    title: options.title ?? "Training of the generator",
    caption: sentences(
      sheet && `Above: ${sheet.count} images of the generator as it stands now.`,
      `After ${last.toLocaleString("en-GB")} images; each point is the mean of a stretch of steps.`,
      options.note,
    ),
    plotHeight,
    left,
    right: 1.2 * em,
    panelTitle: sheet ? 0 : 3.2 * em,
  });
  const axes: Record<string, Partial<LayoutAxis>> = {};
  const data: Data[] = [];
  panels.forEach((panel, index) => {
    const suffix = axisSuffix(index);
    const start = index * (panelWidth + gapX);
    axes[`xaxis${suffix}`] = axisStyle("Images seen", em, {
      domain: [start / plotWidth, Math.min(1, (start + panelWidth) / plotWidth)],
      anchor: `y${suffix}` as "y",
      range: [0, Math.max(last, options.images ?? 0)],
      nticks: 5,
      tickformat: "~s",
    });
    axes[`yaxis${suffix}`] = axisStyle(panel.unit, em, {
      domain: [0, height / plotHeight],
      anchor: `x${suffix}` as "x",
      range: index === 1 ? [0, 1] : lossRange(curves),
      nticks: 6,
    });
    for (const { of, name, colour, dash } of panel.curves) {
      data.push({
        type: "scatter",
        mode: curves.length === 1 ? "markers" : "lines",
        name,
        showlegend: false,
        xaxis: `x${suffix}`,
        yaxis: `y${suffix}`,
        x: curves.map((point) => point.images),
        y: curves.map((point) => point[of]),
        line: { color: colour, width: 0.8 * line, dash },
        hovertemplate: `${name} %{y:.3f}<br>%{x:,} images<extra></extra>`,
      });
    }
  });
  // The names of the curves stand above their panel, in their colours: one legend for two panels would say less.
  const titles = panels.map(({ title, curves: named }, index) => {
    const keys = named.map(
      ({ name, colour, dash }) => `<span style="color:${colour}">${dash === "solid" ? "—" : "- -"} ${name}</span>`,
    );
    return panelTitle(`<b>${title}</b><br>${keys.join("  ")}`, index, { size: 0.92 * em, color: ink }, 0.2 * em);
  });
  const annotated = withAnnotations(
    { ...layout, ...axes },
    titles.map((title) => ({ ...title, align: "left" as const })),
  );
  if (!sheet) return { data, layout: annotated, caption };
  const hidden: Partial<LayoutAxis> = { visible: false, fixedrange: true };
  const { source } = sheet;
  return {
    data: [...data, { type: "image", source, xaxis: "x3", yaxis: "y3", hoverinfo: "skip" } as unknown as Data],
    layout: {
      ...annotated,
      xaxis3: { ...hidden, anchor: "y3", range: [-0.5, sheet.across - 0.5] },
      yaxis3: { ...hidden, anchor: "x3", range: [sheet.height - 0.5, -0.5], domain: [1 - sheetHeight / plotHeight, 1] },
    },
    caption,
  };
}

/** Samples side by side. */
const sheetColumns = 8;

/** Samples as one picture; `across` is how wide one of whole rows is, so that a few samples do not fill the page. */
function sheetOf({ images, shape }: TrainingSamples) {
  const { count, size } = imagesShape(shape);
  const gap = tileGap(size);
  const { width, height, pixels } = imageSheet(images, size, { columns: sheetColumns, gap });
  return { count, across: sheetColumns * (size + gap) - gap, height, source: pngAddress(pngOf(pixels, width, height)) };
}

/** From 0 to somewhat above the largest loss. */
function lossRange(curves: readonly TrainingPoint[]): [number, number] {
  const [, high] = extent(curves.flatMap(({ discriminator, generator }) => [discriminator, generator]));
  return [0, paddedRange([0, high])[1]];
}
