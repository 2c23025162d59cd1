import { type LabelledInputs, loadInputs } from "../../datasets/inputs.js";
import { FileError, oneOf } from "../../errors.js";
import { type CheckpointName, checkpoint, listCheckpoints } from "../../networks/mlp/checkpoints.js";
import { loadMlp } from "../../networks/mlp/file.js";
import type { Mlp } from "../../networks/mlp/mlp.js";
import { publishedNetworks } from "../../networks/mlp/msa-xai-folder.js";
import { regularisers } from "../../networks/mlp/regulariser.js";
import { trainMlp } from "../../networks/mlp/train.js";

/** How much of the MLP experiment is done. */
export const mlpProfiles = ["smoke", "default", "paper"] as const;
/**
 * "smoke": the networks of 10 and 50 units that come with the package, one of each kind, and one of 10 units trained on
 * the spot; for a look at everything within a minute. "default": all that come with the package: one of each kind of
 * every width of the paper, 5, 10, ..., 200, and three of the widths 10, 50, 105 and 200. "paper": all that lies in the
 * folder that the environment variable MSA_XAI_DIR names (a copy of the authors' MSA-XAI repository), else the paper's
 * 1200 networks (widths 5, 10, ..., 200, ten of each kind), trained here, which takes hours.
 */
export type MlpProfile = (typeof mlpProfiles)[number];

/** One network of the experiment, and where it comes from. */
export interface MlpSource extends CheckpointName {
  readonly origin: "checkpoint" | "published" | "trained here";
  /**
   * Whether it was trained as the paper's were, to the end, so that its numbers can be held against the published ones.
   */
  readonly comparable: boolean;
  /** Reads or trains it. */
  load(signal?: AbortSignal): Promise<Mlp>;
}

/** Orderings that a profile plays for each network when nothing else is asked for; the paper's number is 1000. */
export const profileOrderings: Readonly<Record<MlpProfile, number>> = { smoke: 200, default: 1000, paper: 1000 };

/**
 * The networks of a profile, in the order of the figures; nothing is read or trained yet.
 *
 * @param publishedFolder for "paper": the authors' folder; default the environment variable MSA_XAI_DIR
 */
export function mlpSources(profile: MlpProfile, publishedFolder = process.env.MSA_XAI_DIR): MlpSource[] {
  oneOf("profile", mlpProfiles, profile);
  if (profile === "paper") {
    if (!publishedFolder) return everyKind(widthsOfThePaper, 10).map((name) => trainedHere(name, epochsOfThePaper));
    const networks = publishedNetworks(publishedFolder);
    const missing = regularisers.find((name) => networks.every((network) => network.regulariser !== name));
    if (missing) throw new FileError(publishedFolder, `holds no networks of the regulariser ${missing}`);
    return networks.map((network) => ({
      ...network,
      origin: "published" as const,
      comparable: true,
      load: () => loadMlp(network.path),
    }));
  }
  const known = listCheckpoints().map(({ width, regulariser, seed }) => ({ width, regulariser, trial: seed }));
  const wanted =
    profile === "smoke" ? known.filter(({ width, trial }) => smokeWidths.includes(width) && trial === 0) : known;
  const live = profile === "smoke" ? [trainedHere({ width: 10, regulariser: "none", trial: 1 }, 1)] : [];
  return [
    ...wanted.map((name) => ({
      ...name,
      origin: "checkpoint" as const,
      comparable: true,
      load: () => checkpoint(name),
    })),
    ...live,
  ];
}

const smokeWidths = [10, 50];
const epochsOfThePaper = 6;
const widthsOfThePaper = Array.from({ length: 40 }, (_, i) => 5 * (i + 1));

function everyKind(widths: readonly number[], trials: number): CheckpointName[] {
  return regularisers.flatMap((regulariser) =>
    widths.flatMap((width) => Array.from({ length: trials }, (_, trial) => ({ width, regulariser, trial }))),
  );
}

/** The training images: read when the first network is trained, for all of them. */
let trainingSet: LabelledInputs | undefined;

function trainedHere(name: CheckpointName, epochs: number): MlpSource {
  return {
    ...name,
    origin: "trained here",
    comparable: epochs === epochsOfThePaper,
    async load(signal) {
      const { width: hidden, regulariser, trial: seed } = name;
      const options = { hidden, regulariser, seed, epochs, ...(signal && { signal }) };
      trainingSet ??= loadInputs("mnist-train");
      return (await trainMlp(trainingSet, options)).mlp;
    },
  };
}
