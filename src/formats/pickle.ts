import { fraction, pickleCursor, twosComplement, whole } from "./pickle-cursor.js";
import { type PickleMeaning, PickleName, PickleObject } from "./pickle-meaning.js";

/**
 * Reads a pickle, protocols 0 to 5, without executing anything: names are what `meaning` says, calls are its functions.
 * Tuples become frozen arrays, lists arrays, dictionaries Maps, sets Sets, whole numbers numbers, or bigints where a
 * number is not exact. What takes its own time and memory is bounded by the pickle's length, but for objects that are
 * named again and again: whoever walks through the result must bound that. Source:
 * https://docs.python.org/3/library/pickletools.html.
 *
 * @throws Error for a pickle that is cut off, damaged or of a later protocol, or gives state to what has none
 */
export function readPickled(bytes: Uint8Array, meaning: PickleMeaning): unknown {
  const from = pickleCursor(bytes);
  const memo = new Map<number, unknown>();
  const marked: unknown[][] = [];
  let stack: unknown[] = [];

  const pop = (): unknown => {
    if (stack.length === 0) throw new Error("it takes what is not there");
    return stack.pop();
  };
  const top = (): unknown => {
    if (stack.length === 0) throw new Error("it looks at what is not there");
    return stack[stack.length - 1];
  };
  const sinceMark = (): unknown[] => {
    const items = stack;
    const before = marked.pop();
    if (!before) throw new Error("it ends what has not begun");
    stack = before;
    return items;
  };
  const recall = (index: number) => {
    if (!memo.has(index)) throw new Error("it recalls what it did not note");
    stack.push(memo.get(index));
  };
  const tuple = (items: unknown[]) => stack.push(Object.freeze(items));
  const listed = (items: readonly unknown[]) => {
    const list = top();
    if (!Array.isArray(list)) throw new Error("it appends to what is no list");
    for (const item of items) list.push(item);
  };
  const entered = (items: readonly unknown[], map: unknown) => {
    if (!(map instanceof Map) || items.length % 2 !== 0) throw new Error("it sets items of what is no dictionary");
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  };
  const named = (module: unknown, name: unknown) => {
    if (typeof module !== "string" || typeof name !== "string") throw new Error("it has a name that is no text");
    return meaning.name(module, name);
  };
  const made = (how: "call" | "create", of: unknown, parameters: unknown) => {
    const make = of instanceof PickleName ? of[how] : undefined;
    if (!make || !Array.isArray(parameters)) {
      throw new Error(`it ${how}s ${of instanceof PickleName ? of.name : "what has no name"}`);
    }
    stack.push(make(parameters));
  };

  for (;;) {
    const code = from.byte();
    switch (String.fromCharCode(code)) {
      case "\x80": {
        const protocol = from.byte();
        if (protocol > 5) throw new Error(`it is of protocol ${protocol}`);
        break;
      }
      case "\x95": // a frame, whose length says nothing
        from.skip(8);
        break;
      case ".":
        return pop();
      case "(":
        marked.push(stack);
        stack = [];
        break;
      case "0":
        pop();
        break;
      case "1":
        sinceMark();
        break;
      case "2":
        stack.push(top());
        break;

      case "p":
        memo.set(whole(from.line()) as number, top());
        break;
      case "q":
        memo.set(from.byte(), top());
        break;
      case "r":
        memo.set(from.uint32(), top());
        break;
      case "\x94":
        memo.set(memo.size, top());
        break;
      case "g":
        recall(whole(from.line()) as number);
        break;
      case "h":
        recall(from.byte());
        break;
      case "j":
        recall(from.uint32());
        break;

      case "N":
        stack.push(null);
        break;
      case "\x88":
        stack.push(true);
        break;
      case "\x89":
        stack.push(false);
        break;
      case "I": {
        const digits = from.line();
        stack.push(digits === "01" ? true : digits === "00" ? false : whole(digits));
        break;
      }
      case "L":
        stack.push(whole(from.line().replace(/L$/, "")));
        break;
      case "J":
        stack.push(from.int32());
        break;
      case "K":
        stack.push(from.byte());
        break;
      case "M":
        stack.push(from.uint16());
        break;
      case "\x8a":
        stack.push(twosComplement(from.data(from.byte())));
        break;
      case "\x8b":
        stack.push(twosComplement(from.data(from.uint32())));
        break;
      case "F":
        stack.push(fraction(from.line()));
        break;
      case "G":
        stack.push(from.float64());
        break;

      case "S": {
        const quoted = /^(["'])([^\\]*)\1$/.exec(from.line());
        if (!quoted) throw new Error("it has text with escapes");
        stack.push(quoted[2]);
        break;
      }
      case "V": {
        const plain = from.line();
        if (plain.includes("\\")) throw new Error("it has text with escapes");
        stack.push(plain);
        break;
      }
      case "T":
        stack.push(from.latin(from.uint32()));
        break;
      case "U":
        stack.push(from.latin(from.byte()));
        break;
      case "X":
        stack.push(from.text(from.uint32()));
        break;
      case "\x8c":
        stack.push(from.text(from.byte()));
        break;
      case "\x8d":
        stack.push(from.text(from.length64()));
        break;
      case "B":
        stack.push(from.data(from.uint32()));
        break;
      case "C":
        stack.push(from.data(from.byte()));
        break;
      case "\x8e":
      case "\x96":
        stack.push(from.data(from.length64()));
        break;

      case ")":
        tuple([]);
        break;
      case "t":
        tuple(sinceMark());
        break;
      case "\x85":
        tuple([pop()]);
        break;
      case "\x86":
        tuple([pop(), pop()].reverse());
        break;
      case "\x87":
        tuple([pop(), pop(), pop()].reverse());
        break;
      case "]":
        stack.push([]);
        break;
      case "l":
        stack.push(sinceMark());
        break;
      case "a":
        listed([pop()]);
        break;
      case "e":
        listed(sinceMark());
        break;
      case "}":
        stack.push(new Map());
        break;
      case "d": {
        const map = new Map();
        entered(sinceMark(), map);
        stack.push(map);
        break;
      }
      case "s":
        entered([pop(), pop()].reverse(), top());
        break;
      case "u":
        entered(sinceMark(), top());
        break;
      case "\x8f":
        stack.push(new Set());
        break;
      case "\x90": {
        const items = sinceMark();
        const set = top();
        if (!(set instanceof Set)) throw new Error("it adds to what is no set");
        for (const item of items) set.add(item);
        break;
      }
      case "\x91":
        stack.push(new Set(sinceMark()));
        break;

      case "c":
        stack.push(named(from.line(), from.line()));
        break;
      case "\x93": {
        const name = pop();
        stack.push(named(pop(), name));
        break;
      }
      case "i": {
        const of = named(from.line(), from.line());
        made("create", of, sinceMark());
        break;
      }
      case "R": {
        const parameters = pop();
        made("call", pop(), parameters);
        break;
      }
      case "\x81": {
        const parameters = pop();
        made("create", pop(), parameters);
        break;
      }
      case "Q":
        stack.push(meaning.persistent(pop()));
        break;
      case "b": {
        const state = pop();
        const object = top();
        // Attributes of a dictionary, such as the versions that a state dict has, are no part of it.
        if (object instanceof PickleObject) object.setState(state);
        else if (!(object instanceof Map)) throw new Error("it gives state to what has none");
        break;
      }
      default:
        throw new Error(`it has the operation ${code}`);
    }
  }
}
