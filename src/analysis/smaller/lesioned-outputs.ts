import type { LabelledInputs } from "../../datasets/inputs.js";
import { invalid } from "../../errors.js";
import type { Numbers } from "../../formats/numbers.js";
import { isUnreached } from "../../networks/cut.js";
import { defaultMemory, rowRanges, rowsWithin } from "../../networks/memory.js";
import { logits } from "../../networks/mlp/forward.js";
import { singlePrecision } from "../../networks/mlp/inputs.js";
import { isMlp, type Mlp } from "../../networks/mlp/mlp.js";
import type { InputRows, Network, NetworkInputs, Port, SiteLesion } from "../../networks/network.js";
import { mostRowsOf } from "../../networks/sites.js";
import { shapeSize } from "../../shape-size.js";

/** Inputs, with their classes or without. */
export type GivenInputs = NetworkInputs | LabelledInputs<Numbers>;

/** A site with lesions. */
export interface LesionedSite extends SiteLesion {
  /** 1 where a unit is intact, else 0, `[units]`. */
  readonly intact: Uint8Array;
}

/**
 * An output of a network with lesions, for all rows: `[rows, ...output.shape]`; undefined for an output that none of
 * the sites reaches.
 */
export async function lesionedOutput(
  network: Network,
  rows: InputRows,
  lesions: readonly LesionedSite[],
  output: Port,
): Promise<Float32Array | undefined> {
  if (isMlp(network)) return mlpOutput(network, rows, lesions);
  const reaching = await lesionsBefore(network, rows, lesions, output);
  if (reaching.length === 0) return undefined;
  const prepared = await network.prepare(rows, reaching, output.name);
  try {
    const size = shapeSize(output.shape);
    const values = new Float32Array(rows.count * size);
    const most = mostRowsOf(network, [...reaching.map(({ site }) => site), output]);
    const step = rowsWithin(network.usualMemory ?? defaultMemory, prepared.bytes, most);
    for (const [from, to] of rowRanges(rows.count, step)) {
      const intact = reaching.map((lesion) => lesion.intact);
      values.set(await prepared.run({ coalitions: 1, from, to, intact }), from * size);
    }
    return values;
  } finally {
    prepared.dispose();
  }
}

/** The same of dense layers, which need no TensorFlow.js for it. */
function mlpOutput(mlp: Mlp, { data }: InputRows, lesions: readonly LesionedSite[]): Promise<Float32Array> {
  const names = mlp.sites.map(({ name }) => name);
  const ofLayers = lesions.map(({ site, intact, replacement }) => ({
    layer: names.indexOf(site.name),
    intact,
    replacement,
  }));
  return logits(
    mlp,
    singlePrecision(data[0], mlp.layers[0].inputs),
    ofLayers.filter(({ layer }) => layer > 0), // the input stays as it is
  );
}

/** The lesions that change an output at all. */
async function lesionsBefore(
  network: Network,
  rows: InputRows,
  lesions: readonly LesionedSite[],
  output: Port,
): Promise<readonly LesionedSite[]> {
  if (network.outputs.length === 1) return lesions;
  const reaching: LesionedSite[] = [];
  for (const lesion of lesions) {
    try {
      (await network.prepare(rows, [lesion], output.name)).dispose();
      reaching.push(lesion);
    } catch (error) {
      if (!isUnreached(error)) throw error;
    }
  }
  return reaching;
}

/** The intact network as one whose sites are all intact: what outputs are compared by. */
export function noLesions(network: Network): LesionedSite[] {
  const site = network.sites.find(({ kind }) => kind === "input") ?? network.sites[0];
  if (!site) throw invalid("network", "one with a site of single-precision numbers", network.kind);
  const intact = new Uint8Array(site.units).fill(1);
  return [{ site, replacement: new Float32Array(shapeSize(site.shape)), intact }];
}
