import { join } from "node:path";
import { writeWhole } from "../../files.js";
import { canonicalJson, type Json } from "../../json.js";
import { has } from "../../kinds.js";
import { packageVersion } from "../../version.js";
import type { ExpertsClaim } from "./claim.js";
import { expertsClaims } from "./claims.js";
import { type ClaimOverDecoders, claimsOverDecoders } from "./claims-over-decoders.js";
import type { CutRow } from "./cutting.js";
import { languageNames } from "./languages.js";
import type { LesionEffects } from "./lesion-effects.js";
import type { ExpertsAnalysis, ExpertsExperiment } from "./run.js";

/** Scores of one task before and after a lesion, for a table. */
export interface LanguageLesionRow {
  readonly decoder: string;
  readonly against: LesionEffects["against"];
  /** The language whose experts are lesioned; `none` for the intact decoder. */
  readonly lesioned: string;
  /** The experts that were picked on either half of the sentences. */
  readonly experts: string;
  /** Accuracy of arithmetic and capitals, bits per byte of the languages. */
  readonly scores: Readonly<Record<string, number>>;
}

/** What `agreement.json` of the experts' experiment holds. */
export interface ExpertsAgreement {
  readonly profile: string;
  readonly orderings: number;
  readonly seed: number;
  readonly decoders: readonly string[];
  /** False where there was no folder of published contributions, and nothing is held against them. */
  readonly published: boolean;
  /** Published files whose checksums are not those of the published ones. */
  readonly changed: readonly string[];
  readonly claims: readonly ExpertsClaim[];
  /** The sentences over the small decoders, which differ by the seed of their training. */
  readonly overDecoders: readonly ClaimOverDecoders[];
  readonly lesions: readonly LanguageLesionRow[];
  /** Which experts can go, means over the decoders. */
  readonly cuts: readonly CutRow[];
}

/** Everything that an experiment found, as numbers. */
export function expertsAgreement(experiment: ExpertsExperiment): ExpertsAgreement {
  has("experiment", experiment, "an ExpertsExperiment", "settings", "seed");
  const { settings, seed, analyses, published } = experiment;
  const claims = expertsClaims(experiment);
  return {
    profile: settings.profile,
    orderings: settings.orderings,
    seed,
    decoders: settings.decoders,
    published: published !== undefined,
    changed: published?.changed ?? [],
    claims,
    overDecoders: claimsOverDecoders(claims, settings.decoders),
    lesions: analyses.flatMap(lesionRows),
    cuts: meanCuts(analyses),
  };
}

function lesionRows({ name, lesions }: ExpertsAnalysis): LanguageLesionRow[] {
  return lesions.flatMap(({ against, tasks, intact, lesions: all }) => {
    const scores = (values: Float64Array) =>
      Object.fromEntries(
        tasks.map((task, t) => [
          task,
          (languageNames as readonly string[]).includes(task) ? -values[t] / Math.LN2 : values[t],
        ]),
      );
    return [
      { decoder: name, against, lesioned: "none", experts: "", scores: scores(intact) },
      ...all.map(({ language, picked, scores: left }) => ({
        decoder: name,
        against,
        lesioned: language as string,
        experts: picked.map((half) => half.join(" ")).join(" / "),
        scores: scores(left),
      })),
    ];
  });
}

function meanCuts(analyses: readonly ExpertsAnalysis[]): CutRow[] {
  const all = analyses.map(({ cuts }) => cuts.rows);
  return all[0].map((row, r) => {
    const mean = (key: "arithmetic" | "capitals" | "bitsPerByte") =>
      all.reduce((sum, rows) => sum + rows[r][key], 0) / all.length;
    return { ...row, arithmetic: mean("arithmetic"), capitals: mean("capitals"), bitsPerByte: mean("bitsPerByte") };
  });
}

/** "9 of 12 sentences about experts hold". */
export function expertsSentence(expertsAgreement: Pick<ExpertsAgreement, "claims" | "published">): string {
  has("expertsAgreement", expertsAgreement, "an ExpertsAgreement", "claims", "published");
  const { claims, published } = expertsAgreement;
  const tested = claims.filter(({ holds }) => holds !== null);
  const held = tested.filter(({ holds }) => holds);
  const without = published ? "" : ", without the published contributions";
  return `${held.length} of ${tested.length} tests of the paper's sentences about experts hold${without}`;
}

/** The numbers as Markdown, for reading. */
export function expertsMarkdown(agreement: ExpertsAgreement): string {
  has("agreement", agreement, "an ExpertsAgreement", "profile", "orderings");
  const { profile, orderings, decoders, changed, claims, overDecoders, lesions, cuts } = agreement;
  const short = (value: number) =>
    Number.isNaN(value)
      ? "not known: nothing to divide by"
      : Number.isInteger(value)
        ? String(value)
        : value.toPrecision(3);
  const cell = (p: number | null) => (p === null ? "" : p < 0.001 ? p.toExponential(0) : p.toFixed(3));
  const verdict = (holds: boolean | null) => (holds === null ? "not known" : holds ? "yes" : "**no**");
  const tasks = Object.keys(lesions[0].scores);
  return [
    "# Experts: this run, and what was published",
    "",
    `${expertsSentence(agreement)}. Profile ${profile}, ${orderings} antithetic orderings; ${decoders.join(", ")}.`,
    ...(changed.length > 0 ? ["", `Not the published files, by their checksums: ${changed.join(", ")}.`] : []),
    "",
    "| figure | sentence | of | measured | p | holds |",
    "|---|---|---|---|---|---|",
    ...claims.map(
      ({ figure, claim, source, measured, p, holds }) =>
        `| ${figure} | ${claim} | ${source} | ${measured} | ${cell(p)} | ${verdict(holds)} |`,
    ),
    "",
    "## Over the small decoders",
    "",
    "They differ by the seed of their training alone. The interval is Student's, of 95 %, over the decoders.",
    "",
    `| figure | sentence | what is averaged | ${decoders.join(" | ")} | mean | interval | holds |`,
    `|---|---|---|${decoders.map(() => "---|").join("")}---|---|---|`,
    ...overDecoders.map(
      ({ figure, claim, quantity, values, holds, mean, low, high }) =>
        `| ${figure} | ${claim} | ${quantity} | ${values.map(short).join(" | ")} | ${short(mean)} | ${low === null || high === null ? "" : `${low.toPrecision(3)} to ${high.toPrecision(3)}`} | ${holds.filter(Boolean).length} of ${holds.length} |`,
    ),
    "",
    "## Without the experts of a language",
    "",
    "Lesion silence. Exact answers; of languages bits per byte. Experts picked on one half of the sentences / on the other, each tested on the other half.",
    "",
    `| decoder | picked by language less | lesioned | experts | ${tasks.join(" | ")} |`,
    `|---|---|---|---|${tasks.map(() => "---").join("|")}|`,
    ...lesions.map(
      ({ decoder, against, lesioned, experts, scores }) =>
        `| ${decoder} | ${against} | ${lesioned} | ${experts} | ${tasks.map((task) => scores[task].toFixed(2)).join(" | ")} |`,
    ),
    "",
    "## Which experts can go",
    "",
    "Held-out sums, differences and sentences, and capitals, all of which the decoders were trained on; experts cut out of the router (lesion reroute); means over the decoders. Layers ranked together, with as many experts left in each as a token goes to at least, or all layers evenly.",
    "",
    "| experts left | layers | ranking | sums and differences, exact | capitals, exact | bits per byte |",
    "|---|---|---|---|---|---|",
    ...cuts.map(
      ({ kept, layers, ranking, arithmetic, capitals, bitsPerByte }) =>
        `| ${kept} | ${layers} | ${ranking} | ${arithmetic.toFixed(2)} | ${capitals.toFixed(2)} | ${bitsPerByte.toFixed(2)} |`,
    ),
    "",
  ].join("\n");
}

/**
 * Writes the numbers, `agreement.json` for programs and `agreement.md` for people, and what stays of each decoder by
 * its Shapley values, `retained-NAME-COUNT.json`, and with as many in every layer `retained-NAME-COUNT-even.json`.
 * Equal runs give equal bytes.
 *
 * @param name of the first two, without the ending; default `agreement`
 */
export function writeExpertsAgreement(
  experiment: ExpertsExperiment,
  folder: string,
  name = "agreement",
): ExpertsAgreement {
  has("experiment", experiment, "an ExpertsExperiment", "settings", "seed");
  const agreement = expertsAgreement(experiment);
  const content = { ...agreement, version: packageVersion };
  writeWhole(join(folder, `${name}.json`), `${canonicalJson(content as unknown as Json)}\n`);
  writeWhole(join(folder, `${name}.md`), expertsMarkdown(agreement));
  for (const { name: decoder, cuts } of experiment.analyses) {
    for (const [ending, lists] of Object.entries({ "": cuts.retained, "-even": cuts.retainedEvenly })) {
      for (const [kept, retained] of Object.entries(lists)) {
        const path = join(folder, `retained-${decoder}-${kept}${ending}.json`);
        writeWhole(path, `${canonicalJson(retained as unknown as Json)}\n`);
      }
    }
  }
  return agreement;
}
