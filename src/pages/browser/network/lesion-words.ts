import type { LesionKind } from "../../../lesion/lesion.js";
import { indefinite } from "../kit/numbers.js";

/** A lesion as facts state it. */
interface StatedLesion {
  readonly kind: LesionKind;
  readonly constant?: number;
  /** Before the activation or behind it, for dense layers. */
  readonly place?: string;
}

/** What a lesioned unit says, whatever it sees. */
const says: Readonly<Record<LesionKind, string>> = {
  zero: "nothing",
  mean: "what it says on average",
  activation: "what it says of another input",
  constant: "one fixed number",
  background: "what it says of other inputs",
};

/** What a lesioned unit does, and before or behind its activation. */
const holds: Readonly<Record<LesionKind, (constant: number | undefined, where: string) => string>> = {
  zero: (_, where) => `is 0${where}`,
  constant: (constant, where) => `is ${constant}${where}`,
  mean: (_, where) => `holds its mean over the inputs of the analysis${where}`,
  activation: (_, where) => `holds what it is on another input${where}`,
  background: (_, where) => `holds what it is on other inputs, one after the other${where}`,
};

/** "such a lesion ..." */
export function lesionWords({ kind }: StatedLesion, unit: string): string {
  return `lets ${indefinite(unit)} say ${says[kind]}, whatever it sees`;
}

/** "a unit that is off ..." */
export function heldWords({ kind, constant, place }: StatedLesion): string {
  const where = place === undefined ? "" : place === "activation" ? " behind its activation" : " before its activation";
  return holds[kind](constant, where);
}
