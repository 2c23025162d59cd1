import { wrongKind } from "../errors.js";
import type { Game } from "../games/game.js";
import type { Generator } from "../networks/dcgan/generator.js";
import { isMlp, type Mlp } from "../networks/mlp/mlp.js";
import type { Network } from "../networks/network.js";
import { checkedSize } from "./document.js";
import { type GamePageOptions, gameContent } from "./game-content.js";
import { type GeneratorPageOptions, generatorContent, isGenerator } from "./generator-content.js";
import { type MlpPageOptions, mlpContent } from "./mlp-content.js";
import { type OnnxPageOptions, onnxContent } from "./onnx-content.js";
import { packArrays } from "./packed-arrays.js";
import type { LesionPage } from "./page.js";
import type { PageContent } from "./page-content.js";
import { generatorSources, packageSources } from "./page-sources.js";

/**
 * A page on which the reader lesions: one offline file, in which everything is computed in the reader's browser, by the
 * kernels that compute here.
 *
 * Of a **game** of up to 16 units: the value of every group of units is in the page, evaluated once here. The reader
 * puts groups together, lets units arrive in one order after another, and sees what each adds come to its Shapley
 * value. A small table is exact; of a large one every value is within a thousandth.
 *
 * Of a **network of dense layers**: the reader switches hidden units off, one by one, by a sweep over their modes, by
 * groups, and sees what the network says of images without them, or of one that he draws; and beside the mode of a unit
 * what it changes now. The lesion is that of the modes.
 *
 * Of a **generator of images**: an image, what becomes of it as the reader switches channels off, and the difference;
 * other latents by sliders. A channel that is off is 0 after its activation, as in `generatorGame`.
 *
 * Of a **network from an ONNX file**, with `{ runtime: "onnxruntime-web" }`: the reader switches the units of the modes
 * off, channels, heads or groups of them, and sees what it puts out for some inputs. ONNX Runtime computes in the page,
 * and takes 5 MB of it.
 *
 * @throws TypeError for what is none of these; RangeError for more than 16 units, a page that would be larger than 6
 *   MB, modes or inputs that do not fit, or an option that is none, before any evaluation; GameError where the game
 *   throws or a value is not finite
 * @example
 * const shop = await gameFrom(["left glove", "right glove", "hat"], (intact) =>
 *   (intact.has("left glove") && intact.has("right glove") ? 10 : 0) + (intact.has("hat") ? 4 : 0));
 * const page = await lesionPage(shop, { title: "A small shop", score: "worth", unitTitle: "item" });
 * page.kind; // "game"
 */
export function lesionPage(game: Game, options?: GamePageOptions): Promise<LesionPage>;
export function lesionPage(network: Mlp, options: MlpPageOptions): Promise<LesionPage>;
export function lesionPage(generator: Generator, options?: GeneratorPageOptions): Promise<LesionPage>;
export function lesionPage(network: Network, options: OnnxPageOptions): Promise<LesionPage>;
export async function lesionPage(
  subject: Game | Mlp | Generator | Network,
  options: unknown = {},
): Promise<LesionPage> {
  if (isObject(subject) && isGenerator(subject)) {
    const content = generatorContent(subject, options as GeneratorPageOptions);
    const sources = generatorSources(subject);
    return packed({ ...content, ...(sources && { sources }) });
  }
  if (isObject(subject) && isMlp(subject as Mlp)) {
    const given = options as MlpPageOptions;
    const content = await mlpContent(subject as Mlp, given);
    const sources = packageSources(subject as Mlp, given.inputs);
    return packed({ ...content, ...(sources && { sources }) });
  }
  if (isObject(subject) && "lesionedModels" in subject) {
    const given = options as OnnxPageOptions;
    return packed(await onnxContent(subject as Network, given), given.mostBytes);
  }
  if (isGame(subject)) return packed(await gameContent(subject, options as GamePageOptions));
  throw wrongKind(
    "subject of the page",
    "a game, a network of dense layers, a generator of images, or a network from an ONNX file",
    subject,
  );
}

function isObject(value: unknown): value is object {
  return value !== null && typeof value === "object";
}

function isGame(value: unknown): value is Game {
  return isObject(value) && "units" in value && "evaluate" in value && "outputShape" in value;
}

/** @throws RangeError where the page would be too large, saying how large */
function packed({ arrays, ...said }: PageContent, mostBytes?: number): LesionPage {
  return checkedSize({ ...said, ...packArrays(arrays) }, mostBytes);
}
