/**
 * A Python name that a pickle may use, and what stands for it. Frozen, and made for one file: a pickle can not change
 * how the next one is read.
 */
export class PickleName {
  constructor(
    readonly name: string,
    /** What calling it gives; undefined for what is not called. */
    readonly call?: (parameters: readonly unknown[]) => unknown,
    /** A new object of the class that it names; undefined for what is no class. */
    readonly create?: (parameters: readonly unknown[]) => unknown,
  ) {
    Object.freeze(this);
  }
}

/** An object of a class: it takes the state that Python would hand to `__setstate__`. */
export abstract class PickleObject {
  abstract setState(state: unknown): void;
}

/** What the names and persistent ids of a pickle stand for; both throw for those that are not known. */
export interface PickleMeaning {
  name(module: string, name: string): PickleName;
  persistent(id: unknown): unknown;
}
