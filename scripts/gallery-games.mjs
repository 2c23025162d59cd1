/**
 * The gallery's figures that need no network: small games of functions, played anew each time.
 *
 * @param library what `shapley-modes` exports
 */
export async function gamesFigures(library) {
  const { beeswarmFigure, gameFrom, modeLinesFigure, seeded, shapley, tokenHeatmapFigure, waterfallFigure } = library;

  // A tank that is filled and drained, second by second: what each part does to the volume in the course of time.
  const tank = await gameFrom(["inflow", "pump", "leak", "overflow"], (intact) => {
    const volumes = [];
    let volume = 1;
    for (let second = 0; second < 60; second++) {
      if (intact.has("inflow")) volume += 0.12;
      if (intact.has("pump") && Math.floor(second / 10) % 2 === 1) volume -= Math.min(volume, 0.2);
      if (intact.has("leak")) volume *= 0.985;
      if (intact.has("overflow")) volume = Math.min(volume, 2.5);
      volumes.push(volume);
    }
    return volumes;
  });
  const course = await shapley(tank, { orderings: 40 });
  const lines = modeLinesFigure(
    course.units.map((unit) => ({ ...course.unit(unit) })),
    {
      axis: { title: "Time (s)", from: 1, to: 60 },
      score: "volume (l)",
      confidence: true,
      title: "What every part of a simulated tank does to its volume",
    },
  );

  // A sentence whose words change each other's meaning.
  const tokens = "the actors are brilliant , the plot is not bad at all , only the end felt too long".split(" ");
  const words = { brilliant: 2, bad: -1.5, long: -0.6, felt: -0.1, only: -0.1 };
  const names = tokens.map((token, place) => `${place} ${token}`);
  const review = await gameFrom(names, (intact) => {
    const there = (place) => intact.has(place);
    return tokens.reduce((sum, token, place) => {
      if (!there(place) || words[token] === undefined) return sum;
      const before = place > 0 && there(place - 1) ? tokens[place - 1] : "";
      return sum + words[token] * (before === "not" ? -0.5 : before === "too" ? 2 : 1);
    }, 0);
  });
  const meaning = await shapley(review, { orderings: 500 });
  const text = tokenHeatmapFigure({ tokens, values: meaning.values }, { score: "log-odds of a good review" });
  const told = names
    .map((_, place) => place)
    .filter((place) => meaning.values[place] !== 0)
    .map((place) => names[place]);
  const part = meaning.select(told);
  const waterfall = waterfallFigure(
    {
      units: part.units.map((name) => name.replace(/^\d+ /, "")),
      values: part.values,
      standardErrors: part.standardErrors,
    },
    {
      score: "log-odds of a good review",
      unitTitle: "Word",
      confidence: true,
      title: "How the words make up a review",
    },
  );

  // A rule of four measurements, for 150 patients.
  const random = seeded(4);
  const measured = ["age", "pressure", "sugar", "weight"];
  const patients = Array.from({ length: 150 }, () => Array.from(random.normals(measured.length)));
  const risk = await gameFrom(measured, (intact) =>
    patients.map((patient) => {
      const [age, pressure, sugar, weight] = patient.map((value, i) => (intact.has(i) ? value : 0));
      return 1 / (1 + Math.exp(-(0.9 * age + 0.7 * pressure + Math.max(0, sugar) * (1 + 0.8 * weight) - 1)));
    }),
  );
  const risks = await shapley(risk, { estimator: "exact" });
  const beeswarm = beeswarmFigure(
    {
      units: measured,
      values: risks.values,
      levels: measured.flatMap((_, i) => patients.map((patient) => patient[i])),
    },
    { score: "predicted risk", unitTitle: "Measurement", levelTitle: "Measurement" },
  );
  return { lines, waterfall, beeswarm, tokens: text };
}
