import { invalid, wrongKind } from "../errors.js";
import type { AttentionTensor, Network } from "../networks/network.js";
import { knownOptions } from "../options.js";
import type { UnitGroups } from "./unit-groups.js";

/** What `networkGame` takes to play the attention heads of a network. */
export interface AttentionHeads {
  /** For each layer, `layer0`, `layer1`, ..., the tensor in which its heads stand side by side. */
  readonly sites: Readonly<Record<string, string>>;
  /** The heads, `layer0/head0`, `layer0/head1`, ...: for each the units of its layer's tensor that it gives. */
  readonly groups: UnitGroups;
}

/**
 * The attention heads of a transformer as the units of a game. In an ONNX file as PyTorch exports it (BERT, GPT-2, ViT,
 * Llama and their like, with grouped queries too: there a head is one of the queries), the tensor before each layer's
 * output projection is found in the graph: a Softmax, its product with the values, and the Reshape that lays the heads
 * side by side, `[tokens, heads x numbers]`; or an operator for attention as a whole. PyTorch's own
 * `nn.MultiheadAttention`, which lays tokens before rows there, is refused. Lesioned, a head gives nothing (`"zero"`),
 * or its mean, to the projection. Layers are counted in the order of computation, those of an encoder before those of
 * its decoder.
 *
 * @param options.layers only these; default all
 * @throws RangeError where no attention is recognised, or not all of it, with the tensors that may hold heads; for a
 *   layer that there is not
 * @example
 * const network = await loadOnnx("bert.onnx", { shape: { input_ids: [16], attention_mask: [16] } });
 * const game = await networkGame(network, inputs, { ...heads(network), lesion: "mean", output: "logits" });
 * game.units; // layer0/head0, layer0/head1, ...
 */
export function heads(network: Network, options: { readonly layers?: readonly number[] } = {}): AttentionHeads {
  knownOptions("heads", options, { layers: true });
  if (typeof network?.prepare !== "function") throw wrongKind("network", "a network, as loadOnnx gives one", network);
  const { found = [], unclear = [] } = network.attention ?? {};
  if (found.length === 0 || unclear.length > 0) throw unrecognised(network, found.length, unclear);
  const layers = options.layers ?? found.map((_, layer) => layer);
  if (!Array.isArray(layers) || layers.length === 0) throw wrongKind("layers", "a list of numbers of layers", layers);
  const sites: Record<string, string> = {};
  const groups: Record<string, string[]> = {};
  for (const layer of layers) {
    const tensor = found[layer];
    const label = `layer${layer}`;
    if (!tensor || label in sites) throw invalid("layers", `different numbers from 0 to ${found.length - 1}`, layer);
    checkSite(network, tensor);
    sites[label] = tensor.site;
    for (let head = 0; head < tensor.heads; head++) {
      const first = head * tensor.headSize;
      groups[`${label}/head${head}`] = Array.from({ length: tensor.headSize }, (_, i) => `${label}/${first + i}`);
    }
  }
  return { sites, groups };
}

/** @throws RangeError where the tensor is no site, or its units are not its last axis */
function checkSite(network: Network, { site: name, heads, headSize }: AttentionTensor): void {
  const site = network.sites.find((candidate) => candidate.name === name);
  if (!site) {
    const reason = network.hidden.get(name) ?? "its first axis does not count rows";
    throw invalid("network", `attention that lesions can reach (${reason})`, name);
  }
  if (site.axis === site.shape.length - 1 && site.units === heads * headSize) return;
  throw invalid(`axis of ${name}`, `${site.shape.length - 1}, along which its ${heads} heads stand`, site.axis);
}

/** Tensors that are named in an error, at most. */
const mostNamed = 8;

function unrecognised(
  network: Network,
  recognised: number,
  unclear: readonly { name: string; shape: readonly number[] }[],
) {
  const named = (list: readonly { readonly name: string; readonly shape: readonly number[] }[]) => {
    const shown = list.slice(0, mostNamed).map(({ name, shape }) => `${name} [${shape.join(", ")}]`);
    return `${shown.join(", ")}${list.length > mostNamed ? `, ... ${list.length} in all` : ""}`;
  };
  const how = "say sites and groups of networkGame yourself";
  if (unclear.length > 0) {
    const part = recognised === 0 ? "attention" : `attention in all layers (it is in ${recognised})`;
    return invalid(
      "network",
      `${part} whose heads are laid side by side; unclear: ${named(unclear)}; ${how}`,
      network.kind,
    );
  }
  const wide = network.sites.filter(
    ({ shape, kind }) => shape.length === 3 || (shape.length === 2 && kind === "Reshape"),
  );
  const candidates = wide.length > 0 ? `tensors that may hold heads: ${named(wide)}; ` : "";
  return invalid(
    "network",
    `a transformer's ONNX graph, with a Softmax and its product with the values (${candidates}${how})`,
    network.kind,
  );
}
