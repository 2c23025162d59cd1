/** Kinds of images that a page can hold, by the ending of their files. */
export const imageTypes: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".svg": "image/svg+xml",
  ".webp": "image/webp",
};

const known: ReadonlySet<string> = new Set(Object.values(imageTypes));

/** Address of an image that is in the page itself; undefined for another type, and for what is no base64. */
export function dataImage(type: string, base64: unknown): string | undefined {
  if (!known.has(type) || typeof base64 !== "string") return undefined;
  const digits = base64.replace(/\s+/g, "");
  return /^[A-Za-z0-9+/]+={0,2}$/.test(digits) ? `data:${type};base64,${digits}` : undefined;
}

/** Whether an address is that of an image which is in the page itself. */
export function isDataImage(address: string): boolean {
  return /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i.test(address);
}
