/**
 * Properties that change how something looks where it stands. None moves it elsewhere, runs, or brings in something
 * else.
 */
const properties =
  /^(?:color|background(?:-color)?|opacity|font(?:-[a-z]+)*|text-[a-z-]+|line-height|letter-spacing|word-[a-z]+|white-space|overflow(?:-[a-z]+)?|vertical-align|border(?:-[a-z]+)*|padding(?:-[a-z]+)*|margin(?:-[a-z]+)*|(?:min-|max-)?(?:width|height)|display|table-layout|list-style(?:-type)?|cursor|visibility|float|clear|fill(?:-[a-z]+)?|stroke(?:-[a-z]+)*|math-(?:depth|style)|flex(?:-[a-z]+)?|gap|grid-template-columns|(?:justify|align)-[a-z]+|box-sizing|direction|caption-side|tab-size|text-anchor|image-rendering|dominant-baseline)$/;

/** Words, numbers, colours and lists of them; no quotes, no backslashes, no comments. */
const values = /^[\w\s.,%#()+!-]*$/;
/** Functions that compute a colour or a length. */
const functions = /^(?:rgba?|hsla?|calc|min|max|clamp|repeat|minmax)$/;

/** Declarations of a `style` attribute that are known to do no more than look; `""` where none is left. */
export function safeStyle(style: string): string {
  return style
    .split(";")
    .filter((declaration) => {
      const colon = declaration.indexOf(":");
      const name = declaration.slice(0, colon).trim().toLowerCase();
      const value = declaration.slice(colon + 1);
      const called = [...value.matchAll(/([\w-]*)\(/g)].every(([, called]) => functions.test(called.toLowerCase()));
      return colon > 0 && properties.test(name) && values.test(value) && called;
    })
    .map((declaration) => declaration.trim())
    .join(";");
}

/** Whether a text names something to load or to use by address; `url(#part)` names a part of the same picture. */
export function namesAnAddress(text: string): boolean {
  return /url\s*\(\s*["']?(?!#)[^"'\s)]|@import|image-set|\\/i.test(
    text.replaceAll(/url\(\s*["']?#[\w.:-]+["']?\s*\)/gi, ""),
  );
}
