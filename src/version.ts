/** Version of this package, as provenance states it; that of package.json, which a browser can not read. */
export const packageVersion = "0.2.0";
