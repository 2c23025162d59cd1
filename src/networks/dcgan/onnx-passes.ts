import { loadRuntime, type OnnxTensor, type Session } from "../onnx/runtime.js";
import type { Generator } from "./generator.js";
import { countLatents } from "./latents.js";
import { layerMasks } from "./layer-masks.js";
import { generatorModel, onnxNames } from "./onnx-export.js";
import type { GeneratorPasses } from "./passes.js";
import { channels } from "./size.js";

/**
 * Passes of a generator on ONNX Runtime, on the processor, in one thread. What every layer says before its mask is
 * kept, and a model for each layer computes what comes behind it, so that only the layers behind a change are computed
 * again.
 *
 * @param latents `[count, latents]`
 * @throws RangeError for another number of latents; MissingPartError where onnxruntime-node is absent
 */
export async function onnxPasses(generator: Generator, latents: Float32Array): Promise<GeneratorPasses> {
  const count = countLatents(generator, latents);
  const runtime = await loadRuntime("the generator", { threads: 1 });
  const widths = channels(generator);
  const last = widths.length - 1;
  const masks = layerMasks(widths);
  /**
   * What layers say when nothing of them is lesioned, and the last of which it is known; the first one's never changes.
   */
  const wholes: OnnxTensor[] = [];
  let known = -1;
  const sessions = new Map<string, Promise<Session>>();
  const given = runtime.tensor("float32", latents.slice(), [count, generator.latents]);
  let images: Float32Array = new Float32Array();

  /** The model of what comes behind a layer; behind -1, the latents, it is the whole. */
  function sessionBehind(from: number, keeps: boolean): Promise<Session> {
    const key = `${from} ${keeps}`;
    let session = sessions.get(key);
    if (!session) {
      session = runtime.session(generatorModel(generator, { masks: true, from, wholes: keeps }));
      sessions.set(key, session);
    }
    return session;
  }

  /** Keeping what layers say takes a tenth of the time: it is done in walks, where it is used. */
  async function compute(changed: number, keeps: boolean): Promise<void> {
    if (changed > last) return;
    const from = Math.min(changed, known);
    const keep = keeps || from < 0;
    const session = await sessionBehind(from, keep);
    const feeds = { [from < 0 ? onnxNames.latents : onnxNames.whole(from)]: from < 0 ? given : wholes[from] };
    for (let l = Math.max(0, from); l <= last; l++) {
      feeds[onnxNames.mask(l)] = runtime.tensor("float32", masks.of(l).slice(), [1, widths[l], 1, 1]);
    }
    const results = await session.run(feeds);
    images = results[onnxNames.images].data as Float32Array;
    known = keep ? last : from;
    if (keep) for (let l = from + 1; l <= last; l++) wholes[l] = results[onnxNames.whole(l)];
  }

  return {
    count,
    backend: "onnxruntime-node (cpu)",
    get images() {
      return images;
    },
    set: (intact) => compute(masks.set(intact), false),
    add: (l, channel) => compute(masks.add(l, channel), true),
    dispose() {
      for (const session of sessions.values()) session.then((made) => made.dispose()).catch(() => {});
      sessions.clear();
    },
  };
}
