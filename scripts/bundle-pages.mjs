// Bundles the scripts of live pages, src/pages/browser/*.ts, each with all that it imports, into one file that can stand in a page.
//
//   node scripts/bundle-pages.mjs    writes them into dist/pages, without building the rest
import { readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = join(resolve(dirname(fileURLToPath(import.meta.url)), ".."), "src", "pages", "browser");

/** Kernels are in a page itself: what reads them in a browser takes the place of what reads them from files. */
const kernels = {
  name: "kernels",
  setup({ onResolve }) {
    onResolve({ filter: /\/compiled-kernel\.js$/ }, () => ({ path: join(source, "kit", "compiled-kernel.ts") }));
  },
};

/** @param folder where the bundles go */
export async function bundlePages(folder) {
  await build({
    plugins: [kernels],
    entryPoints: readdirSync(source).flatMap((name) => (name.endsWith(".ts") ? [join(source, name)] : [])),
    outdir: folder,
    bundle: true,
    minify: true,
    format: "iife",
    platform: "browser",
    target: "es2022",
    // A script that holds </script> would end there; what is not ASCII could be read in another encoding.
    charset: "ascii",
    legalComments: "none",
    logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundlePages(join(source, "..", "..", "..", "dist", "pages"));
}
