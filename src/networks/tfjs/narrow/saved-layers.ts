import { basename, dirname, join } from "node:path";
import { invalid } from "../../../errors.js";
import { checkWritable, sha256, writeWhole } from "../../../files.js";
import type { Tensorflow } from "../../../tensors/backend.js";
import type { io, LayersModel } from "../../../tensors/tensorflow.js";

/** A LayersModel as it is saved: the text of its `model.json` for weights in a file of some name, and the weights. */
export interface SavedLayers {
  text(weightsFile: string): string;
  readonly weights: Uint8Array;
}

/** What a LayersModel is saved as. */
export async function savedLayers(tf: Tensorflow, model: LayersModel): Promise<SavedLayers> {
  let kept: io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      kept = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" as const } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = kept!;
  return {
    weights: new Uint8Array(weightData as ArrayBuffer),
    text: (file) => {
      const weightsManifest = [{ paths: [file], weights: weightSpecs }];
      return JSON.stringify({ format: "layers-model", modelTopology, weightsManifest });
    },
  };
}

/**
 * Writes a LayersModel as `model.json` and, beside it, a file of weights whose name has their checksum in it: so that
 * no model that is there already loses its own.
 *
 * @returns checksum of both, as `loadTfjs` gives it
 */
export function writeLayers({ text, weights }: SavedLayers, path: string): string {
  if (!/\.json$/i.test(path)) throw invalid("path", "a name that ends in .json", path);
  const file = `${basename(path).replace(/\.json$/i, "")}-${sha256(weights).slice(0, 12)}.bin`;
  const json = Buffer.from(text(file));
  checkWritable(path); // before the weights are there
  writeWhole(join(dirname(path), file), weights);
  writeWhole(path, json);
  return sha256(json, weights);
}
