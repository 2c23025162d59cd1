import { checkImagenette, type ImagenetteOptions, imagenetteNames, loadImagenette } from "../../datasets/imagenette.js";
import type { LabelledInputs } from "../../datasets/inputs.js";
import { labelledInputs } from "../../datasets/labelled-inputs.js";
import { drawShapes, shapeInputs } from "../../datasets/shapes/drawn-shapes.js";
import { shapeNames } from "../../datasets/shapes/outlines.js";
import { invalid, oneOf } from "../../errors.js";
import { mlpProfiles } from "../mlp/sources.js";
import type { CnnProfile } from "./settings.js";

/** The images of the convolution experiment that its networks were not trained on. */
export interface CnnImages {
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Images of a run, other ones for each, as many of every class. */
  ofRun(run: number, count: number): Promise<LabelledInputs>;
  /** Images to measure accuracy on. */
  test(count: number): Promise<LabelledInputs>;
}

/**
 * Seeds of the drawn scenes: what networks are trained on, what accuracy is measured on, what the games are played
 * with.
 */
export const shapeSeeds = { training: 1, test: 2, games: 3 } as const;

/**
 * Drawn shapes, or for the profile "paper" the part of Imagenette that is for validation.
 *
 * @param imagenette its folder
 * @param options of reading it
 * @throws RangeError where no folder is named; FileError for one that does not have all images, before any is read
 */
export function cnnImages(
  profile: CnnProfile,
  imagenette = process.env.IMAGENETTE_DIR,
  options: Pick<ImagenetteOptions, "whole"> = {},
): CnnImages {
  oneOf("profile", mlpProfiles, profile);
  if (profile !== "paper") {
    const drawn = new Map<number, LabelledInputs>();
    return {
      classes: shapeNames,
      ofRun: async (run, count) => shapeInputs(drawShapes({ count, seed: shapeSeeds.games, first: run * count })),
      test: async (count) => {
        const scenes = drawn.get(count) ?? shapeInputs(drawShapes({ count, seed: shapeSeeds.test }));
        drawn.set(count, scenes);
        return scenes;
      },
    };
  }
  const folder = imagenetteFolder(imagenette, options);
  let all: Promise<LabelledInputs> | undefined;
  const part = async (from: number, count: number): Promise<LabelledInputs> => {
    all ??= loadImagenette(folder, "val", options);
    const { inputs, labels, features, shape, name, count: most } = await all;
    const to = Math.min(most, from + count);
    if (from >= to) throw invalid("images", `at most ${most}`, from + count);
    return labelledInputs(inputs.subarray(from * features, to * features), labels.slice(from, to), {
      shape: shape as readonly number[],
      name: `${name}: ${from} to ${to - 1}`,
      classes: imagenetteNames.length,
    });
  };
  return { classes: imagenetteNames, ofRun: (run, count) => part(run * count, count), test: (count) => part(0, count) };
}

/**
 * @throws RangeError where no folder is named; FileError for one that does not have all images: training begins days
 *   before the last one is read
 */
export function imagenetteFolder(
  imagenette: string | undefined,
  { whole = true }: Pick<ImagenetteOptions, "whole"> = {},
): string {
  if (imagenette) {
    if (whole) for (const part of ["train", "val"] as const) checkImagenette(imagenette, part);
    return imagenette;
  }
  const rule = "the folder of Imagenette, for the profile paper (docs/reproduce.md says how to fetch it)";
  throw invalid("IMAGENETTE_DIR", rule, imagenette);
}
