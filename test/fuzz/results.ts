import { uniformIndex } from "../../src/coalitions/random.js";
import { type Random, randomStream } from "../../src/coalitions/random-streams.js";

/** A file of results that something has happened to. */
export interface DamagedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Changes of one file, made by hand: cut, emptied, grown, replaced by something else. */
function* namedDamage(whole: Uint8Array): Generator<DamagedFile> {
  for (const length of [0, 1, 10, 26, 27, 60, 91, 92, 93, Math.floor(whole.length / 2), whole.length - 1]) {
    yield { name: `cut to ${length} bytes`, bytes: whole.slice(0, length) };
  }
  yield { name: "with a byte more", bytes: Buffer.concat([whole, Uint8Array.of(0)]) };
  yield { name: "twice", bytes: Buffer.concat([whole, whole]) };
  yield { name: "zeros", bytes: new Uint8Array(whole.length) };
  for (const text of ["null", "{}", "[]", "5", "precious", "\n", "\ufeff{}", "shapley-modes-checkpoint/2", '{"a":']) {
    yield { name: JSON.stringify(text), bytes: new TextEncoder().encode(text) };
  }
  yield { name: "deep", bytes: new TextEncoder().encode("[".repeat(100_000)) };
}

/** Damage at random: bits turned, bytes replaced, stretches taken out, doubled or moved. */
function randomDamage(random: Random, whole: Uint8Array): DamagedFile {
  const at = uniformIndex(random, whole.length);
  const length = 1 + uniformIndex(random, 40);
  const bytes = Uint8Array.from(whole); // a Buffer's slice would share its memory
  const [before, cut, after] = [bytes.subarray(0, at), bytes.subarray(at, at + length), bytes.subarray(at + length)];
  switch (uniformIndex(random, 5)) {
    case 0:
      bytes[at] ^= 1 << uniformIndex(random, 8);
      return { name: `a bit of byte ${at} turned`, bytes };
    case 1:
      bytes[at] = uniformIndex(random, 256);
      return { name: `byte ${at} is ${bytes[at]}`, bytes };
    case 2:
      return { name: `without ${length} bytes from ${at}`, bytes: Buffer.concat([before, after]) };
    case 3:
      return { name: `${length} bytes from ${at} twice`, bytes: Buffer.concat([before, cut, cut, after]) };
    default:
      return { name: `${length} bytes from ${at} at the end`, bytes: Buffer.concat([before, after, cut]) };
  }
}

/** A whole file in many states of damage. Same seed, same files. */
export function* damagedFiles(seed: number, count: number, whole: Uint8Array): Generator<DamagedFile> {
  yield* namedDamage(whole);
  const random = randomStream(seed);
  for (let made = 0; made < count; made++) yield randomDamage(random, whole);
}
