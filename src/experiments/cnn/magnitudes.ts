import type { UnitScores } from "../../analysis/unit-scores.js";
import { has } from "../../kinds.js";
import type { FoldedConvolution, Residual } from "../../networks/residual/residual.js";
import { residualLayers } from "../../networks/residual/shape.js";

/**
 * The magnitude of every channel of the blocks: its mean |incoming weight| and mean |outgoing weight|, averaged, as
 * `unitMagnitudes` has it for dense layers. Incoming are the weights of the block's second convolution and shortcut,
 * outgoing those of the next block's first convolution and shortcut, or of the dense layer. BatchNorm is folded into
 * them: without that a filter's size means nothing.
 */
export function channelMagnitudes(residual: Residual): UnitScores {
  has("residual", residual, "a Residual", "shape", "convolutions");
  const { shape, convolutions, denseWeights } = residual;
  const byName = new Map(convolutions.map((convolution) => [convolution.name, convolution]));
  const { blocks } = residualLayers(shape);
  const some = (...parts: readonly ({ readonly name: string } | undefined)[]) =>
    parts.flatMap((part) => (part ? [byName.get(part.name) as FoldedConvolution] : []));
  const units: string[] = [];
  const values: number[] = [];
  blocks.forEach(({ name, second, shortcut }, b) => {
    const next = blocks[b + 1];
    for (let channel = 0; channel < shape.widths[b]; channel++) {
      const incoming = mean(some(second, shortcut).flatMap((from) => weightsInto(from, channel)));
      const outgoing = next
        ? some(next.first, next.shortcut).flatMap((to) => weightsFrom(to, channel))
        : Array.from(denseWeights.subarray(channel * shape.classes, (channel + 1) * shape.classes));
      units.push(`${name}/${channel}`);
      values.push((incoming + mean(outgoing)) / 2);
    }
  });
  return { units, values: Float64Array.from(values) };
}

function weightsInto({ weights, inputs, kernel }: FoldedConvolution, output: number): number[] {
  const size = inputs * kernel * kernel;
  return Array.from(weights.subarray(output * size, (output + 1) * size));
}

function weightsFrom({ weights, inputs, outputs, kernel }: FoldedConvolution, input: number): number[] {
  const taps = kernel * kernel;
  return Array.from({ length: outputs * taps }, (_, i) => {
    const output = Math.floor(i / taps);
    return weights[(output * inputs + input) * taps + (i % taps)];
  });
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + Math.abs(number), 0) / numbers.length;
}
