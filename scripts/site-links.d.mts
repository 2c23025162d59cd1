/** All pages below a folder, as paths. */
export function pagesIn(folder: string): string[];
/** Links that lead nowhere, and addresses elsewhere that a page would load by itself; a line for each. */
export function brokenLinks(folder: string): string[];
