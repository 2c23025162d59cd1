/**
 * Which units are off, and who is to be told when that changes: at once, so that what is computed is there for the next
 * picture of the screen, and then once for each picture, however many changes there are until it.
 */
export class Selection {
  readonly #off: Uint8Array;
  readonly #listeners: (() => void)[] = [];
  #count = 0;
  #told: "no" | "soon" | "yes" | "again" = "no";
  /** The unit that was touched last; the page tells of it. */
  looked = 0;

  constructor(readonly units: number) {
    this.#off = new Uint8Array(units);
  }

  /** How many units are off. */
  get count(): number {
    return this.#count;
  }

  isOff(unit: number): boolean {
    return this.#off[unit] === 1;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Switches one unit, and looks at it. */
  set(unit: number, off: boolean): void {
    this.looked = unit;
    this.#put(unit, off);
    this.#tell();
  }

  look(unit: number): void {
    if (unit === this.looked) return;
    this.looked = unit;
    this.#tell();
  }

  /** Switches these units off, and all others on. */
  setOnly(units: Iterable<number>): void {
    for (let unit = 0; unit < this.units; unit++) this.#put(unit, false);
    for (const unit of units) this.#put(unit, true);
    this.#tell();
  }

  /** Switches a group off, or on again where all of it is off. */
  toggleGroup(units: readonly number[]): void {
    const off = !this.hasOff(units);
    for (const unit of units) this.#put(unit, off);
    this.#tell();
  }

  /** Whether all of these units are off. */
  hasOff(units: readonly number[]): boolean {
    return units.every((unit) => this.isOff(unit));
  }

  #put(unit: number, off: boolean): void {
    if (this.isOff(unit) === off) return;
    this.#off[unit] = off ? 1 : 0;
    this.#count += off ? 1 : -1;
  }

  #tell(): void {
    if (this.#told === "yes") this.#told = "again";
    if (this.#told !== "no") return;
    this.#told = "soon";
    queueMicrotask(() => {
      this.#told = "yes";
      this.#tellNow();
    });
    requestAnimationFrame(() => {
      const more = this.#told === "again";
      this.#told = "no";
      if (more) this.#tellNow();
    });
  }

  #tellNow(): void {
    for (const listener of this.#listeners) listener();
  }
}
