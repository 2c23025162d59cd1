import { allPairs } from "../../coalitions/complement-pairs.js";
import { fewPairsPerUnit } from "./few-pairs.js";

/** Columns beside those of which each unit has one: powers of t. */
const shared = 5;
/** Factorisations of few pairs, one for each ridge, with the Gram matrix and what the values are made of. */
const squaresOfFew = 9;
/** Gram matrix, factorisation and what the values are made of, in squares of the columns. */
const squares = 3;

/**
 * Bytes that the fit of `leverage` takes whatever the outputs: signs of all units in every pair, columns, how far each
 * pair moves each value (of every kind of terms), and some squares of the columns. Where all pairs are there, nothing
 * is fitted.
 *
 * @param units that take part in pairs
 */
export function designBytes(units: number, pairs: number): number {
  if (pairs >= allPairs(units)) return 0;
  const few = pairs < fewPairsPerUnit * units;
  const columns = shared + (few ? 1 : 2) * units;
  const influences = (few ? 1 : 3) * units;
  const numbers = pairs * (units + columns + influences) + (few ? squaresOfFew : squares) * columns ** 2;
  return numbers * Float64Array.BYTES_PER_ELEMENT;
}
