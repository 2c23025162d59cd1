import type { Estimate } from "./estimator.js";

/** Size of values below which the squares of their errors are lost: 1e-300 is the square of 1e-150. */
const tiny = 1e-140;

/** Standard errors of values so small that their squares are 0 become NaN, and the provenance says so. */
export function withoutLost(estimate: Estimate): Estimate {
  const { values, standardErrors, meanStandardErrors } = estimate;
  const outputs = values.length / meanStandardErrors.length;
  let lost = false;
  for (let u = 0; u < meanStandardErrors.length; u++) {
    let largest = 0;
    for (let i = u * outputs; i < (u + 1) * outputs; i++) {
      const size = Math.abs(values[i]);
      largest = Math.max(largest, size);
      if (size === 0 || size >= tiny || standardErrors[i] >= tiny) continue;
      standardErrors[i] = Number.NaN;
      lost = true;
    }
    if (largest > 0 && largest < tiny && !(meanStandardErrors[u] >= tiny)) meanStandardErrors[u] = Number.NaN;
  }
  if (!lost) return estimate;
  const because = "values below 1e-140, whose squares are 0";
  return { ...estimate, provenance: { standard_errors_unknown: because, ...estimate.provenance } };
}
