// The order of the rooms (README, "Inside"): a room imports only from rooms named before it.
const rooms = [
  "coalitions",
  "games",
  "formats",
  "modes",
  "estimators",
  "datasets",
  "tensors",
  "networks",
  "lesion",
  "engine",
  "analysis",
  "figures",
  "experiments",
  "notebook",
  "bench",
  "cli",
];

// What lies on the ground, below all rooms.
const ground = [
  "index",
  "abort",
  "errors",
  "escape-html",
  "files",
  "json",
  "lock",
  "native-calls",
  "nearest-names",
  "options",
  "output-path",
  "package",
  "pace",
  "parts",
  "remark",
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
      to: { path: `^src/(${rooms.slice(index + 1).join("|")}|index)([./]|$)` },
    })),
    {
      name: "no-room-outside-the-plan",
      severity: "error",
      from: {
        path: `^src/(?!(${rooms.join("|")})/|(${ground.join("|")})\\.ts$)`,
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
