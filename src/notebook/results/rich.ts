import { inspect } from "node:util";
import type { MimeData } from "../../kernel-hook.js";
import { Interactions } from "../../modes/interactions.js";
import { ShapleyModes } from "../../modes/shapley-modes.js";
import { frameData, isFrame } from "./data-frame.js";
import { interactionsData } from "./interactions-summary.js";
import { modesData } from "./modes-summary.js";
import { dataProperty } from "./properties.js";
import { numbersData, numbersOf } from "./tensor.js";
import { treeHtml } from "./tree.js";

/** A text of one line up to so many characters says all: no tree is drawn of it. */
const shortLine = 100;

/**
 * The rich forms of a value that does not show itself: a summary of Shapley Modes or interactions, a table of a data
 * frame, the corner of a tensor or a typed array, a tree of any other object. Empty for what a line of text says as
 * well.
 *
 * @param text the value as text, which goes beside the forms that bring none
 */
export async function richData(value: unknown, text: string): Promise<MimeData> {
  if (value === null || typeof value !== "object") return {};
  if (value instanceof ShapleyModes) return modesData(value);
  if (value instanceof Interactions) return interactionsData(value);
  if (isFrame(value)) return frameData(value);
  if (text.length <= shortLine && !text.includes("\n")) return {};
  const numbers = numbersOf(value);
  if (numbers) return numbersData(numbers);
  // What says itself how it is written has said it in the text.
  if (typeof dataProperty(value, inspect.custom) === "function") return {};
  return { "text/html": treeHtml(value) };
}
