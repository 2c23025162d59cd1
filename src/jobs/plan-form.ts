import { describe, FileError } from "../errors.js";
import { estimators } from "../estimators/registry.js";
import { checkedUntil, type Until } from "../estimators/stopping/until.js";
import { outputSize } from "../games/game.js";
import type { Json, JsonObject } from "../json.js";
import { mostChunks } from "./layout.js";

/**
 * Whether a plan that was read has the form of one: a file whose checksum fits may still be of another hand.
 *
 * @throws FileError that names the first part which has not
 */
export function checkPlanForm(path: string, plan: JsonObject): void {
  const { estimator, units, output_shape: shape, request, until, said, game, ends, blocks, chunks, files } = plan;
  const check = (name: string, holds: boolean, rule: string, value: Json | undefined) => {
    if (!holds)
      throw new FileError(path, `is no plan of a job: invalid ${name}; expected ${rule}; received ${describe(value)}`);
  };
  check("estimator", isText(estimator) && Object.hasOwn(estimators, estimator), "one of this package", estimator);
  const names = listOf(units, isText);
  check(
    "units",
    Array.isArray(units) && names.length > 0 && names.length === units.length && new Set(names).size === names.length,
    "their names, each once",
    units,
  );
  const sizes = listOf(shape, isCount);
  check("output_shape", Array.isArray(shape) && sizes.length === shape.length, "positive integers", shape);
  const outputs = outputSize(sizes);
  const { units: players, outputs: values, orderings, evaluations, seed } = objectOf(request);
  check("request", players === names.length && values === outputs, "one of these units and outputs", request);
  check("orderings", isCount(orderings), "a positive integer", orderings);
  check("evaluations", evaluations === undefined || isCount(evaluations), "a positive integer", evaluations);
  check("seed", isWhole(seed) && seed < 2 ** 32, "an integer from 0 to 4294967295", seed);
  check("until", until === null || isUntil(until, names.length), "rules, or null", until);
  check("said", isObject(said), "an object", said);
  const { spec, provenance, gates, walks } = objectOf(game);
  const { module, export: made, arguments: given } = objectOf(spec);
  check("game", isText(module) && isText(made) && Array.isArray(given), "a module, its export and arguments", game);
  check("provenance", provenance === null || isObject(provenance), "an object, or null", provenance);
  check("gates", Array.isArray(gates), "a list", gates);
  check("walks", typeof walks === "boolean", "true or false", walks);
  for (const end of ["all", "none"]) {
    const text = objectOf(ends)[end];
    check(`ends.${end}`, isText(text) && holdsNumbers(text, outputs), "so many finite numbers in base64", text);
  }
  check("blocks", isCount(blocks), "a positive integer", blocks);
  const most = Math.min(blocks as number, mostChunks);
  check("chunks", isCount(chunks) && chunks <= most, `an integer from 1 to ${most}`, chunks);
  check("files", Array.isArray(files) && files.every(isFile), "paths, checksums and kinds", files);
  const { seconds_per_block: seconds, bytes } = plan;
  check("seconds_per_block", seconds === null || isAmount(seconds), "a number, or null", seconds);
  check("bytes", isAmount(bytes), "a number", bytes);
}

type Maybe = Json | undefined;

const isText = (value: Maybe): value is string => typeof value === "string" && value !== "";
const isWhole = (value: Maybe): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isCount = (value: Maybe): value is number => isWhole(value) && value > 0;
const isAmount = (value: Maybe): value is number => Number.isFinite(value) && (value as number) >= 0;
const isObject = (value: Maybe): value is JsonObject =>
  value !== null && typeof value === "object" && !Array.isArray(value);
const objectOf = (value: Maybe): JsonObject => (isObject(value) ? value : {});

/** The parts of a list that are what they should be; none of what is no list. */
function listOf<Part extends Json>(value: Maybe, is: (part: Maybe) => part is Part): Part[] {
  return Array.isArray(value) ? value.filter((part: Json): part is Part => is(part)) : [];
}

function isUntil(value: Maybe, units: number): boolean {
  try {
    return isObject(value) && checkedUntil(value as Until, units) !== undefined;
  } catch {
    return false;
  }
}

function isFile(value: Json): boolean {
  const { path, sha256, kind } = objectOf(value);
  return isText(path) && isText(sha256) && /^[0-9a-f]{64}$/.test(sha256) && (kind === "code" || kind === "data");
}

function holdsNumbers(base64: string, count: number): boolean {
  const bytes = Buffer.from(base64, "base64");
  return bytes.length === 8 * count && new Float64Array(Uint8Array.from(bytes).buffer).every(Number.isFinite);
}
