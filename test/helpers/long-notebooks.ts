/** Notebooks that take minutes at their own profile: they are executed again in the long lane. */
export const longNotebooks: readonly string[] = ["03-gan.ipynb", "05-your-own-network.ipynb"];
