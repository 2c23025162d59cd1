// The order of the rooms (docs/architecture.md): a room imports only from rooms named before it.
const rooms = [
  "coalitions",
  "games",
  "formats",
  "modes",
  "estimators",
  "datasets",
  "tensors",
  "networks",
  "decoders",
  "lesion",
  "engine",
  "jobs",
  "analysis",
  "figures",
  "pages",
  "experiments",
  "notebook",
  "bench",
  "cli",
];

// What users import: no room does.
const entries = Object.keys(require("./package.json").exports)
  .filter((place) => place !== "./package.json")
  .map((place) => (place === "." ? "index" : place.slice(2)));

// What runs in a browser too ("shapley-modes/core", "shapley-modes/figures", live pages): nothing of it imports a module of Node.
const browser = [
  "coalitions/",
  "games/(?!from-spec)",
  "modes/(glance/[^.]+|shapley-modes|columns|confidence|mode-blocks|jackknife|compare-intervals)\\.",
  "estimators/",
  "analysis/",
  "figures/(?!render/|modes-gif)",
  "engine/(shapley-here|runs/(run|block-sums|stopping|tally|settings|chunks-here|interruption)|progress/(progress|speed|modes-picture))\\.",
  "formats/(png|float16)\\.",
  "lesion/(dense-parts|dense-walk|logit-walk|wasm-logit-walk|scores|softmax|output-score|output-part)\\.",
  "networks/(mlp/(plain-forward|regulariser)|dcgan/(passes|passes-memory|latents)|onnx/lesioned-pass)\\.",
  "pages/(browser/|game-facts|game-table|generator-facts|generator-numbers|half-precision|mlp-facts|mlp-passes|onnx-facts|packed-arrays|page-content)",
  "(abort|code-checksum|errors|escape-html|json|kernel-hook|kinds|nearest-names|options|pace|quantiles|remark|shape-size|version|words)\\.",
];

// What lies on the ground, below all rooms.
const ground = [
  "abort",
  "code-checksum",
  "compiled-kernel",
  "errors",
  "escape-html",
  "files",
  "json",
  "kernel-hook",
  "kinds",
  "lock",
  "native-calls",
  "nearest-names",
  "options",
  "output-path",
  "package",
  "pace",
  "parts",
  "process-alive",
  "quantiles",
  "remark",
  "shape-size",
  "time-limit",
  "version",
  "words",
];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-circular",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    ...rooms.slice(0, -1).map((room, index) => ({
      name: `${room}-knows-no-later-room`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: `^src/(${rooms.slice(index + 1).join("|")})/` },
    })),
    {
      name: "no-room-imports-an-entry-point",
      severity: "error",
      from: { path: "^src/.*/" },
      to: { path: `^src/(${entries.join("|")})\\.ts$` },
    },
    {
      name: "what-runs-in-a-browser-needs-no-node",
      severity: "error",
      from: { path: `^src/(${browser.join("|")})` },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-room-outside-the-plan",
      severity: "error",
      from: {
        path: `^src/(?!(${rooms.join("|")})/|(${[...entries, ...ground].join("|")})\\.ts$)`,
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js"] },
  },
};
