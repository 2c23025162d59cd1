import type { Generator } from "../../../networks/dcgan/generator.js";
import { generatorPasses, type KernelPasses } from "../../../networks/dcgan/passes.js";
import { channels, imageSize } from "../../../networks/dcgan/size.js";
import type { GeneratorFacts } from "../../generator-facts.js";
import { generatorFrom } from "../../generator-numbers.js";
import type { PageContent } from "../../page-content.js";
import { Selection } from "../kit/selection.js";

/** An image of a generator, whole and with the channels of the selection off. */
export class GeneratorState {
  readonly facts: GeneratorFacts;
  readonly selection: Selection;
  /** Channels of each layer. */
  readonly widths: readonly number[];
  readonly size: number;
  /** The channels, layer after layer. */
  readonly units: readonly string[];
  /** How much each channel paints; empty where that is not known. */
  readonly strengths: Float32Array;
  /** Channels that paint most first; the last layer's, the colours, come last. */
  readonly ranked: readonly number[];
  /** The latents of the image that is shown. */
  readonly latents: Float32Array;
  /** Latents that the page brings along, `[faces, latents]`. */
  readonly seeds: Float32Array;
  readonly #whole: KernelPasses;
  readonly #lesioned: KernelPasses;
  readonly #listeners: (() => void)[] = [];

  constructor({ facts, arrays }: PageContent) {
    this.facts = facts as unknown as GeneratorFacts;
    const generator: Generator = generatorFrom(this.facts, arrays);
    this.widths = channels(generator);
    this.size = imageSize(generator);
    this.units = this.widths.flatMap((width, l) => Array.from({ length: width }, (_, c) => `layer${l + 1}/filter${c}`));
    this.selection = new Selection(this.units.length);
    this.strengths = arrays.strengths as Float32Array;
    this.seeds = arrays.seeds as Float32Array;
    this.latents = this.seeds.slice(0, this.facts.latents);
    const painting = Array.from({ length: this.units.length - this.widths[this.widths.length - 1] }, (_, unit) => unit);
    this.ranked = painting.sort((a, b) => (this.strengths[b] ?? 0) - (this.strengths[a] ?? 0) || a - b);
    this.#whole = generatorPasses(generator, this.latents);
    this.#whole.set(this.#lists(() => true));
    this.#lesioned = generatorPasses(generator, this.latents);
    this.compute();
  }

  /** `[3, size, size]`, from 0 to 1. */
  get whole(): Float32Array {
    return this.#whole.images;
  }

  /** The same without what is off. */
  get lesioned(): Float32Array {
    return this.#lesioned.images;
  }

  /** Paints the image with the channels of the selection off. */
  compute(): void {
    this.#lesioned.set(this.#lists((unit) => !this.selection.isOff(unit)));
  }

  /** Paints the image of other latents. */
  show(latents: ArrayLike<number>): void {
    this.latents.set(latents);
    this.#whole.change(this.latents);
    this.#lesioned.change(this.latents);
    for (const listener of this.#listeners) listener();
  }

  /** To be told when other latents are shown. */
  onShow(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Latents that the page brings along. */
  seed(face: number): Float32Array {
    return this.seeds.subarray(face * this.facts.latents, (face + 1) * this.facts.latents);
  }

  #lists(isIntact: (unit: number) => boolean): number[][] {
    let first = 0;
    return this.widths.map((width) => {
      const from = first;
      first += width;
      return Array.from({ length: width }, (_, c) => c).filter((c) => isIntact(from + c));
    });
  }
}
