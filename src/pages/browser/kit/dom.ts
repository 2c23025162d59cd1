/**
 * Attributes of an element: texts, numbers; true for one without a value, false and undefined for none. Functions
 * listen.
 */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

type Child = Node | string | undefined;

/** An element of HTML. Texts become text: nothing that a page is given is read as markup. */
export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** An element of SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled<Made extends Element>(element: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== undefined));
  return element;
}

/** Puts other children in the place of those that an element has. */
export function refill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => child !== undefined));
}

/** A button; `press` is what it does. */
export function button(label: string, press: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return html("button", { type: "button", click: press, ...attributes }, label);
}

/**
 * Says of a button that it does nothing now, and why, or that it does. It keeps the focus, which one that is `disabled`
 * loses, so what it does has to be nothing by itself.
 */
export function setIdle(press: HTMLButtonElement, why: string | undefined): void {
  if (why === undefined) {
    press.removeAttribute("aria-disabled");
    press.removeAttribute("title");
  } else {
    press.setAttribute("aria-disabled", "true");
    press.title = why;
  }
}
