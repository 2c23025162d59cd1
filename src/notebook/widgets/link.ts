import { wrongKind } from "../../errors.js";
import { asShown } from "../display/bundle.js";
import { Control } from "./control.js";

/**
 * Keeps two controls alike: the second takes the first one's value, and from then on each takes what the other is
 * changed to. A value that the other can not have is told as an error in the other's cell, and the other stays as it
 * is.
 *
 * @returns what unlinks them
 * @throws RangeError or TypeError where the second can not have the first one's value
 * @example
 * const here = await slider("k", { max: 200 });
 * const there = await slider("k as well", { max: 200 });
 * const unlink = link(here, there);
 * here.value = 20;
 * there.value;   // 20
 */
export function link<Value>(first: Control<Value>, second: Control<Value>): () => void {
  for (const [name, control] of Object.entries({ first, second })) {
    if (!(control instanceof Control)) throw wrongKind(name, "a control, as slider and select make them", control);
  }
  second.value = first.value;
  const ends = [follow(first, second), follow(second, first)];
  return asShown(() => {
    for (const end of ends) end();
  });
}

function follow<Value>(from: Control<Value>, to: Control<Value>): () => void {
  return from.follow((value) => {
    try {
      to.value = value;
    } catch (error) {
      void to.model.notify(() => {
        throw error;
      });
    }
  });
}
