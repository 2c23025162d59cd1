// What the kernel takes of the built library (dist/notebook/display/bundle.js), so that it is checked without a build.
import type { MimeBundle } from "../../../../src/kernel-hook.js";

export function resultBundle(value: unknown): Promise<MimeBundle | undefined>;
