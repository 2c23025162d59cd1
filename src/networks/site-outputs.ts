import type { Network, Site } from "./network.js";

/**
 * The same network with what some sites hold as outputs beside its own, so that passes can be asked for it: an output
 * of the site's name, what comes before that site's own lesion. Other threads read the network from its file and open
 * it likewise.
 */
export function withSiteOutputs(network: Network, sites: readonly Site[]): Network {
  const { source } = network;
  const known = new Set(network.outputs.map(({ name }) => name));
  const more = sites.filter(({ name }) => !known.has(name));
  const ports = more.map(({ name, shape, rows }) => ({ name, shape, ...(rows && { rows }) }));
  return {
    ...network,
    ...(source && { source: { ...source, siteOutputs: sites.map(({ name }) => name) } }),
    outputs: [...network.outputs, ...ports],
    // Its methods may look at the network that they are called on.
    activations: (inputs, wanted) => network.activations(inputs, wanted),
    prepare: (inputs, lesions, output) => network.prepare(inputs, lesions, output),
    rowByRow: () => withSiteOutputs(network.rowByRow(), sites),
  };
}
