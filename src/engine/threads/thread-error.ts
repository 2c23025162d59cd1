import { asRefusal, FileError, GameError, isOurs, MissingPartError } from "../../errors.js";

/** An error as another thread can take it: a clone of an Error loses its class and what it carries. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a GameError: what went wrong, without where. */
  readonly problem: string | undefined;
  readonly coalition: readonly string[] | undefined;
  /** Of a FileError. */
  readonly path: string | undefined;
  /** Of a MissingPartError. */
  readonly missing: { readonly part: string; readonly remedy: string } | undefined;
  /** Whether it is a RangeError or TypeError of ours, not the language's own. */
  readonly refusal: boolean;
  readonly cause: PackedError | string | undefined;
}

/** Makes something thrown ready for another thread. What is no Error is put as text. */
export function packError(thrown: unknown): PackedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack, cause } = error;
  const game = error instanceof GameError ? error : undefined;
  return {
    name,
    message,
    stack,
    problem: game?.problem,
    coalition: game?.coalition,
    path: error instanceof FileError ? error.path : undefined,
    missing: error instanceof MissingPartError ? { part: error.part, remedy: error.remedy } : undefined,
    refusal: (error instanceof RangeError || error instanceof TypeError) && isOurs(error),
    cause: cause === undefined ? undefined : cause instanceof Error ? packError(cause) : String(cause),
  };
}

/**
 * The error again, of its own class where that is one of ours or RangeError or TypeError, with the stack of its thread.
 */
export function unpackError(packed: PackedError): Error {
  const cause = typeof packed.cause === "object" ? unpackError(packed.cause) : packed.cause;
  const error = ofItsClass(packed, cause === undefined ? undefined : { cause });
  if (packed.stack !== undefined) error.stack = packed.stack;
  return error;
}

function ofItsClass(packed: PackedError, options: ErrorOptions | undefined): Error {
  const { name, message, problem, coalition, path, missing, refusal } = packed;
  if (problem !== undefined) return new GameError(problem, { ...options, coalition });
  if (path !== undefined) return new FileError(path, message.slice(path.length + ": ".length), options);
  if (missing !== undefined) return new MissingPartError(missing.part, missing.remedy, options);
  if (name === "RangeError" || name === "TypeError") {
    const error = new (name === "RangeError" ? RangeError : TypeError)(message, options);
    return refusal ? asRefusal(error) : error;
  }
  return Object.defineProperty(new Error(message, options), "name", { value: name, configurable: true });
}
