import type { JsonObject } from "../json.js";
import type { PackedArrays } from "./packed-arrays.js";
import { type PageKind, pageKinds } from "./page-content.js";

/**
 * A page that answers, as a value: what it is about, and all the numbers that it computes with, packed. A notebook
 * shows it, `notebook html` carries it, `saveLesionPage` writes it. Equal games give equal pages.
 */
export interface LesionPage extends PackedArrays {
  readonly kind: PageKind;
  readonly title: string;
  /** A sentence or two on what it is about; `""` for none. */
  readonly about: string;
  readonly facts: JsonObject;
  /** Where its larger arrays come from, where the package has them; a notebook that is to be small leaves these out. */
  readonly sources?: { readonly network: string; readonly inputs?: string };
  /** Checksum of all of its numbers, where some are left out. */
  readonly whole?: string;
}

/**
 * Whether a value is a page, also one that was read from a notebook: its facts and numbers are what the page itself
 * checks.
 */
export function isLesionPage(value: unknown): value is LesionPage {
  if (value === null || typeof value !== "object") return false;
  const { kind, title, about, facts, places, numbers, whole } = value as Record<string, unknown>;
  const { sources } = value as { sources?: Record<string, unknown> };
  return (
    pageKinds.includes(kind as PageKind) &&
    typeof title === "string" &&
    typeof about === "string" &&
    [facts, places].every((part) => part !== null && typeof part === "object") &&
    (whole === undefined || (typeof whole === "string" && [sources?.network, sources?.inputs ?? ""].every(isText))) &&
    typeof numbers === "string" &&
    /^[A-Za-z0-9+/]*={0,2}$/.test(numbers)
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}
