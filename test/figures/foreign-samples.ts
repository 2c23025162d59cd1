import type { Figure } from "../../src/figures/kit/figure.js";

const long = [
  "encoder block one, attention",
  "encoder block one, feed forward",
  "decoder/block_2/cross_attention/output_projection",
  "classifier",
  "a residual connection around the whole of the second decoder block",
];
const steps = (count: number, of: (i: number) => number) => Array.from({ length: count }, (_, i) => of(i));

/** Figures as people write them for Plotly, none made by this package. */
const plain: Record<string, object> = {
  "scatter with long names of categories": {
    data: [{ type: "scatter", mode: "markers", x: [3, 1, 4, 1, 5], y: long, name: "measured" }],
    layout: {
      title: { text: "Contribution of each part of the network to its accuracy" },
      xaxis: { title: { text: "contribution" } },
    },
  },
  "bars with a legend on the right": {
    data: ["trained with dropout", "trained with weight decay", "untrained", "trained without anything"].map(
      (name, n) => ({
        type: "bar",
        name,
        x: long,
        y: steps(5, (i) => 1 + ((i * 7 + n * 3) % 5)),
      }),
    ),
    layout: {
      title: "Accuracy by part and by training",
      width: 900,
      height: 500,
      yaxis: { title: "accuracy of the lesioned network" },
    },
  },
  "subplots with titles that are annotations": {
    data: [1, 2, 3, 4].map((n) => ({
      y: steps(20, (i) => Math.sin(i / n)),
      xaxis: `x${n}`,
      yaxis: `y${n}`,
      name: `series ${n}`,
    })),
    layout: {
      title: { text: "Four measures of four networks" },
      ...Object.fromEntries(
        [1, 2, 3, 4].flatMap((n) => {
          const column = (n - 1) % 2 === 0 ? [0, 0.45] : [0.55, 1];
          const row = n < 3 ? [0.625, 1] : [0, 0.375];
          return [
            [`xaxis${n}`, { anchor: `y${n}`, domain: column }],
            [`yaxis${n}`, { anchor: `x${n}`, domain: row }],
          ];
        }),
      ),
      annotations: [
        "Accuracy of the intact network",
        "Accuracy without its hubs",
        "Entropy of the output layer",
        "Correlation of the modes",
      ].map((text, n) => ({
        text,
        x: n % 2 === 0 ? 0.225 : 0.775,
        y: n < 2 ? 1 : 0.375,
        xref: "paper",
        yref: "paper",
        xanchor: "center",
        yanchor: "bottom",
        showarrow: false,
        font: { size: 16 },
      })),
    },
  },
  "heat map with long labels": {
    data: [
      {
        type: "heatmap",
        x: long,
        y: long,
        z: long.map((_, i) => long.map((__, j) => Math.cos(i - j))),
        colorbar: { title: { text: "correlation of the contributions" } },
      },
    ],
    layout: { title: { text: "Correlation" } },
  },
  "surface in space": {
    data: [{ type: "surface", z: steps(20, (i) => i).map((i) => steps(20, (j) => Math.sin(i / 3) * Math.cos(j / 4))) }],
    layout: {
      title: { text: "Loss around the minimum, in two random directions" },
      scene: {
        xaxis: { title: { text: "first direction" } },
        yaxis: { title: { text: "second direction" } },
        zaxis: { title: { text: "loss" } },
      },
    },
  },
  pie: {
    data: [{ type: "pie", labels: long, values: [5, 4, 3, 2, 1] }],
    layout: { title: { text: "Share of the sum of contributions" } },
  },
  boxes: {
    data: long.map((name, n) => ({ type: "box", name, y: steps(30, (i) => ((i * 37 + n * 11) % 23) + n) })),
    layout: { title: { text: "Spread over thirty trials" }, showlegend: false },
  },
  polar: {
    data: [
      { type: "scatterpolar", r: [3, 1, 4, 1, 5], theta: long, fill: "toself", name: "trained" },
      { type: "scatterpolar", r: [1, 2, 1, 2, 1], theta: long, fill: "toself", name: "untrained" },
    ],
    layout: { title: { text: "Profile" } },
  },
  "three vertical axes": {
    data: [
      { y: [1, 2, 3], name: "accuracy of the network" },
      { y: [40, 50, 60], name: "loss on the training set", yaxis: "y2" },
      { y: [4000, 5000, 6000], name: "evaluations of the game", yaxis: "y3" },
    ],
    layout: {
      title: { text: "Three scales" },
      xaxis: { domain: [0, 0.8], title: { text: "epoch" } },
      yaxis: { title: { text: "accuracy" } },
      yaxis2: { title: { text: "loss" }, overlaying: "y", side: "right" },
      yaxis3: { title: { text: "evaluations" }, overlaying: "y", side: "right", anchor: "free", position: 1 },
    },
  },
  "notes with arrows": {
    data: [{ x: steps(12, (i) => i), y: steps(12, (i) => i * i), mode: "lines+markers" }],
    layout: {
      title: {
        text: "What happened when: a rather long heading of a figure with notes<br><sub>and a line below it</sub>",
      },
      annotations: [
        { x: 11, y: 121, text: "here the learning rate was divided by ten", showarrow: true, ax: 40, ay: -40 },
        { x: 0, y: 0, text: "the start of the training", showarrow: true, ax: -60, ay: -30 },
        {
          x: 0.5,
          y: -0.25,
          xref: "paper",
          yref: "paper",
          text: "Source: thirty trainings on the same data, by the same recipe",
          showarrow: false,
        },
      ],
    },
  },
  "many numbered names": {
    data: [{ type: "bar", x: steps(40, (i) => i).map((i) => `hidden/${i}`), y: steps(40, (i) => (i * 13) % 17) }],
    layout: {
      title: { text: "Forty units" },
      yaxis: { tickformat: ".3e", title: { text: "contribution" } },
      margin: { l: 20, r: 20, t: 30, b: 20 },
    },
  },
  "dates, and labels across": {
    data: [
      {
        type: "bar",
        orientation: "h",
        y: ["2024-01-01", "2024-02-01", "2024-03-01"],
        x: [1e6, 2e6, 3e6],
        name: "by month",
      },
    ],
    layout: { xaxis: { tickformat: ",d", title: { text: "evaluations in a month" } }, showlegend: true },
  },
};

/** The same, with their names. */
export const foreignSamples = Object.entries(plain).map(([name, figure]) => ({ name, figure: figure as Figure }));
