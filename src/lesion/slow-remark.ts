import type { Network, Port, Site } from "../networks/network.js";

const writtenForOneRow = "the network's file is written for one row; several do not run, or change each other";

/**
 * Why rows of a network go one at a time although its file lets several through: they were seen to change each other.
 */
export function rowsMixReason({ opened }: Network): string {
  return opened ? writtenForOneRow : "an input's output depends on the others that go through with it";
}

/** Why only one row can go through a network at a time. */
export function oneRowReason(network: Network, sites: readonly Site[], output: Port): string {
  const alone = [...sites, output].find(({ rows }) => rows !== undefined);
  if (network.mostRows === undefined && alone) return `the first axis of ${alone.name} does not count rows`;
  return writtenForOneRow;
}

/** What to tell of a network whose rows go one at a time. */
export function slowRemark(why: string, milliseconds: number, inputs: number): string {
  const each = inputs === 1 ? "a coalition" : `a coalition of ${inputs} inputs`;
  const remedy =
    why === writtenForOneRow
      ? "; a file whose batch is open (in PyTorch: dynamic_axes, dynamic_shapes) can be many times as fast"
      : "";
  return `rows go through the network one at a time (${why}): ${each} takes ${milliseconds.toPrecision(2)} ms${remedy}`;
}
