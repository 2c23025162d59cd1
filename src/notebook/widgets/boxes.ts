import { invalid, wrongKind } from "../../errors.js";
import { isList } from "../../kinds.js";
import { referenceTo } from "./model.js";
import { shown, Widget } from "./widget.js";

/** Widgets beside or below each other, as {@link row} and {@link column} make them. */
export class Box extends Widget {
  /** @internal */
  constructor(
    name: "HBox" | "VBox",
    /** What is in it, in order. */
    readonly children: readonly Widget[],
  ) {
    super({ name, state: { box_style: "", children: children.map(({ model }) => referenceTo(model)) } });
  }

  override describe(): string {
    return this.children.map((child) => child.describe()).join("\n");
  }
}

/** Words among widgets. */
class Words extends Widget {
  /** @internal */
  constructor(private readonly text: string) {
    super({ name: "Label", style: ["Description"], state: { description: "", value: text } });
  }

  override describe(): string {
    return this.text;
  }
}

/** What may stand in a row or a column: a list in a row is a column, a list in a column a row. */
export type BoxChild = Widget | string | readonly BoxChild[];

/**
 * Widgets beside each other, shown in the running cell; texts among them are words, and a list is a column. Widgets for
 * it are made with `show: false`.
 *
 * @throws RangeError for an empty row; TypeError for what is neither widget nor text nor list
 * @example
 * const from = await slider("from", { show: false });
 * const to = await slider("to", { show: false, value: 50 });
 * await row(from, to, "units that are lesioned");
 */
export async function row(...children: readonly BoxChild[]): Promise<Box> {
  isList("children", children, "BoxChild");
  return shown(boxOf("HBox", children), {});
}

/**
 * Widgets below each other, shown in the running cell; texts among them are words, and a list is a row. Widgets for it
 * are made with `show: false`.
 *
 * @throws RangeError for an empty column; TypeError for what is neither widget nor text nor list
 * @example
 * const [low, high] = [await slider("low", { show: false }), await slider("high", { show: false })];
 * await column("Which units?", [low, high], await checkbox("inputs as well", { show: false }));
 */
export async function column(...children: readonly BoxChild[]): Promise<Box> {
  isList("children", children, "BoxChild");
  return shown(boxOf("VBox", children), {});
}

function boxOf(name: "HBox" | "VBox", children: readonly unknown[], at = "children"): Box {
  if (children.length === 0) throw invalid(at, "one widget or text or more", children);
  const widgets = children.map((child, index) => {
    const place = `${at}[${index}]`;
    if (child instanceof Widget) return child;
    if (typeof child === "string") return new Words(child);
    if (Array.isArray(child)) return boxOf(name === "HBox" ? "VBox" : "HBox", child, place);
    throw wrongKind(place, "a widget, a text or a list of them", child);
  });
  return new Box(name, widgets);
}
