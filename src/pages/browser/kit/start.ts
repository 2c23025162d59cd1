import type { JsonObject } from "../../../json.js";
import { unpackArrays } from "../../packed-arrays.js";
import type { PageArray, PageContent, PageKind } from "../../page-content.js";
import { paper } from "../../page-measures.js";
import { shownName, shownText } from "./shown-text.js";

/** What a page was given, read from its own elements. */
export function pageContent(): PageContent {
  const facts = JSON.parse(textOf("facts"));
  const arrays: Record<string, PageArray> = unpackArrays({ places: facts.places, numbers: textOf("numbers") });
  const { kind, title, about } = facts as { kind: PageKind; title: string; about: string };
  return { kind, title: shownText(title), about: shownText(about), facts: shownFacts(facts.facts), arrays };
}

/** Facts whose names and words are as they are shown. */
function shownFacts(facts: JsonObject): JsonObject {
  const words = ["unit", "score", "image", "outputTitle", "inputs", "data"];
  const names = ["units", "outputs", "scoreOutputs"];
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => {
      if (words.includes(key) && typeof value === "string") return [key, shownText(value)];
      if (names.includes(key)) return [key, (value as string[]).map(shownName)];
      if (key !== "groups") return [key, value];
      return [key, (value as { name: string }[]).map((group) => ({ ...group, name: shownName(group.name) }))];
    }),
  );
}

/** The text of an element that is data and nothing to see. */
export function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

/**
 * Draws a page in the place of the still picture, which comes back where that fails; and tells who holds the page in a
 * frame how high it is, now and whenever that changes. `data-ready` of the document is how many milliseconds all that
 * took.
 *
 * @param draw told whether a picture is to be taken of it, which shows the page in use; what it returns is
 *   `window.lesionPage`, for who asks the page for its numbers
 */
export async function start(
  draw: (content: PageContent, place: HTMLElement, still: boolean) => object | Promise<object>,
): Promise<void> {
  const begun = performance.now();
  const place = document.getElementById("page") as HTMLElement;
  const still = document.getElementById("still") as HTMLElement;
  const said = document.getElementById("said") as HTMLElement;
  try {
    const answers = await draw(pageContent(), place, "still" in document.documentElement.dataset);
    Object.assign(window, { lesionPage: answers });
    still.hidden = true;
  } catch (error) {
    place.replaceChildren();
    still.hidden = false;
    said.textContent = `This page can not answer here: ${error instanceof Error ? error.message : String(error)}`;
  }
  document.documentElement.dataset.ready = String(performance.now() - begun);
  if (window.parent === window) return;
  const tell = () => {
    const heights = { shapleyModesHeight: bodyHeight(), shapleyModesPrinted: printedHeight() };
    window.parent.postMessage(heights, "*");
  };
  new ResizeObserver(tell).observe(document.body);
  window.addEventListener("message", ({ data, source }) => {
    if (source === window.parent && data?.shapleyModesAsk === true) tell();
  });
  tell();
}

function bodyHeight(): number {
  return Math.ceil(document.body.getBoundingClientRect().height);
}

/**
 * How high the page is on paper, and lets it be printed so: as if its style for paper held now, in a column of that
 * width, smaller where it would not fit on one sheet. Nothing of it comes to the screen.
 */
function printedHeight(): number {
  const style = document.getElementById("printed") as HTMLStyleElement;
  const { body, documentElement: root } = document;
  root.style.removeProperty("--shrunk");
  style.media = "all";
  body.style.width = `${paper.width}px`;
  const share = Math.min(1, paper.height / bodyHeight());
  body.style.width = `${paper.width / share}px`;
  const height = Math.ceil(share * bodyHeight());
  body.style.width = "";
  style.media = "print";
  root.style.setProperty("--shrunk", String(share));
  return height;
}

/** Waits until what was changed is on the screen. */
export function painted(): Promise<void> {
  return new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done()));
  });
}
