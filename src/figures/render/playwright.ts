// What is known of the driver's types comes through here: what is published in its place needs no driver
// (playwright.loose.d.ts).

export type { BrowserContext, Page } from "playwright-core";
