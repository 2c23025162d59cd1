import { type BackendName, backendLabel, loadTensorflow } from "../../tensors/backend.js";
import type { Tensor, Tensor4D } from "../../tensors/tensorflow.js";
import type { Generator } from "./generator.js";
import { affine, inferenceLayers, transposedConvolution } from "./inference.js";
import { countLatents } from "./latents.js";
import { layerMasks } from "./layer-masks.js";
import type { GeneratorPasses } from "./passes.js";
import { channels, imageSize } from "./size.js";

/**
 * Passes of a generator on the tensor backend, for a graphics card. The sums of every layer are kept there, so that
 * only the layers behind a change are computed again. A lesioned channel has the slope and the shift 0 after its sums,
 * and a lesioned colour is wiped out of the images that were read back, so that lesions take no operations of their
 * own.
 *
 * @param latents `[count, latents]`
 * @param backend which tensor backend; default the one in use, else the best
 * @throws RangeError for another number of latents; MissingPartError for a backend that is absent
 */
export async function tensorPasses(
  generator: Generator,
  latents: Float32Array,
  backend?: BackendName,
): Promise<GeneratorPasses> {
  const count = countLatents(generator, latents);
  const loaded = await loadTensorflow(backend);
  const { tf } = loaded;
  const masks = layerMasks(channels(generator));
  const filters = inferenceLayers(tf, generator).map(({ filter, norm }) => {
    tf.dispose(norm && [norm.slope, norm.shift]);
    return filter;
  });
  const norms = generator.parts.map(({ norm }) => norm && affine(norm));
  const last = filters.length - 1;
  /** What each layer's convolution gives; the first one's is always the same. */
  const sums: Tensor4D[] = [
    tf.tidy(() => transposedConvolution(tf, filters[0], tf.tensor2d(latents, [count, generator.latents]))),
  ];
  let images: Float32Array = new Float32Array();

  /** What a layer says, its lesioned channels 0, but for the colours. */
  function said(l: number): Tensor4D {
    const mask = masks.of(l);
    const norm = norms[l];
    if (!norm) return tf.sigmoid(sums[l]);
    const [slope, shift] = [norm.slope, norm.shift].map((array) => tf.tensor1d(array.map((x, c) => x * mask[c])));
    return tf.relu(tf.add(tf.mul(sums[l], slope), shift)) as Tensor4D;
  }

  async function compute(from: number): Promise<void> {
    if (from > last) return;
    await loadTensorflow(loaded.backend); // should another have been asked for meanwhile
    const painted = tf.tidy(() => {
      for (let l = from; l < last; l++) {
        const next = tf.tidy(() => transposedConvolution(tf, filters[l + 1], said(l)));
        sums[l + 1]?.dispose();
        sums[l + 1] = tf.keep(next);
      }
      return tf.transpose(said(last), [0, 3, 1, 2]);
    });
    images = await painted.data<"float32">();
    const plane = imageSize(generator) ** 2;
    masks.of(last).forEach((isIntact, colour) => {
      if (isIntact) return;
      for (let at = colour * plane; at < images.length; at += 3 * plane) images.fill(0, at, at + plane);
    });
    painted.dispose();
  }

  return {
    count,
    backend: backendLabel(loaded),
    get images() {
      return images;
    },
    set: (intact) => compute(masks.set(intact)),
    add: (l, channel) => compute(masks.add(l, channel)),
    dispose() {
      tf.dispose([...filters, ...sums] as Tensor[]);
    },
  };
}
