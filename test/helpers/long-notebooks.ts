/**
 * Notebooks that take a minute or more at their own profile: each is executed again in a file of its own in the long
 * lane.
 */
export const longNotebooks: readonly string[] = [
  "02-mlp-regularisation.ipynb",
  "03-gan.ipynb",
  "04-experts.ipynb",
  "05-your-own-network.ipynb",
  "07-cnn-regularisation.ipynb",
];
