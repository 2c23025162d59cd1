import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { randomStream } from "../../coalitions/random-streams.js";
import { invalid, notNegative, positiveInteger, validSeed } from "../../errors.js";
import { knownOptions, type OptionNames } from "../../options.js";
import { type ObservedLesions, observedLesions } from "./observed-lesions.js";

/** Options of {@link simulatedPatients}. */
export interface SimulatedPatientsOptions {
  /** How many; default 150. */
  readonly patients?: number;
  /** How many regions, on a ring; default 16. */
  readonly regions?: number;
  /** What is lost when a region is wholly lesioned, by its number; default `{ 2: 20, 7: 12, 12: 8 }`. */
  readonly effects?: Readonly<Record<number, number>>;
  /**
   * Pairs of regions, and what is lost beyond their effects when both are wholly lesioned: positive where either is
   * enough for what both do, negative where each needs the other. Default regions 5 and 10: 24.
   */
  readonly pairs?: readonly (readonly [a: number, b: number, lost: number])[];
  /** The score of somebody without a lesion; default 100. */
  readonly intact?: number;
  /** Standard deviation of what else patients differ in; default 5. */
  readonly noise?: number;
  /** Mean half width of a lesion, in regions; default 1.5. */
  readonly extent?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** The names of `SimulatedPatientsOptions`. */
export const simulatedPatientsOptionNames: OptionNames<SimulatedPatientsOptions> = {
  patients: true,
  regions: true,
  effects: true,
  pairs: true,
  intact: true,
  noise: true,
  extent: true,
  seed: true,
};

/** Simulated patients, and what is true of them. */
export interface SimulatedPatients {
  readonly data: ObservedLesions;
  /** Shapley value of each region: its effect, and half of what each of its pairs loses, `[regions]`. */
  readonly truth: Float64Array;
  /** Names of the regions that contribute. */
  readonly contributing: readonly string[];
}

/**
 * Patients with one or two lesions each, of which the truth is known. Regions stand on a ring, a lesion has a place and
 * a width and takes neighbours along, as strokes do in the territory of an artery. score = intact - effects x lesioned
 * shares - pairs x products of shares + noise.
 *
 * @throws RangeError for options out of range
 * @example
 * const { data, truth, contributing } = simulatedPatients({ patients: 200, seed: 1 });
 */
export function simulatedPatients(options: SimulatedPatientsOptions = {}): SimulatedPatients {
  knownOptions("simulatedPatients", options, simulatedPatientsOptionNames);
  const count = positiveInteger("patients", options.patients ?? 150);
  const regions = positiveInteger("regions", options.regions ?? 16);
  const { effects = { 2: 20, 7: 12, 12: 8 }, pairs = [[5, 10, 24]], intact = 100 } = options;
  const noise = notNegative("noise", options.noise ?? 5);
  const extent = notNegative("extent", options.extent ?? 1.5);
  const random = randomStream(validSeed(options.seed ?? 1));
  if (!Number.isFinite(intact)) throw invalid("intact", "a finite number", intact);
  const strange = Object.entries(effects).find(([, lost]) => !Number.isFinite(lost));
  if (strange) throw invalid(`effect of region ${strange[0]}`, "a finite number, what is lost", strange[1]);
  const odd = pairs.find((pair) => pair?.length !== 3 || !Number.isFinite(pair[2]));
  if (odd) throw invalid("pair", "two regions and what is lost beyond their effects: [a, b, lost]", odd);
  for (const region of [...Object.keys(effects).map(Number), ...pairs.map(([a]) => a), ...pairs.map(([, b]) => b)]) {
    if (!(Number.isInteger(region) && region >= 0 && region < regions))
      throw invalid("region", `a number from 0 to ${regions - 1}`, region);
  }
  const uniform = () => uniformFloat64(random);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const lesions = Array.from({ length: count }, () => {
    const shares = new Float64Array(regions);
    for (let lesion = uniform() < 0.5 ? 1 : 2; lesion > 0; lesion--) {
      const centre = uniform() * regions;
      const width = 0.3 - extent * Math.log(1 - uniform());
      for (let r = 0; r < regions; r++) {
        const straight = Math.abs(r + 0.5 - centre);
        const distance = Math.min(straight, regions - straight);
        shares[r] = Math.max(shares[r], Math.min(1, Math.max(0, (width - distance + 0.5) * (0.7 + 0.3 * uniform()))));
      }
    }
    return shares;
  });
  const scores = lesions.map((shares) => {
    let score = intact + noise * normal();
    for (const [region, lost] of Object.entries(effects)) score -= lost * shares[Number(region)];
    for (const [a, b, lost] of pairs) score -= lost * shares[a] * shares[b];
    return score;
  });
  const truth = new Float64Array(regions);
  for (const [region, lost] of Object.entries(effects)) truth[Number(region)] += lost;
  for (const [a, b, lost] of pairs) for (const region of [a, b]) truth[region] += lost / 2;
  const names = Array.from({ length: regions }, (_, r) => `region ${r}`);
  return {
    data: observedLesions({ regions: names, lesions, scores }),
    truth,
    contributing: names.filter((_, r) => truth[r] !== 0),
  };
}
