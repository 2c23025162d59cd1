// The page of a generator of images: bundled into dist/pages/generator.js.

import { latentsSection } from "./generator/latents-section.js";
import { layersSection } from "./generator/layers-section.js";
import { picturesSection } from "./generator/pictures.js";
import { GeneratorState } from "./generator/state.js";
import { loadKernels } from "./kit/compiled-kernel.js";
import { html, refill } from "./kit/dom.js";
import { plural } from "./kit/numbers.js";
import { painted, start } from "./kit/start.js";

void start(async (content, place, still) => {
  await loadKernels();
  const state = new GeneratorState(content);
  const { facts, selection } = state;
  // Before all that shows what is computed.
  selection.onChange(() => state.compute());
  refill(
    place,
    html("h1", { dir: "auto" }, content.title),
    content.about ? html("p", { class: "about", dir: "auto" }, content.about) : undefined,
    html(
      "p",
      {},
      `This network paints: from random numbers, through ${facts.layers} layers of ${plural(facts.unit)}, to ${plural(facts.image)} of ${state.size} by ${state.size} pixels. A ${facts.unit} paints one kind of patch wherever the layer before asks for it. Switch some of the ${state.units.length} ${plural(facts.unit)} off, and see what is painted without them: such a `,
      html("b", {}, "lesion"),
      " shows what they are for.",
    ),
    picturesSection(state),
    layersSection(state),
    latentsSection(state),
    html(
      "details",
      {},
      html("summary", {}, "What this page can do, and what it can not"),
      html(
        "p",
        {},
        `All is computed here, in your browser, by the same code as in the toolkit that made the page; nothing is sent or asked for. It holds the network and the latents of ${facts.faces} ${plural(facts.image)}. A ${facts.unit} that is off is 0 everywhere, behind its activation. Other groups and other networks take the toolkit.`,
      ),
    ),
  );
  if (still) selection.setOnly(facts.groups[0]?.units ?? state.ranked.slice(0, 10));
  await painted();
  return {
    /** The image without these channels, `[3, size, size]`. */
    async without(units: readonly number[]) {
      selection.setOnly(units);
      await painted();
      return [...state.lesioned];
    },
    /** Paints the image of other latents, and waits until it is on the screen. */
    async show(latents: readonly number[]) {
      state.show(latents);
      await painted();
      return [...state.whole];
    },
  };
});
