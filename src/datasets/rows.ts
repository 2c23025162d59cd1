import { invalid } from "../errors.js";
import { firstMisfit, type NumberKind, type NumberList, type Numbers, ruleOf } from "../formats/numbers.js";
import { shapeSize } from "../shape-size.js";

/**
 * The rows that an array holds for an input: `[count, ...row]`, rows flat or in the input's own shape (axes of length 1
 * do not count), or one row without the first axis.
 *
 * @param input name and shape of one row
 * @returns how many rows
 * @throws RangeError for an array of another shape: numbers in another order are no image
 */
export function rowsIn(
  { shape, data }: { readonly shape: readonly number[]; readonly data: Numbers },
  input: { readonly name: string; readonly shape: readonly number[] },
): number {
  const wanted = withoutOnes(input.shape);
  const size = shapeSize(input.shape);
  const isRow = (row: readonly number[]) => {
    const lengths = withoutOnes(row);
    const flat = lengths.length <= 1 || wanted.length <= 1;
    return shapeSize(row) === size && (flat || `${lengths}` === `${wanted}`);
  };
  if (data.length > 0 && shape.length > 0 && isRow(shape.slice(1))) return shape[0];
  if (data.length > 0 && isRow(shape)) return 1;
  const rule = `rows of shape [${input.shape.join(", ")}], so an array [count, ${input.shape.join(", ")}]`;
  throw invalid(`inputs for ${input.name}`, rule, `an array [${shape.join(", ")}]`);
}

/**
 * Checks that numbers can be handed on as another kind: fractions are rounded to single precision where that is what is
 * wanted, whole numbers never are.
 *
 * @param name how messages call them
 * @param rowSize numbers in one row, so that messages can say where
 * @throws RangeError naming the first number that the kind does not hold
 */
export function checkFits(name: string, values: NumberList, kind: NumberKind, rowSize = values.length): void {
  const at = firstMisfit(values, kind);
  if (at < 0) return;
  const bad = values[at];
  const where = `${bad} at place ${at % rowSize} of row ${Math.floor(at / rowSize)}`;
  const finite = typeof bad === "bigint" || Number.isFinite(bad);
  throw invalid(name, finite ? `${ruleOf(kind)}, as the network takes ${kind}` : "finite numbers", where);
}

function withoutOnes(shape: readonly number[]): number[] {
  return shape.filter((length) => length !== 1);
}
