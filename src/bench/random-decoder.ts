import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomStream } from "../coalitions/random-streams.js";
import { formatSafetensors } from "../formats/safetensors.js";
import type { DenseTensor } from "../formats/tensor.js";
import { normalNumbers } from "../networks/dcgan/parameters.js";

const width = 32;
const hidden = 64;
const [heads, keyHeads, headWidth] = [4, 2, 8];
const [layers, experts] = [4, 8];
const vocabulary = 256;
/** Standard deviation of logits, about: the intact network is then sure of its tokens, as a trained one is. */
const sureness = 3;

/**
 * Writes the checkpoint of a small Mixtral with random weights: 4 layers of 8 experts, of which a token goes to two.
 */
export function writeRandomDecoder(folder: string, seed: number): void {
  const random = randomStream(seed);
  const tensors = new Map<string, DenseTensor>();
  const linear = (name: string, outputs: number, inputs: number, deviation = 1 / Math.sqrt(inputs)) => {
    tensors.set(`${name}.weight`, {
      shape: [outputs, inputs],
      data: normalNumbers(random, outputs * inputs, 0, deviation),
    });
  };
  const norm = (name: string) =>
    tensors.set(`${name}.weight`, { shape: [width], data: new Float32Array(width).fill(1) });
  linear("model.embed_tokens", vocabulary, width, 1);
  for (let l = 0; l < layers; l++) {
    const layer = `model.layers.${l}`;
    linear(`${layer}.self_attn.q_proj`, heads * headWidth, width);
    linear(`${layer}.self_attn.k_proj`, keyHeads * headWidth, width);
    linear(`${layer}.self_attn.v_proj`, keyHeads * headWidth, width);
    linear(`${layer}.self_attn.o_proj`, width, heads * headWidth);
    linear(`${layer}.block_sparse_moe.gate`, experts, width);
    for (let e = 0; e < experts; e++) {
      const expert = `${layer}.block_sparse_moe.experts.${e}`;
      linear(`${expert}.w1`, hidden, width);
      linear(`${expert}.w3`, hidden, width);
      linear(`${expert}.w2`, width, hidden, 2 / Math.sqrt(hidden));
    }
    norm(`${layer}.input_layernorm`);
    norm(`${layer}.post_attention_layernorm`);
  }
  norm("model.norm");
  linear("lm_head", vocabulary, width, sureness / Math.sqrt(width));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  writeFileSync(join(folder, "model.safetensors"), formatSafetensors(tensors, { dtype: "F32" }));
}

const config = {
  model_type: "mixtral",
  vocab_size: vocabulary,
  hidden_size: width,
  intermediate_size: hidden,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: keyHeads,
  num_local_experts: experts,
  num_experts_per_tok: 2,
  hidden_act: "silu",
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
};
