/** What every command gets beside its options. */
export interface CommandContext {
  /** Aborted by Ctrl-C or a request to end. */
  readonly signal: AbortSignal;
}

/** A command that did what it could and has said why that is not all. */
export class IncompleteError extends Error {
  override readonly name = "IncompleteError";
  constructor(
    message: string,
    /** Exit code of the command. */
    readonly code = 1,
  ) {
    super(message);
  }
}
