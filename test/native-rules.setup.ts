import { watch } from "./tensors/native-rules.js";

// Every test plays by the rules of TensorFlow's native backend, which is on few machines: the engine is watched from
// the moment that TensorFlow.js makes it, in a place that all of its copies share. Whoever needs more says so
// (`withoutNativeRules`).
const place = "_tfengine";
let engine: unknown;
Object.defineProperty(globalThis, place, {
  configurable: true,
  get: () => engine,
  set(made: Parameters<typeof watch>[0]) {
    if (made !== engine) watch(made);
    engine = made;
  },
});
