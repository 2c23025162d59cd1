/**
 * Every error of the library is made here, so that they all read alike: `invalid NAME; RULE; received VALUE`.
 * A value out of its range is a RangeError, a value of the wrong kind a TypeError.
 */

import { inOneLine } from "./words.js";

/** A short, one-line rendering of a value for an error message. */
export function describe(value: unknown): string {
  return rendering(value, 2);
}

/** @param depth how many arrays within each other are opened: values of files may nest without end */
function rendering(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (ArrayBuffer.isView(value) && "length" in value) return `${value.constructor.name} of length ${value.length}`;
  if (Array.isArray(value)) {
    if (value.length > 8 || depth === 0) return `array of length ${value.length}`;
    return `[${value.map((part) => rendering(part, depth - 1)).join(", ")}]`;
  }
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Promise) return "a promise (without await?)";
  if (value !== null && typeof value === "object") {
    const name: unknown = value.constructor?.name; // of a value from a file anything
    return typeof name === "string" ? name : "object";
  }
  const text = String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** On errors of values that the library refuses; the same in every copy of it. */
const refusal = Symbol.for("shapley-modes.refusal");

/** The error as one of a value that the library refuses, which {@link isOurs} knows from the language's own. */
export function asRefusal<Kind extends RangeError | TypeError>(error: Kind): Kind {
  return Object.defineProperty(error, refusal, { value: true });
}

/** A value that is of the right kind but out of range. */
export function invalid(name: string, rule: string, received: unknown): RangeError {
  return asRefusal(new RangeError(inOneLine(`invalid ${name}; expected ${rule}; received ${describe(received)}`)));
}

/** A value of the wrong kind altogether. */
export function wrongKind(name: string, rule: string, received: unknown): TypeError {
  return asRefusal(new TypeError(inOneLine(`invalid ${name}; expected ${rule}; received ${describe(received)}`)));
}

/**
 * A file that can not be read as what it should be. The message names the file and what is wrong with it.
 */
export class FileError extends Error {
  override readonly name = "FileError";
  constructor(
    readonly path: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(inOneLine(`${path}: ${shortened(problem)}`), options);
  }
}

/** Longest account of what is wrong with a file. */
const longestProblem = 1000;

/** An account of bounded length, however long the names are that a file has in it. */
function shortened(problem: string): string {
  return problem.length > longestProblem ? `${problem.slice(0, longestProblem - 3)}...` : problem;
}

/**
 * An optional part (Chromium, a tensor backend, ...) that is absent. The message names the command that installs it.
 */
export class MissingPartError extends Error {
  override readonly name = "MissingPartError";
  constructor(
    readonly part: string,
    readonly remedy: string,
    options?: ErrorOptions,
  ) {
    super(`${part} is not available; ${remedy}`, options);
  }
}

/**
 * A game that threw, or returned something other than finite numbers of its shape. Carries what is needed to see it
 * again: the coalition (names of the intact units) and the seed.
 */
export class GameError extends Error {
  override readonly name = "GameError";
  /** Names of the intact units; undefined where the game did not say which coalition failed. */
  readonly coalition: readonly string[] | undefined;
  /** Seed of the run; undefined outside a run. */
  readonly seed: number | undefined;

  constructor(
    readonly problem: string,
    options: { cause?: unknown; coalition?: readonly string[] | undefined; seed?: number | undefined } = {},
  ) {
    const { cause, coalition, seed } = options;
    const where = [];
    if (coalition) where.push(`coalition {${abbreviate(coalition)}}`);
    if (seed !== undefined) where.push(`seed ${seed}`);
    super(inOneLine([problem, ...where].join("; ")), cause === undefined ? undefined : { cause });
    this.coalition = coalition;
    this.seed = seed;
  }

  /** The same error with the seed of the run it happened in. */
  withSeed(seed: number): GameError {
    return this.seed === undefined
      ? new GameError(this.problem, { cause: this.cause, coalition: this.coalition, seed })
      : this;
  }
}

/** Whether an error is one that this library makes: it says in one line what is wrong, and for whom. */
export function isOurs(error: unknown): error is Error {
  // A RangeError or TypeError of ours is a refusal; one of the language's own is a defect.
  if (error instanceof RangeError || error instanceof TypeError) return refusal in error;
  return error instanceof FileError || error instanceof MissingPartError || error instanceof GameError;
}

function abbreviate(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(", ");
  return names.length <= 20 ? shown : `${shown}, ... ${names.length} in all`;
}

/** Checks a positive integer and returns it. */
export function positiveInteger(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongKind(name, "a positive integer", value);
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(name, "a positive integer", value);
  return value;
}

/** Checks a finite number and returns it. */
export function finite(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongKind(name, "a finite number", value);
  if (!Number.isFinite(value)) throw invalid(name, "a finite number", value);
  return value;
}

/** Checks a finite number that is 0 or more and returns it. */
export function finiteFromZero(name: string, value: unknown): number {
  const number = finite(name, value);
  if (number < 0) throw invalid(name, "a finite number from 0 on", value);
  return number;
}

/** Checks a number that is 0 or more, or Infinity, and returns it. */
export function notNegative(name: string, value: unknown): number {
  if (typeof value !== "number") throw wrongKind(name, "a number from 0 on", value);
  if (!(value >= 0)) throw invalid(name, "a number from 0 on", value);
  return value;
}

/** Checks a seed, an integer from 0 to 2^32 - 1 (0 is a seed like any other), and returns it. */
export function validSeed(value: unknown): number {
  const rule = "an integer from 0 to 4294967295";
  if (typeof value !== "number") throw wrongKind("seed", rule, value);
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw invalid("seed", rule, value);
  return value;
}

/** Checks that a value is one of a few names and returns it. */
export function oneOf<T extends string>(name: string, allowed: readonly T[], value: unknown): T {
  if (!allowed.includes(value as T)) throw invalid(name, `one of ${allowed.join(", ")}`, value);
  return value as T;
}
