/** A tensor as a pickle describes it: a window on a storage. Frozen: what follows in the pickle can not change it. */
export class TensorReference {
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    readonly storage: Float32Array,
    readonly offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ) {
    this.shape = Object.freeze([...shape]);
    this.strides = Object.freeze([...strides]);
    Object.freeze(this);
  }
}

/** A module of PyTorch as pure data: what its `__dict__` held. */
export class Module {
  #state: ReadonlyMap<unknown, unknown> = new Map();

  constructor(readonly className: string) {}

  /** Called by the pickle reader with the state that Python would hand to `__setstate__`. */
  __setstate__(state: unknown): void {
    if (!(state instanceof Map)) throw new Error(`the state of ${this.className} is not a dictionary`);
    this.#state = state;
  }

  get(name: string): unknown {
    return this.#state.get(name);
  }

  /** What is in `_parameters`, `_buffers` or `_modules`, in order. */
  *entries(group: string): Iterable<[string, unknown]> {
    const members = this.#state.get(group);
    if (members instanceof Map) for (const [name, value] of members) yield [String(name), value];
  }
}

/** An activation: a leaky ReLU, or a ReLU, whose slope below 0 is 0. */
export class Activation extends Module {
  get negativeSlope(): number {
    if (this.className === "torch.nn.modules.activation.ReLU") return 0;
    const slope = this.get("negative_slope");
    return typeof slope === "number" && Number.isFinite(slope) ? slope : 0.01;
  }
}

/** Classes of modules that hold parameters or other modules; `model.MNISTNet` is the published networks' own. */
export const moduleClasses: readonly string[] = [
  "model.MNISTNet",
  "torch.nn.modules.activation.Sigmoid",
  "torch.nn.modules.batchnorm.BatchNorm2d",
  "torch.nn.modules.container.ModuleList",
  "torch.nn.modules.container.Sequential",
  "torch.nn.modules.conv.ConvTranspose2d",
  "torch.nn.modules.flatten.Flatten",
  "torch.nn.modules.linear.Identity",
  "torch.nn.modules.linear.Linear",
];

/** Classes of activations. */
export const activationClasses: readonly string[] = [
  "torch.nn.modules.activation.LeakyReLU",
  "torch.nn.modules.activation.ReLU",
];
