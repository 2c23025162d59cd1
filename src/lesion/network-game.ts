import { type Coalitions, isIntact } from "../coalitions/coalition.js";
import { codeSha256 } from "../code-checksum.js";
import type { LabelledInputs } from "../datasets/inputs.js";
import { FileError, GameError, invalid, wrongKind } from "../errors.js";
import type { Numbers } from "../formats/numbers.js";
import { type Game, outputSize, type Values } from "../games/game.js";
import { loadAgain } from "../networks/load-network.js";
import { defaultMemory, rowsWithin } from "../networks/memory.js";
import type { Network, NetworkInputs, PreparedNetwork } from "../networks/network.js";
import { mostRowsOf, outputOf } from "../networks/sites.js";
import { knownOptions, type OptionNames } from "../options.js";
import { pacer } from "../pace.js";
import { builtModule } from "../package.js";
import { remarkOnce } from "../remark.js";
import { type GameInputs, gameInputs, rowsSha256 } from "./game-inputs.js";
import { type Lesion, lesionPlan, lesionTurns } from "./lesion.js";
import { type NamedSites, namedSites } from "./named-sites.js";
import {
  checkActivationsApart,
  checkAlone,
  checkRepeats,
  checkRowsApart,
  isOutOfMemory,
  maskWriter,
  passes,
  RowsMix,
} from "./network-passes.js";
import { type AnyScore, checkScore, prepareScore } from "./output-score.js";
import { oneRowReason, rowsMixReason, slowRemark } from "./slow-remark.js";
import { playersOf, type UnitGroups } from "./unit-groups.js";

/** This module as threads load it. */
const thisModule = builtModule("lesion/network-game");

/** Options of {@link networkGame}. */
export interface NetworkGameOptions {
  /**
   * Sites whose units are the players, by name (`sites(network)` lists them); or `{ label: name }`, so that units are
   * called `label/0` where a site's own name is long.
   */
  readonly sites: NamedSites;
  /**
   * Units that come and go together; the groups are then the players, and units in none stay intact. Default: each unit
   * alone.
   */
  readonly groups?: UnitGroups;
  /** What takes the place of a lesioned unit's values; default "zero". */
  readonly lesion?: Lesion;
  /** Which output is looked at, where the network has several. */
  readonly output?: string;
  /**
   * What v(S) is; default "output": what the network puts out for every input, `[inputs, ...output]`; "mean-output":
   * its mean over the inputs. Or a function of it; or, for labelled inputs and an output of one logit for each class,
   * one of `scoreNames`.
   */
  readonly score?: AnyScore;
  /**
   * Bytes of tensors that one pass may take, from which follows how many rows (coalitions x inputs) it has; default 256
   * MB, but 2 MB for ONNX networks on a processor, which are fastest in its cache, and always room for one row.
   */
  readonly memory?: number;
  /**
   * Gets what you should know but need not act on, such as that rows go one at a time; default: stderr, each remark
   * once in a process.
   */
  readonly onRemark?: (remark: string) => void;
}

/** The names of `NetworkGameOptions`. */
export const networkGameOptionNames: OptionNames<NetworkGameOptions> = {
  sites: true,
  groups: true,
  lesion: true,
  output: true,
  score: true,
  memory: true,
  onRemark: true,
};

/** The game of any network. Keeps activations and sessions until it is let go. */
export interface NetworkGame extends Game {
  /** Most rows (coalitions x inputs) that go through the network in one pass. */
  readonly rowsAtOnce: number;
  /** Gives its memory back; the game can not be played afterwards. */
  dispose(): void;
}

/**
 * The game of any network: its players are units of the lesioned sites, and v(S) is what the network puts out for some
 * inputs, or a score of it, when only the units of S are intact (for dense layers `mlpGame` computes the same many
 * times faster). Coalitions and inputs go through together, as many rows in one pass as the memory allows; what comes
 * before the first lesioned site is computed once.
 *
 * Workers can play it where the network was read from a file and the score has a name: each reads the file again. The
 * passes are the same whoever makes them, so the values are, bit for bit, wherever a backend gives the same bits for
 * the same pass: WebAssembly, plain JavaScript, and ONNX Runtime on the processor do. A graphics card may not.
 *
 * An input's output must not depend on the others: where it does (dynamic quantisation, normalisation over the batch),
 * which is looked for in passes of these inputs, they go through one at a time, and a remark says so.
 *
 * @param inputs the rows one after the other in a typed array, or what `loadArray` gives; such by name for a network of
 *   several inputs; or with their classes, as `loadInputs` and `labelledInputs` give them. The network's own kind of
 *   number has to hold them: whole numbers are never rounded
 * @throws TypeError, RangeError for options that do not fit the network, a memory too small for one row, or a network
 *   whose output depends on random numbers, or on the passes before: two passes of the intact network have to agree
 * @example
 * const network = await loadOnnx("network.onnx");
 * const groups = patches([3, 224, 224], 28, { channelsFirst: true });
 * const game = await networkGame(network, image, { sites: ["input"], groups, lesion: { mean: otherImages } });
 * const modes = await shapley(game, { orderings: 100 });
 */
export async function networkGame(
  network: Network,
  inputs: NetworkInputs | LabelledInputs<Numbers>,
  options: NetworkGameOptions,
): Promise<NetworkGame> {
  knownOptions("networkGame", options, networkGameOptionNames);
  if (typeof network?.prepare !== "function") throw wrongKind("network", "a network, as loadOnnx gives one", network);
  if (options === null || typeof options !== "object") throw wrongKind("options", "an object with sites", options);
  const given = gameInputs(network, inputs);
  return gameOf(network, given, options, { apart: false }).catch((error: unknown) => {
    if (!(error instanceof RowsMix)) throw error;
    return gameOf(network, given, options, { apart: true });
  });
}

/** How the rows of a game go through its network. */
interface RowsOfGame {
  /** How many at once; default as many as fit. */
  readonly atOnce?: number;
  /** Whether they go through by themselves, since they change each other. */
  readonly apart: boolean;
}

/**
 * The game of {@link networkGame} in another thread, from the file of its network.
 *
 * @param how as in the first thread, so that the same rows go through together
 * @throws FileError where the file has changed
 */
export async function networkGameAgain(
  source: NonNullable<Network["source"]>,
  sha256: string | undefined,
  inputs: GameInputs,
  options: NetworkGameOptions,
  how: RowsOfGame,
): Promise<NetworkGame> {
  const network = await loadAgain(source);
  if (network.sha256 !== sha256) {
    throw new FileError(String(source.from), `has changed: sha256 ${network.sha256}; ${sha256} was expected`);
  }
  return gameOf(network, inputs, options, how);
}

async function gameOf(
  whole: Network,
  inputs: GameInputs,
  options: NetworkGameOptions,
  how: RowsOfGame,
): Promise<NetworkGame> {
  const network = how.apart && whole.mostRows !== 1 ? { ...whole, ...whole.rowByRow(), opened: false } : whole;
  const first = how.atOnce === undefined;
  const { rows, labelled } = inputs;
  const { onRemark: remark = remarkOnce, ...sendable } = options;
  const chosen = namedSites(network, options.sites);
  const players = playersOf(chosen, options.groups);
  const output = outputOf(network, options.output);
  const { score: wanted = "output" } = options;
  const absent = checkScore(wanted, output, labelled, first ? remark : () => undefined);
  const plan = lesionPlan(options.lesion ?? "zero", network, rows);
  if (options.memory !== undefined && typeof options.memory !== "number") {
    throw wrongKind("memory", "a number of bytes", options.memory);
  }

  const sites = chosen.map(({ site }) => site);
  const experts = sites.find(({ kind }) => kind === "Experts");
  if (experts && plan.kind !== "zero" && plan.kind !== "constant")
    throw invalid(`lesion of ${experts.name}`, "zero, since its units are experts", plan.kind);
  const turns = await lesionTurns(plan, sites, async (reference) => {
    const values = await network.activations(reference, sites);
    await checkActivationsApart(network, reference, sites, values);
    return values;
  });
  const lesions = sites.map((site, s) => ({ site, replacement: turns[0][s] }));
  const prepared = await network.prepare(rows, lesions, output.name).catch((cause: unknown) => {
    if (!isOutOfMemory(cause)) throw cause;
    const what = "what comes before the first lesioned site is kept for all of them; take fewer";
    throw new GameError(`out of memory for ${rows.count} inputs; ${what} (${cause.message})`, { cause });
  });
  try {
    const least = prepared.bytes(1);
    const memory = options.memory ?? Math.max(least, network.usualMemory ?? defaultMemory);
    if (!(memory >= least)) {
      throw invalid("memory", `at least ${least} bytes, what one input takes in this network`, memory);
    }
    const mostRows = mostRowsOf(network, [...sites, output]);
    const rowsAtOnce = how.atOnce ?? rowsWithin(memory, prepared.bytes, mostRows);
    const perRow = outputSize(output.shape);
    if (first && rowsAtOnce > 1) {
      await checkRowsApart(network, prepared, sites, rows.count, rowsAtOnce, perRow).catch((cause: unknown) => {
        throw network.opened && !(cause instanceof GameError) ? new RowsMix("they do not run", { cause }) : cause;
      });
    }
    const playOf = (network: PreparedNetwork) =>
      passes(network, rows.count, perRow, rowsAtOnce, maskWriter(players, sites));
    const play = playOf(prepared);
    // Of the other turns nothing is copied or computed again.
    const plays = turns.map((replacements, t) =>
      t === 0 ? play : playOf({ ...prepared, run: (pass) => prepared.run({ ...pass, replacements }) }),
    );
    const intact = await play.intactOutput();
    if (first) {
      if (mostRows !== 1 && rows.count > 1) {
        // What is kept for all passes was computed for many rows at once too.
        await prepared.anew([0, rows.count - 1]);
        checkAlone(intact, await play.intactOutput(), network);
      }
      await prepared.anew();
      const start = performance.now();
      checkRepeats(intact, await play.intactOutput(), network.backend);
      const why = how.apart ? rowsMixReason(whole) : mostRows === 1 ? oneRowReason(network, sites, output) : undefined;
      if (why) remark(slowRemark(why, performance.now() - start, rows.count));
    }
    const score = prepareScore(wanted, output, rows.count, labelled?.labels, intact);
    const outputs = outputSize(score.outputShape);
    const { source, sha256 } = network;
    const again =
      source && typeof wanted !== "function"
        ? [source, sha256, inputs, sendable, { atOnce: rowsAtOnce, apart: how.apart }]
        : undefined;

    return {
      units: players.names,
      outputShape: score.outputShape,
      rowsAtOnce,
      provenance: {
        ...(absent.length > 0 && { classes_without_inputs: absent }),
        groups: options.groups === undefined ? null : Object.fromEntries(Object.entries(options.groups)),
        inputs: inputs.name,
        inputs_sha256: inputs.sha256,
        lesion: plan.kind,
        lesion_constant: "constant" in plan ? plan.constant : null,
        lesion_inputs_sha256: "reference" in plan ? rowsSha256(plan.reference) : null,
        network: network.kind,
        network_sha256: network.sha256 ?? null,
        output: output.name,
        score: score.name,
        sites: Object.fromEntries(chosen.map(({ label, site }) => [label, site.name])),
        tensor_backend: network.backend,
      },
      ...(typeof wanted === "function" && { code: codeSha256(wanted) }),
      ...(again && {
        forThreads: () => ({ module: thisModule, export: networkGameAgain.name, arguments: again }),
      }),
      async evaluate(coalitions: Coalitions, signal?: AbortSignal): Promise<Values> {
        const values = new Float64Array(coalitions.count * outputs);
        const isMember = (c: number, player: number) => isIntact(coalitions, c, player);
        const pace = pacer(signal);
        const value = new Float64Array(outputs);
        for (const [b, each] of plays.entries()) {
          await each.evaluate(coalitions.count, isMember, pace, (c, whole) => {
            if (b === 0) return score.write(whole, values, c * outputs);
            score.write(whole, value, 0);
            for (let o = 0; o < outputs; o++) values[c * outputs + o] += value[o];
          });
        }
        return plays.length === 1 ? values : values.map((sum) => sum / plays.length);
      },
      dispose: () => prepared.dispose(),
    };
  } catch (error) {
    prepared.dispose();
    throw error;
  }
}
