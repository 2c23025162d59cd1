import type { LesionKind } from "../lesion/lesion.js";

/** A tensor with a row for each input, as `RowsTensor`. */
type StoredRows = { readonly name: string; readonly shape: readonly number[]; readonly type: string };

/** How an input is seen as an image. */
export type ImageForm = {
  readonly height: number;
  readonly width: number;
  /** 1 for grey, 3 for colours. */
  readonly channels: number;
  /** Whether the channels are the first axis, not the last. */
  readonly first: boolean;
  /** The numbers that are black and white. */
  readonly low: number;
  readonly high: number;
};

/** What the page of an ONNX network knows beside its arrays. */
export type OnnxFacts = {
  /** The units, or groups of them, that come and go, and the sites and numbers of what each stands for. */
  readonly units: readonly string[];
  readonly members: readonly (readonly (readonly [site: number, unit: number])[])[];
  /** The two models, as `LesionedModels`: their bytes are arrays. */
  readonly inputs: readonly StoredRows[];
  readonly read: readonly string[] | null;
  readonly once: readonly StoredRows[];
  readonly masked: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly axis: number | null;
    readonly units: number;
    readonly paired: boolean;
  }[];
  readonly where: boolean;
  readonly output: string;
  /** Of one input. */
  readonly outputShape: readonly number[];
  /** How many inputs, how they are called, and how many go through at once. */
  readonly count: number;
  readonly data: string;
  readonly rowsAtOnce: number;
  readonly image: ImageForm | null;
  /** Whether the inputs are stored as levels of 255. */
  readonly levels: boolean;
  /** What each number of the output is called, and what they are over. */
  readonly outputs: readonly string[];
  readonly outputTitle: string;
  /** Whether inputs have classes, of which the network puts out one number each. */
  readonly classes: boolean;
  /** What the modes are of, what each of their numbers is called, and whether they are of these inputs. */
  readonly score: string;
  readonly scoreOutputs: readonly string[];
  readonly meaning: string;
  readonly sameInputs: boolean;
  readonly unit: string;
  readonly lesion: { readonly kind: LesionKind; readonly constant?: number };
  readonly groups: readonly { readonly name: string; readonly units: readonly number[] }[];
};
