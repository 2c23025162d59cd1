import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ImagenetteOptions, loadImagenette } from "../../datasets/imagenette.js";
import type { LabelledInputs } from "../../datasets/inputs.js";
import { oneOf, wrongKind } from "../../errors.js";
import { writeWhole } from "../../files.js";
import { loadNetwork } from "../../networks/load-network.js";
import { type Regulariser, regularisers } from "../../networks/mlp/regulariser.js";
import type { Network } from "../../networks/network.js";
import { listResiduals, residualCheckpoint, residualFolder, residualKey } from "../../networks/residual/checkpoints.js";
import { residualOnnx } from "../../networks/residual/onnx-export.js";
import { readResidual } from "../../networks/residual/read-residual.js";
import type { Residual } from "../../networks/residual/residual.js";
import { smallResidual } from "../../networks/residual/shape.js";
import { trainResidual } from "../../networks/residual/train.js";
import { mlpProfiles } from "../mlp/sources.js";
import { imagenetteFolder } from "./images.js";
import type { CnnProfile } from "./settings.js";

/** One network of the experiment, and where it comes from. */
export interface CnnSource {
  readonly regulariser: Regulariser;
  readonly trial: number;
  readonly origin: "checkpoint" | "trained here";
  /** Reads or trains it: as a network to lesion, and its weights. */
  load(signal?: AbortSignal): Promise<{ readonly network: Network; readonly residual: Residual }>;
}

const trialsOfThePaper = 10;
const epochsOfThePaper = 50;

/**
 * The networks of a profile: those that come with a clone, in "smoke" one of each kind; for "paper" thirty that are
 * trained on Imagenette and kept in a folder, from which they are read the next time. Nothing is read or trained yet.
 *
 * @param keep for "paper": the folder for trained networks
 * @param imagenette for "paper": the folder of Imagenette; default the environment variable IMAGENETTE_DIR
 * @param options of reading it
 * @throws for "paper" RangeError where no folder is named; FileError for one that does not have all images
 */
export function cnnSources(
  profile: CnnProfile,
  keep?: string,
  imagenette: string | undefined = process.env.IMAGENETTE_DIR,
  options: Pick<ImagenetteOptions, "whole"> = {},
): CnnSource[] {
  oneOf("profile", mlpProfiles, profile);
  if (profile !== "paper") {
    const known = Object.values(listResiduals());
    return regularisers.flatMap((regulariser) =>
      known
        .filter((metrics) => metrics.regulariser === regulariser && (profile === "default" || metrics.seed === 0))
        .sort((a, b) => a.seed - b.seed)
        .map(({ seed: trial, file }): CnnSource => {
          const load = async () => ({
            network: await residualCheckpoint({ regulariser, trial }),
            residual: await readResidual(join(residualFolder, file), smallResidual),
          });
          return { regulariser, trial, origin: "checkpoint", load };
        }),
    );
  }
  if (typeof keep !== "string") throw wrongKind("keep", "a folder for the networks that are trained", keep);
  const folder = imagenetteFolder(imagenette, options);
  let training: Promise<LabelledInputs> | undefined;
  return regularisers.flatMap((regulariser) =>
    Array.from({ length: trialsOfThePaper }, (_, trial): CnnSource => {
      const load = async (signal?: AbortSignal) => {
        const path = join(keep, `${residualKey({ regulariser, trial })}.onnx`);
        if (!existsSync(path)) {
          training ??= loadImagenette(folder, "train", options);
          const recipe = { regulariser, seed: trial, epochs: epochsOfThePaper, batchSize: 64 };
          const { network } = await trainResidual(await training, { ...recipe, ...(signal && { signal }) });
          mkdirSync(keep, { recursive: true });
          writeWhole(path, residualOnnx(network));
        }
        return { network: await loadNetwork(path), residual: await readResidual(path, smallResidual) };
      };
      return { regulariser, trial, origin: "trained here", load };
    }),
  );
}
