// Makes the pictures of the gallery (docs/figures.md), docs/figures/*.png, from the networks that come with the package:
// `npm run build && node scripts/gallery.mjs` (some minutes; needs Chromium). Equal code and data give equal bytes with the
// same Chromium.
import { readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import {
  attributionCurves,
  clusterUnits,
  communities,
  lesioned,
  unitActivations,
  unitCorrelation,
  unitMagnitudes,
  unitMap,
} from "../dist/analysis.js";
import {
  expertsFigures,
  ganControls,
  ganSettings,
  mlpFigures,
  runExpertsExperiment,
  runMlpExperiment,
} from "../dist/experiments.js";
import {
  attributionCurvesFigure,
  communitiesFigure,
  facesFigure,
  forestFigure,
  hierarchyFigure,
  unitMapFigure,
} from "../dist/figures.js";
import { generatorCheckpoint, generatorGame } from "../dist/generators.js";
import * as library from "../dist/index.js";
import {
  additivityFigure,
  checkpoint,
  contributionBarsFigure,
  convergenceFigure,
  interactionCircleFigure,
  interactionMatrixFigure,
  interactions,
  layerModesFigure,
  layerSumsFigure,
  lesionsFigure,
  loadInputs,
  mlpGame,
  modeHeatmapFigure,
  saveModesGif,
  shapley,
} from "../dist/index.js";
import { closeChromium, renderStatic } from "../dist/render.js";
import { gamesFigures } from "./gallery-games.mjs";
import { pruningFigure } from "./gallery-pruning.mjs";

const experiment = await runMlpExperiment({ profile: "default", seed: 1, workers: 2 });
const { modes } = experiment.analyses.find(({ regulariser, width }) => regulariser === "l2" && width === 50);
const named = { score: "class precision", unitTitle: "Hidden unit" };
/** A figure of the committed notebook 05, by its title. */
const notebook = JSON.parse(readFileSync(new URL("../notebooks/05-your-own-network.ipynb", import.meta.url), "utf8"));
const shown = notebook.cells
  .flatMap((cell) => cell.outputs ?? [])
  .map(({ data }) => data?.["application/vnd.plotly.v1+json"]);
const octaves = shown.find((figure) => JSON.stringify(figure?.layout.title ?? "").includes("Which octave"));

/** Of the published Mixtral-8x7B as well, where MSA_XAI_DIR names a folder of it. */
const experts = expertsFigures(await runExpertsExperiment({ profile: "default", seed: 1, workers: 2 }));

/** How the 30 hidden units of a network with L1 work together in telling digits apart. */
const small = await checkpoint({ regulariser: "l1", width: 30, trial: 0 });
const pairs = await interactions(await mlpGame(small, loadInputs("mnist-test:0-1023"), { score: "class-accuracy" }));
const ofDigits = { quantity: "SII of class accuracy", note: "L1, n = 30, mean over ten digits." };

const generator = await generatorCheckpoint();
const settings = ganSettings("default");
const game = generatorGame(generator, { faces: 4, seed: 1 });
const faces = await shapley(game, { estimator: "antithetic", orderings: 80, workers: 2 });
const painting = faces.select(faces.units.filter((unit) => !unit.startsWith("layer5/")));
const found = await communities(painting);
const largest = found.members.slice(0, 3);
const { intact, lesioned: without } = await lesioned(game, largest);
const played = await mlpGame(
  await checkpoint({ width: 50, regulariser: "l2", trial: 0 }),
  loadInputs("mnist-test:0-1023"),
);
const stopped = [];
for (const estimator of ["permutation", "antithetic", "leverage"]) {
  const run = await shapley(played, {
    estimator,
    until: { standardError: 0.005 },
    orderings: 1000,
    onRemark: () => {},
  });
  stopped.push({ name: estimator, provenance: run.provenance });
}
const { reference, controls } = await ganControls(generator, settings, { workers: 2 });

/** A ranking of the 50 hidden units of a network with L1, and the curves of other images. */
const hubs = await checkpoint({ regulariser: "l1", width: 50, trial: 0 });
const seen = loadInputs("mnist-test:0-1023");
const ranked = await shapley(await mlpGame(hubs, seen, { score: "class-accuracy" }), { orderings: 400, blocks: 50 });
const curves = await attributionCurves(
  await mlpGame(hubs, loadInputs("mnist-test:1024-4095"), { score: "class-accuracy" }),
  {
    Shapley: ranked,
    Magnitude: unitMagnitudes(hubs),
    Activation: await unitActivations(hubs, seen, { sites: ["hidden"] }),
  },
  { random: 100 },
);
const { assignment: groups } = clusterUnits(ranked, { clusters: 6 });

const figures = {
  ...(await gamesFigures(library)),
  faces: facesFigure(faces.vAll, faces.outputShape),
  additivity: additivityFigure(faces),
  layers: layerModesFigure(faces, { rows: 4 }),
  sums: layerSumsFigure(faces, { faces: [0] }),
  hierarchy: hierarchyFigure([{ ...reference, name: "Trained on faces" }, ...controls], { apart: ["layer5"] }),
  communities: communitiesFigure({
    units: painting.units,
    correlation: unitCorrelation(painting),
    communities: found,
  }),
  lesions: lesionsFigure(
    largest.map((members, c) => ({
      name: `Community ${c + 1}`,
      note: `${members.length} filters`,
      intact,
      lesioned: without[c],
    })),
    { shape: game.outputShape },
  ),
  ...Object.fromEntries(Object.entries(mlpFigures(experiment)).map(([name, figure]) => [name.toLowerCase(), figure])),
  mode: modeHeatmapFigure(
    { title: "L2, n = 50", units: modes.units, values: modes.values, outputs: [..."0123456789"] },
    { ...named, outputTitle: "Digit" },
  ),
  maps: { data: octaves.data, layout: octaves.layout },
  interactions: interactionMatrixFigure(pairs.matrix(), ofDigits),
  circle: interactionCircleFigure(pairs.matrix(), {
    ...ofDigits,
    contributions: pairs.modes.meanOverOutputs().values,
  }),
  bars: contributionBarsFigure(modes.meanOverOutputs(), { ...named, top: 16 }),
  forest: forestFigure((await shapley(played, { orderings: 1000, seed: 1 })).meanOverOutputs(), { ...named, top: 16 }),
  convergence: convergenceFigure(stopped),
  curves: attributionCurvesFigure(curves, {
    score: "Accuracy",
    note: "L1, 50 hidden units; ranked on 1024 images, drawn on 3072 others.",
  }),
  "unit-map": unitMapFigure(await unitMap(ranked), {
    groups,
    contributions: ranked.meanOverOutputs().values,
    note: "L1, 50 hidden units, class accuracy of ten digits.",
  }),
  pruning: await pruningFigure(),
  c2: experts.C2,
  c5: experts.C5,
};

for (const [name, figure] of Object.entries(figures)) {
  const path = fileURLToPath(new URL(`../docs/figures/${name}.png`, import.meta.url));
  const png = await renderStatic(figure, "png", { scale: 1.25 });
  await sharp(png).png({ palette: true, compressionLevel: 9, effort: 10, dither: 0 }).toFile(path);
  console.log(`${name}.png ${(statSync(path).size / 1000).toFixed(0)} kB`);
}
await saveModesGif(faces, fileURLToPath(new URL("../docs/figures/modes.gif", import.meta.url)), {
  layer: "layer3",
  face: 0,
});
await closeChromium();
