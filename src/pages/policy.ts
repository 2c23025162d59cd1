/**
 * What every page that this package writes is held to: it loads nothing, sends no form, and moves nowhere its links do
 * not lead.
 */
const always = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "form-action 'none'",
  "base-uri 'none'",
];

/**
 * The content of a page's Content-Security-Policy.
 *
 * @param scripts what scripts may run, and what they may compile
 * @param more what else the page may load
 */
export function contentPolicy(scripts: readonly string[], more: readonly string[] = []): string {
  return [...always, `script-src ${scripts.join(" ")}`, ...more].join("; ");
}
