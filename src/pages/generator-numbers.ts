import { type BatchNorm, type Generator, generatorOf } from "../networks/dcgan/generator.js";
import { channels, type DcganSize } from "../networks/dcgan/size.js";
import { singles } from "./half-precision.js";
import type { PageArray } from "./page-content.js";

/**
 * The generator of a size whose parameters a page holds. @throws RangeError where an array is absent or has another
 * length
 */
export function generatorFrom(size: DcganSize, arrays: Readonly<Record<string, PageArray>>): Generator {
  const widths = channels(size);
  const numbers = (name: string) => singles(arrays[name] ?? new Float32Array());
  const parts = widths.map((outputs, l) => {
    const names = ["scale", "shift", "mean", "variance"] as const;
    const norm = Object.fromEntries(names.map((name) => [name, numbers(`${name}${l + 1}`)])) as unknown as BatchNorm;
    return {
      inputs: l === 0 ? size.latents : widths[l - 1],
      outputs,
      weights: numbers(`weights${l + 1}`),
      norm: l === size.layers - 1 ? undefined : norm,
    };
  });
  return generatorOf(size, parts);
}
