import type { LesionKind } from "../../../lesion/lesion.js";
import { indefinite } from "../kit/numbers.js";

/** A lesion as facts state it. */
interface StatedLesion {
  readonly kind: LesionKind;
  readonly constant?: number;
  /** Before the activation or behind it, for dense layers. */
  readonly place?: string;
}

/** "such a lesion ..." */
export function lesionWords({ kind }: StatedLesion, unit: string): string {
  const lets = `lets ${indefinite(unit)} say`;
  if (kind === "zero") return `${lets} nothing, whatever it sees`;
  if (kind === "mean") return `${lets} what it says on average, whatever it sees`;
  if (kind === "activation") return `${lets} what it says of another input, whatever it sees`;
  return `${lets} one fixed number, whatever it sees`;
}

/** "a unit that is off ..." */
export function heldWords({ kind, constant, place }: StatedLesion): string {
  const where = place === undefined ? "" : place === "activation" ? " behind its activation" : " before its activation";
  if (kind === "zero") return `is 0${where}`;
  if (kind === "constant") return `is ${constant}${where}`;
  if (kind === "mean") return `holds its mean over the inputs of the analysis${where}`;
  return `holds what it is on another input${where}`;
}
