import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LayersModel } from "@tensorflow/tfjs";
import type { Tensorflow } from "../../../src/tensors/backend.js";

/** Writes a LayersModel as `model.json` and `weights.bin`. @returns the path of the former */
export async function saveLayers(tf: Tensorflow, model: LayersModel, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "model.json");
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weights = [{ paths: ["weights.bin"], weights: weightSpecs }];
      writeFileSync(path, JSON.stringify({ format: "layers-model", modelTopology, weightsManifest: weights }));
      writeFileSync(join(folder, "weights.bin"), Buffer.from(weightData as ArrayBuffer));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" as const } };
    }),
  );
  return path;
}
