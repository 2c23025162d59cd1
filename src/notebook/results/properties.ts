import { types } from "node:util";

/** A property's value, of the object or its prototypes, without calling a getter. */
export function dataProperty(value: object, key: PropertyKey): unknown {
  for (let at: object | null = value; at && !types.isProxy(at); at = Object.getPrototypeOf(at)) {
    const property = Object.getOwnPropertyDescriptor(at, key);
    if (property) return property.value;
  }
  return undefined;
}

/** Name of the class of an object, as far as it is known without running its code. */
export function kindName(value: object): string {
  const maker = dataProperty(value, "constructor");
  if (typeof maker !== "function") return Object.getPrototypeOf(value) === null ? "Object (no prototype)" : "Object";
  const name = dataProperty(maker, "name");
  return typeof name === "string" && name ? name : "Object";
}
