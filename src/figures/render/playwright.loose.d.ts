/** A window of the driven browser: a Page of playwright-core, which may not be installed. */
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type Page = any;
/** The browser: a BrowserContext of playwright-core. */
// biome-ignore lint/suspicious/noExplicitAny: of types that may not be there
export type BrowserContext = any;
