import { PickleObject } from "./pickle-meaning.js";

/** The numbers that a tensor is a window on. */
export interface TorchStorage {
  readonly key: string;
  /** What PyTorch calls its kind, e.g. `FloatStorage`. */
  readonly type: string;
  /** How many numbers. */
  readonly count: number;
  /**
   * The numbers, as single precision. @throws FileError where they are absent, too few, or of a kind that is not read
   */
  numbers(): Float32Array;
}

/** A tensor as a pickle describes it: a window on a storage. Frozen: what follows in the pickle can not change it. */
export class TensorReference {
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    shape: readonly number[],
    strides: readonly number[],
    /** Whether its numbers are those of the storage with the other sign, as `torch._neg_view` makes them. */
    readonly negated: boolean,
  ) {
    this.shape = Object.freeze([...shape]);
    this.strides = Object.freeze([...strides]);
    Object.freeze(this);
  }
}

/** A module of PyTorch as pure data: what its `__dict__` held. */
export class Module extends PickleObject {
  #state: ReadonlyMap<unknown, unknown> | undefined;

  constructor(readonly className: string) {
    super();
    Object.freeze(this);
  }

  /** Called by the pickle reader with the state that Python would hand to `__setstate__`. */
  setState(state: unknown): void {
    if (!(state instanceof Map)) throw new Error(`the state of ${this.className} is not a dictionary`);
    if (this.#state) throw new Error(`${this.className} is given its state twice`);
    this.#state = state;
  }

  /** The name of its class without those of the modules that it is in, e.g. `Linear`. */
  get shortName(): string {
    return this.className.slice(this.className.lastIndexOf(".") + 1);
  }

  get(name: string): unknown {
    return this.#state?.get(name);
  }

  /** What is in `_parameters`, `_buffers`, `_modules` or the like, in order. */
  *entries(group: string): Iterable<[string, unknown]> {
    const members = this.#state?.get(group);
    if (!(members instanceof Map)) return;
    for (const [name, value] of members) {
      if (typeof name !== "string") throw new Error(`${this.className} has a part whose name is no text`);
      yield [name, value];
    }
  }

  /** The modules in it, by name, in the order in which they were defined. */
  *children(): Iterable<[string, Module]> {
    for (const [name, child] of this.entries("_modules")) if (child instanceof Module) yield [name, child];
  }
}

/**
 * Something in a pickle that is no part of a network: a number of numpy's, a path, a device. What it holds is not kept.
 */
export class Unread extends PickleObject {
  constructor(readonly className: string) {
    super();
    Object.freeze(this);
  }

  setState(): void {}
}

/** The class of the paper's own classifiers in its companion code, MSA-XAI. */
export const companionClass = "model.MNISTNet";

const ofTorch = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).flatMap(([module, classes]) =>
    classes.split(" ").map((name) => `torch.nn.modules.${module}.${name}`),
  );

/** Classes of modules that a file may be made of; none is executed. */
export const moduleClasses: readonly string[] = [
  companionClass,
  ...ofTorch({
    activation: "LeakyReLU ReLU Sigmoid",
    batchnorm: "BatchNorm2d",
    container: "ModuleList Sequential",
    conv: "ConvTranspose2d",
    dropout: "AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout",
    flatten: "Flatten",
    linear: "Identity Linear",
  }),
];

/**
 * Names of things beside a network in checkpoints of training scripts, all of them only data; what they hold is not
 * read.
 */
export const unreadNames: readonly string[] = [
  "__builtin__.bytearray",
  "__builtin__.complex",
  "_codecs.encode",
  "builtins.bytearray",
  "builtins.complex",
  "argparse.Namespace",
  "numpy.core.multiarray._reconstruct",
  "numpy._core.multiarray._reconstruct",
  "numpy.core.multiarray.scalar",
  "numpy._core.multiarray.scalar",
  "numpy.dtype",
  "numpy.ndarray",
  "pathlib.PosixPath",
  "pathlib.WindowsPath",
  "torch.device",
];

/** Names of dictionaries, and of classes of dictionaries that Lightning has for hyper-parameters. */
export const dictionaryNames: readonly string[] = [
  "__builtin__.dict",
  "builtins.dict",
  "collections.OrderedDict",
  "collections.defaultdict",
  "lightning.fabric.utilities.data.AttributeDict",
  "lightning_fabric.utilities.data.AttributeDict",
  "pytorch_lightning.utilities.parsing.AttributeDict",
];
