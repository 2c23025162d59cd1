import type { LesionedPass, MaskedTensor } from "../../../networks/network.js";
import { names, passFeeds } from "../../../networks/onnx/lesioned-pass.js";
import type { OnnxNumbers } from "../../../networks/onnx/types.js";
import type { OnnxFacts } from "../../onnx-facts.js";
import type { PageArray } from "../../page-content.js";
import { type RuntimeSession, type RuntimeTensor, session, tensor } from "./runtime.js";

type Arrays = Readonly<Record<string, PageArray>>;

/** The kinds of numbers that an input may be of, by ONNX Runtime's names. */
const kinds = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  bool: Uint8Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

/** The inputs of a page, each as its network takes it: `[count, ...shape]`. */
export function storedInputs({ inputs, levels }: OnnxFacts, arrays: Arrays): OnnxNumbers[] {
  return inputs.map(({ type }, i) => {
    const stored = arrays[`input${i}`];
    if (levels) return Float32Array.from(stored, (level) => level / 255);
    if (stored instanceof Float32Array) return stored;
    const bytes = stored as Uint8Array;
    return new kinds[type as keyof typeof kinds](bytes.slice().buffer) as OnnxNumbers;
  });
}

/** A network with lesions at some sites, on the inputs of the page, as `prepare` makes it in Node. */
export class OnnxPasses {
  readonly #facts: OnnxFacts;
  readonly #session: RuntimeSession;
  readonly #fixed: Readonly<Record<string, RuntimeTensor>>;
  readonly #masked: readonly MaskedTensor[];

  private constructor(facts: OnnxFacts, made: RuntimeSession, fixed: Readonly<Record<string, RuntimeTensor>>) {
    this.#facts = facts;
    this.#session = made;
    this.#fixed = fixed;
    this.#masked = facts.masked.map(({ axis, ...rest }) => ({ ...rest, axis: axis ?? undefined }));
  }

  static async of(facts: OnnxFacts, arrays: Arrays, data: readonly OnnxNumbers[]): Promise<OnnxPasses> {
    const { inputs, read, once, count, masked, rowsAtOnce } = facts;
    const rows = (name: string, from: number, to: number) => {
      const i = inputs.findIndex((input) => input.name === name);
      const size = data[i].length / count;
      return tensor(inputs[i].type, data[i].subarray(from * size, to * size), [to - from, ...inputs[i].shape]);
    };
    const computed = new Map<string, Float32Array>();
    if (read) {
      const before = await session(arrays.before as Uint8Array);
      for (let from = 0; from < count; from += rowsAtOnce) {
        const to = Math.min(count, from + rowsAtOnce);
        const feeds: Record<string, RuntimeTensor> = Object.create(null); // an input may be called __proto__
        for (const name of read) feeds[name] = rows(name, from, to);
        const results = await before.run(feeds);
        for (const { name } of once) {
          const values = results[name]?.data as Float32Array | undefined;
          if (!values) continue;
          const size = values.length / (to - from);
          const whole = computed.get(name) ?? new Float32Array(count * size);
          whole.set(values, from * size);
          computed.set(name, whole);
        }
      }
    }
    const fixed: Record<string, RuntimeTensor> = {};
    for (const { name, shape, type } of once) {
      const values = computed.get(name);
      fixed[names.once(name)] = values ? tensor(type, values, [count, ...shape]) : rows(name, 0, count);
    }
    masked.forEach(({ name, shape }, l) => {
      const held = arrays[`replacement${l}`] as Float32Array;
      const size = shape.reduce((product, length) => product * length, 1);
      fixed[names.replacement(name)] = tensor("float32", held, [held.length / size, ...shape]);
    });
    return new OnnxPasses(facts, await session(arrays.after as Uint8Array), fixed);
  }

  /** The output for all inputs, `[count, ...outputShape]`, with some units off: players of the game. */
  async output(isOff: (player: number) => boolean): Promise<Float32Array> {
    const { members, count, rowsAtOnce, where, output } = this.#facts;
    const intact = this.#masked.map(({ units }) => new Uint8Array(units).fill(1));
    members.forEach((each, player) => {
      if (isOff(player)) for (const [site, unit] of each) intact[site][unit] = 0;
    });
    let whole: Float32Array | undefined;
    for (let from = 0; from < count; from += rowsAtOnce) {
      const to = Math.min(count, from + rowsAtOnce);
      const pass: LesionedPass = { coalitions: 1, from, to, intact };
      const results = await this.#session.run({ ...this.#fixed, ...passFeeds(this.#masked, where, pass, tensor) });
      const values = results[output].data as Float32Array;
      const size = values.length / (to - from);
      whole ??= new Float32Array(count * size);
      whole.set(values, from * size);
    }
    return whole as Float32Array;
  }
}
