import { join, resolve, sep } from "node:path";
import { streamVersion } from "../coalitions/random-streams.js";
import { FileError } from "../errors.js";
import type { Request } from "../estimators/estimator.js";
import type { EstimatorName } from "../estimators/registry.js";
import type { Until } from "../estimators/stopping/until.js";
import { readRegular, sha256, writeWhole } from "../files.js";
import type { Gate } from "../games/game.js";
import type { GameSpec } from "../games/spec.js";
import { canonicalJson, type Json, type JsonObject } from "../json.js";
import { packageVersion } from "../version.js";
import { planPath } from "./layout.js";
import { checkPlanForm } from "./plan-form.js";

export const planFormat = "shapley-modes-job/1";

/** A file that a job depends on. */
export interface JobFile {
  /** Absolute; in the file itself, of what lies in the job's folder, as from there. */
  readonly path: string;
  readonly sha256: string;
  /** Code of the game's module, or data that it reads. */
  readonly kind: "code" | "data";
}

/**
 * What a job is to compute, as `plan.json` has it: all that its chunks and its result follow from. Whoever has the
 * folder and the files that it names can do any chunk of it.
 */
export interface JobPlan {
  readonly version: string;
  /** How seeds become streams. */
  readonly streams: string;
  readonly estimator: EstimatorName;
  readonly request: Request;
  /** Rules that may end it early; null for none. */
  readonly until: Until | null;
  /** What the result says beside what is known anyway: why `auto` took this estimator. */
  readonly said: JsonObject;
  readonly units: readonly string[];
  readonly output_shape: readonly number[];
  readonly game: {
    readonly spec: GameSpec;
    readonly provenance: JsonObject | null;
    readonly gates: readonly Gate[];
    readonly walks: boolean;
  };
  /** v of everybody and of nobody: numbers of 64 bits in base64, so that no bit is lost. */
  readonly ends: { readonly all: string; readonly none: string };
  /** Independent blocks of work: a few orderings, pairs or coalitions, each with a stream of its own. */
  readonly blocks: number;
  /** Ranges of blocks, each done by one process and kept in one file. */
  readonly chunks: number;
  readonly files: readonly JobFile[];
  /** Seconds that a block took where the job was planned, as far as that was measured; null where it was not. */
  readonly seconds_per_block: number | null;
  /** Bytes of all chunk files together, roughly. */
  readonly bytes: number;
}

/** A plan that was read or made, with its checksum. */
export interface IdentifiedPlan {
  readonly plan: JobPlan;
  /** SHA-256 of all of the plan: what chunk files carry. */
  readonly hash: string;
}

/** Stands for the job's folder in a plan, so that it may be moved. */
const here = "{job}";

/** Writes the plan of a job. @returns its checksum */
export function writePlan(folder: string, plan: JobPlan): string {
  const content = textsReplaced(plan as unknown as Json, (text) => relativeTo(resolve(folder), text)) as JsonObject;
  const hash = hashOf(content);
  writeWhole(planPath(folder), `${canonicalJson({ ...content, format: planFormat, sha256: hash })}\n`);
  return hash;
}

/**
 * The plan of a job.
 *
 * @throws FileError for a folder that is no job's, and for a plan that was changed, is of another version of this
 *   package, or of another format
 */
export function readPlan(folder: string): IdentifiedPlan {
  const path = planPath(folder);
  const { format, sha256: hash, ...content } = parsed(folder, path);
  if (format !== planFormat) {
    throw new FileError(path, `is no plan of this format (${planFormat} was expected); plan the job anew`);
  }
  // Said first: another version's plan may be of another form.
  if (content.version !== packageVersion || content.streams !== streamVersion) {
    const there = `${content.version}${content.streams === streamVersion ? "" : ` (streams ${content.streams})`}`;
    throw new FileError(
      path,
      `is a plan of shapley-modes ${there}, this is ${packageVersion}: go on with that version, or plan the job anew in another folder`,
    );
  }
  if (hash !== hashOf(content)) {
    throw new FileError(path, "was changed after it was planned (its checksum is wrong); plan the job anew");
  }
  checkPlanForm(path, content);
  const plan = textsReplaced(content, (text) => absolute(resolve(folder), text)) as unknown as JobPlan;
  return { plan, hash: hash as string };
}

/** What `base64Of` gave, as numbers. */
export function numbersOf(base64: string): Float64Array {
  return new Float64Array(Uint8Array.from(Buffer.from(base64, "base64")).buffer);
}

/** Numbers without loss, as text. */
export function base64Of(numbers: Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64");
}

function parsed(folder: string, path: string): JsonObject {
  let bytes: Buffer;
  try {
    bytes = readRegular(path);
  } catch (cause) {
    const absent = ((cause as Error).cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
    if (!absent) throw cause;
    throw new FileError(folder, "is no folder of a job: there is no plan.json in it (`job plan` makes one)", { cause });
  }
  try {
    const value = JSON.parse(bytes.toString("utf8")) as Json;
    canonicalJson(value, 0); // what is nested too deeply for that is none
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // said below
  }
  throw new FileError(path, "is no plan of a job: it is no JSON object");
}

function hashOf(content: JsonObject): string {
  return sha256(Buffer.from(canonicalJson(content, 0)));
}

/** Every text in a value, replaced. */
function textsReplaced(value: Json, replaced: (text: string) => string): Json {
  if (typeof value === "string") return replaced(value);
  if (Array.isArray(value)) return value.map((part: Json) => textsReplaced(part, replaced));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) =>
      part === undefined ? [] : [[name, textsReplaced(part as Json, replaced)]],
    ),
  );
}

function relativeTo(folder: string, text: string): string {
  return text.startsWith(folder + sep) ? `${here}/${text.slice(folder.length + 1)}` : text;
}

function absolute(folder: string, text: string): string {
  return text.startsWith(`${here}/`) ? join(folder, text.slice(here.length + 1)) : text;
}
