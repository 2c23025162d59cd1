import type { LabelledInputs } from "../datasets/inputs.js";
import { type ShapleyOptions, shapley } from "../engine/shapley.js";
import { invalid, wrongKind } from "../errors.js";
import type { Numbers } from "../formats/numbers.js";
import type { JsonObject } from "../json.js";
import { gameInputs } from "../lesion/game-inputs.js";
import type { Lesion } from "../lesion/lesion.js";
import { namedSites } from "../lesion/named-sites.js";
import { type NetworkGameOptions, networkGame } from "../lesion/network-game.js";
import type { NamedScore } from "../lesion/output-score.js";
import type { UnitMatrix } from "../modes/interactions.js";
import type { ShapleyModes } from "../modes/shapley-modes.js";
import { rowsBetween } from "../networks/input-rows.js";
import type { InputRows, Network, NetworkInputs, Site } from "../networks/network.js";
import { withSiteOutputs } from "../networks/site-outputs.js";
import { knownOptions, type OptionNames } from "../options.js";
import { shapeSize } from "../shape-size.js";

/** Options of {@link causalInfluences}. */
export interface CausalInfluencesOptions
  extends Pick<
    ShapleyOptions,
    "estimator" | "orderings" | "evaluations" | "seed" | "workers" | "signal" | "progress" | "onRemark"
  > {
  /**
   * Sites whose units influence each other, by name, or `{ label: name }`: at least two, one of which depends on
   * another.
   */
  readonly sites: NetworkGameOptions["sites"];
  /** What takes the place of a lesioned unit's values; default "zero". */
  readonly lesion?: Lesion;
  /** Bytes of tensors that one pass may take, as for `networkGame`. */
  readonly memory?: number;
}

/** The names of `CausalInfluencesOptions`. */
export const causalInfluencesOptionNames: OptionNames<CausalInfluencesOptions> = {
  sites: true,
  lesion: true,
  memory: true,
  estimator: true,
  orderings: true,
  evaluations: true,
  seed: true,
  workers: true,
  signal: true,
  progress: true,
  onRemark: true,
};

/** What every unit does to the activity of every other one. */
export interface CausalInfluences extends UnitMatrix {
  /**
   * `[from][to]`: the Shapley value of unit `from` for the activity of unit `to`; 0 where nothing leads there, and on
   * the diagonal.
   */
  readonly values: readonly (readonly number[])[];
  /** `[from][to]` */
  readonly standardErrors: readonly (readonly number[])[];
  /**
   * For each site that depends on others, by its label: the modes of their units, outputs being the site's units in
   * order.
   */
  readonly modes: Readonly<Record<string, ShapleyModes>>;
  readonly provenance: JsonObject;
}

/** Most units, whose matrix is in memory. */
const mostUnits = 4096;

/**
 * What each unit of a network does to each other's activity: for every unit a game of all units before it, whose value
 * is what the unit holds, averaged over the inputs and, for a channel, over its positions; a unit's influence is its
 * Shapley value there (msapy's causal influences). The target itself is never lesioned. All units of a site are targets
 * of one game, since none of them changes another one of the same site. `workers` play each of these games where the
 * network was read from a file.
 *
 * @param inputs as for `networkGame`
 * @throws TypeError, RangeError for sites of which none depends on another, and for what `networkGame` and `shapley`
 *   refuse
 * @example
 * const network = mlpNetwork([
 *   { weights: Float32Array.of(1, 0, 0, 1), biases: new Float32Array(2) }, // hidden1/0 and hidden1/1 pass the two inputs on
 *   { weights: Float32Array.of(2, 0, 1, 3), biases: new Float32Array(2) }, // hidden2/0 = 2 hidden1/0
 *   { weights: Float32Array.of(1, 1), biases: new Float32Array(1) },
 * ], 0);
 * const { values } = await causalInfluences(network, Float32Array.of(1, 1), { sites: ["hidden1", "hidden2"], estimator: "exact" });
 * values[0][2]; // 2: what hidden1/0 does to hidden2/0
 */
export async function causalInfluences(
  network: Network,
  inputs: NetworkInputs | LabelledInputs<Numbers>,
  options: CausalInfluencesOptions,
): Promise<CausalInfluences> {
  knownOptions("causalInfluences", options, causalInfluencesOptionNames);
  if (typeof network?.prepare !== "function") throw wrongKind("network", "a network, as loadOnnx gives one", network);
  const { sites: wanted, lesion = "zero", memory, ...run } = options;
  const { rows } = gameInputs(network, inputs);
  const place = new Map(network.sites.map(({ name }, at) => [name, at]));
  const chosen = namedSites(network, wanted);
  chosen.sort((a, b) => (place.get(a.site.name) ?? 0) - (place.get(b.site.name) ?? 0));
  const units = chosen.flatMap(({ label, site }) => Array.from({ length: site.units }, (_, u) => `${label}/${u}`));
  if (units.length > mostUnits) throw invalid("sites", `at most ${mostUnits} units in all`, units.length);
  const index = new Map(units.map((unit, u) => [unit, u]));
  const opened = withSiteOutputs(
    network,
    chosen.map(({ site }) => site),
  );

  const targets: { label: string; site: Site; sources: typeof chosen }[] = [];
  for (const [at, { label, site }] of chosen.entries()) {
    const sources: typeof chosen = [];
    for (const before of chosen.slice(0, at)) {
      if (await dependsOn(opened, rows, before.site, site)) sources.push(before);
    }
    if (sources.length > 0) targets.push({ label, site, sources });
  }
  if (targets.length === 0) {
    const names = chosen.map(({ site }) => site.name);
    throw invalid("sites", "at least one that depends on another one of them", names);
  }

  const square = () => units.map(() => new Array<number>(units.length).fill(0));
  const [values, standardErrors] = [square(), square()];
  const modes: Record<string, ShapleyModes> = {};
  const provenance: Record<string, JsonObject> = {};
  for (const { label, site, sources } of targets) {
    const game = await networkGame(opened, inputs, {
      sites: Object.fromEntries(sources.map((source) => [source.label, source.site.name])),
      lesion,
      output: site.name,
      score: activityOf(site),
      ...(memory !== undefined && { memory }),
      ...(run.onRemark && { onRemark: run.onRemark }),
    });
    try {
      const found = await shapley(game, run);
      modes[label] = found;
      provenance[label] = found.provenance;
      found.units.forEach((unit, u) => {
        const from = index.get(unit) as number;
        for (let to = 0; to < site.units; to++) {
          const target = index.get(`${label}/${to}`) as number;
          values[from][target] = found.values[u * site.units + to];
          standardErrors[from][target] = found.standardErrors?.[u * site.units + to] ?? Number.NaN;
        }
      });
    } finally {
      game.dispose();
    }
  }
  return { units, values, standardErrors, modes, provenance };
}

/** Whether a site's value changes with another one's lesions: where not, the network refuses to be prepared so. */
async function dependsOn(network: Network, rows: InputRows, source: Site, target: Site): Promise<boolean> {
  const replacement = new Float32Array(shapeSize(source.shape));
  try {
    const prepared = await network.prepare(rowsBetween(rows, 0, 1), [{ site: source, replacement }], target.name);
    prepared.dispose();
    return true;
  } catch (error) {
    if (error instanceof RangeError && error.message.includes(`depends on; received "${source.name}"`)) return false;
    throw error;
  }
}

/** The score of what each unit of a site holds, averaged over inputs and, for a channel, over its positions. */
function activityOf({ shape, axis }: Site): NamedScore {
  if (axis === undefined) return "mean-output";
  return `mean-output:${shape.map((_, each) => (each === axis ? "*" : "mean")).join(",")}`;
}
