import { invalid, positiveInteger } from "../../errors.js";

/** What a convolution network of residual blocks is made of. */
export interface ResidualShape {
  /** Height and width of its images, which have three colours. */
  readonly size: number;
  /** Channels of the first convolution, which halves the image. */
  readonly stem: number;
  /** Channels of each block. */
  readonly widths: readonly number[];
  /** 2 for each block that halves the image, else 1. */
  readonly strides: readonly number[];
  readonly classes: number;
}

/**
 * The network of the convolution experiment: stem 16, blocks of 16, 32, 48, 64, 88 channels, together 248. The
 * published code has three convolutions in its stem and halves in every block but the first; here one, and images of 64
 * pixels, for training on a processor.
 */
export const smallResidual: ResidualShape = {
  size: 64,
  stem: 16,
  widths: [16, 32, 48, 64, 88],
  strides: [2, 2, 1, 2, 1],
  classes: 10,
};

/** One convolution, 3 x 3 or 1 x 1, without a bias, and the BatchNorm after it. */
export interface Convolution {
  readonly name: string;
  readonly kernel: 1 | 3;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
}

/** A block: what it says is SiLU(second(SiLU(first(x))) + shortcut(x)), where no shortcut is there x itself. */
export interface Block {
  readonly name: string;
  readonly first: Convolution;
  readonly second: Convolution;
  readonly shortcut: Convolution | undefined;
}

/** The convolutions of a network, in the order in which it computes them. */
export interface ResidualLayers {
  readonly stem: Convolution;
  readonly blocks: readonly Block[];
}

/** @throws RangeError for a shape without blocks, or whose images can not be halved so often */
export function residualLayers({ size, stem, widths, strides, classes }: ResidualShape): ResidualLayers {
  for (const [name, value] of Object.entries({ size, stem, classes })) positiveInteger(name, value);
  if (widths.length === 0 || strides.length !== widths.length) {
    throw invalid("strides", `one for each of ${widths.length} widths, at least one`, strides);
  }
  if (strides.some((stride) => stride !== 1 && stride !== 2))
    throw invalid("strides", "1 or 2 for each block", strides);
  const halvings = strides.reduce((product, stride) => product * stride, 2);
  if (size % halvings !== 0) throw invalid("size", `a multiple of ${halvings}, as often as it is halved`, size);
  return {
    stem: { name: "stem", kernel: 3, inputs: 3, outputs: stem, stride: 2 },
    blocks: widths.map((outputs, b): Block => {
      const name = `block${b + 1}`;
      const inputs = b === 0 ? stem : widths[b - 1];
      const stride = strides[b];
      const convolution = (part: string, kernel: 1 | 3, from: number, step: number): Convolution => ({
        name: `${name}/${part}`,
        kernel,
        inputs: positiveInteger("widths", from),
        outputs: positiveInteger("widths", outputs),
        stride: step,
      });
      return {
        name,
        first: convolution("first", 3, inputs, stride),
        second: convolution("second", 3, outputs, 1),
        shortcut: stride === 2 || inputs !== outputs ? convolution("shortcut", 1, inputs, stride) : undefined,
      };
    }),
  };
}

/** All convolutions in a row: the stem, then of each block first, second, shortcut. */
export function convolutionsOf({ stem, blocks }: ResidualLayers): Convolution[] {
  return [stem, ...blocks.flatMap(({ first, second, shortcut }) => [first, second, ...(shortcut ? [shortcut] : [])])];
}
