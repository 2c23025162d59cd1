import { FileError } from "../errors.js";
import { bfloat16Bits, bfloat16Value } from "../formats/float16.js";
import { ConfigFields } from "./config-fields.js";

/**
 * Rotary position embedding: pair i of a head's numbers is turned by position / base^(2i / headWidth). `linear` divides
 * that by a factor; `llama3` divides the slow turns alone, and those in between in part.
 */
export type Rotation =
  | { readonly kind: "default"; readonly base: number }
  | { readonly kind: "linear"; readonly base: number; readonly factor: number }
  | {
      readonly kind: "llama3";
      readonly base: number;
      readonly factor: number;
      readonly slow: number;
      readonly fast: number;
      readonly positions: number;
    };

/**
 * The rotation that config.json says: in `rope_parameters`, or in `rope_theta` and `rope_scaling` as older files do.
 *
 * @param otherwise the base where none is said; default that is an error
 */
export function readRotation(fields: ConfigFields, otherwise?: number): Rotation {
  const partial = fields.take("partial_rotary_factor");
  if (partial !== undefined && partial !== 1) fields.refuse("partial_rotary_factor", "1: all of a head is turned");
  const [name, older] = ["rope_parameters", "rope_scaling"];
  if (fields.has(name) && fields.has(older)) fields.refuse(older, `none beside ${name}`);
  const where = fields.has(name) ? name : older;
  const given = fields.take(where) ?? {};
  fields.take("rope_parameters");
  if (typeof given !== "object" || given === null || Array.isArray(given)) fields.refuse(where, "an object");
  const inner = new ConfigFields(fields.path, given as Record<string, unknown>, `${where}.`);
  const base = baseOf(fields, inner, otherwise);
  const rotation = rotationOf(inner, base, where);
  inner.checkRest();
  return rotation;
}

function baseOf(fields: ConfigFields, inner: ConfigFields, otherwise: number | undefined): number {
  const [outside, inside] = [fields, inner].map((some) =>
    some.has("rope_theta") ? some.positive("rope_theta") : undefined,
  );
  if (outside !== undefined && inside !== undefined && outside !== inside) {
    fields.refuse("rope_theta", `the same as in rope_parameters, which is ${inside}`);
  }
  return inside ?? outside ?? otherwise ?? fields.positive("rope_theta");
}

function rotationOf(inner: ConfigFields, base: number, where: string): Rotation {
  const [kind, older] = [inner.take("rope_type"), inner.take("type")];
  if (kind !== undefined && older !== undefined && kind !== older) inner.refuse("type", `the same as rope_type`);
  const inPart = inner.take("partial_rotary_factor");
  if (inPart !== undefined && inPart !== 1) inner.refuse("partial_rotary_factor", "1: all of a head is turned");
  switch (kind ?? older ?? "default") {
    case "default":
      return { kind: "default", base };
    case "linear":
      return { kind: "linear", base, factor: inner.positive("factor") };
    case "llama3": {
      const [slow, fast] = [inner.positive("low_freq_factor"), inner.positive("high_freq_factor")];
      if (fast <= slow) inner.refuse("high_freq_factor", `more than low_freq_factor, which is ${slow}`);
      const positions = inner.count("original_max_position_embeddings");
      return { kind: "llama3", base, factor: inner.positive("factor"), slow, fast, positions };
    }
    default:
      throw new FileError(
        inner.path,
        `invalid ${where}.${kind === undefined && older !== undefined ? "type" : "rope_type"}; expected one of default, linear, llama3; received ${JSON.stringify(kind ?? older)}`,
      );
  }
}

/**
 * How the turns of a position are rounded. `float32`: as a network that is read from its files has them, whatever its
 * weights are stored as. `bfloat16`: as a network has them that was cast to bfloat16 as a whole in memory, these
 * numbers with its weights; logits then differ by some 0.001 after twenty tokens, and by more after more.
 */
export const turnRoundings = ["float32", "bfloat16"] as const;
/** One of `turnRoundings`. */
export type TurnRounding = (typeof turnRoundings)[number];

/**
 * By how much a position turns each pair of a head's numbers, `[headWidth / 2]`, rounded to single precision step by
 * step as the networks' makers do.
 */
export function turns(rotation: Rotation, headWidth: number, rounding: TurnRounding): Float32Array {
  const exact = Float32Array.from({ length: headWidth / 2 }, (_, pair) => turnOf(rotation, (2 * pair) / headWidth));
  return rounding === "float32" ? exact : exact.map((turn) => bfloat16Value(bfloat16Bits(turn)));
}

function turnOf(rotation: Rotation, exponent: number): number {
  const { fround } = Math;
  const turn = fround(1 / fround(rotation.base ** fround(exponent)));
  if (rotation.kind === "default") return turn;
  if (rotation.kind === "linear") return turn / rotation.factor;
  const { factor, slow, fast, positions } = rotation;
  const rounds = (positions * turn) / (2 * Math.PI); // within the length that it was trained for
  if (rounds > fast) return turn;
  if (rounds < slow) return turn / factor;
  const share = (rounds - slow) / (fast - slow);
  return (1 - share) * (turn / factor) + share * turn;
}

/** Cosines and sines of the turns of some positions, `[count, headWidth / 2]` each, the first of position 0. */
export interface TurnTable {
  readonly cosines: Float32Array;
  readonly sines: Float32Array;
}

/** The table of positions from 0 on. */
export function turnTable(turn: Float32Array, count: number): TurnTable {
  const pairs = turn.length;
  const cosines = new Float32Array(count * pairs);
  const sines = new Float32Array(count * pairs);
  for (let p = 0; p < count; p++) {
    for (let i = 0; i < pairs; i++) {
      const angle = Math.fround(p * turn[i]);
      cosines[p * pairs + i] = Math.cos(angle);
      sines[p * pairs + i] = Math.sin(angle);
    }
  }
  return { cosines, sines };
}

/** Turns a head's vector at a place, in place: number i together with number i + headWidth / 2. */
export function rotate(
  vectors: Float32Array,
  at: number,
  position: number,
  { cosines, sines }: TurnTable,
  pairs: number,
): void {
  const row = position * pairs;
  for (let i = 0; i < pairs; i++) {
    const c = cosines[row + i];
    const s = sines[row + i];
    const a = vectors[at + i];
    const b = vectors[at + pairs + i];
    vectors[at + i] = a * c - b * s;
    vectors[at + pairs + i] = b * c + a * s;
  }
}
