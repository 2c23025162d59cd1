import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/decoders/config.js";
import { turns } from "../../src/decoders/rotation.js";
import { FileError } from "../../src/errors.js";
import { temporaryFolder } from "../helpers/folders.js";
import { tinyConfig } from "./tiny-checkpoint.js";

const { folder, remove } = temporaryFolder();
afterAll(remove);

function read(config: unknown, generation?: unknown) {
  writeFileSync(join(folder, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
  writeFileSync(join(folder, "generation_config.json"), JSON.stringify(generation ?? {}));
  return readConfig(folder);
}

describe("config.json", () => {
  // Mixtral-8x7B-v0.1 and Qwen3-30B-A3B, as they are published.
  it("of Mixtral-8x7B is read", () => {
    const config = read({
      architectures: ["MixtralForCausalLM"],
      attention_dropout: 0.0,
      bos_token_id: 1,
      eos_token_id: 2,
      hidden_act: "silu",
      hidden_size: 4096,
      initializer_range: 0.02,
      intermediate_size: 14336,
      max_position_embeddings: 32768,
      model_type: "mixtral",
      num_attention_heads: 32,
      num_experts_per_tok: 2,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      num_local_experts: 8,
      output_router_logits: false,
      rms_norm_eps: 1e-5,
      rope_theta: 1000000.0,
      router_aux_loss_coef: 0.02,
      sliding_window: null,
      tie_word_embeddings: false,
      torch_dtype: "bfloat16",
      transformers_version: "4.36.0.dev0",
      use_cache: true,
      vocab_size: 32000,
    });
    expect(config).toMatchObject({
      kind: "mixtral",
      width: 4096,
      headWidth: 128,
      experts: { count: 8, perToken: 2, width: 14336, normalised: true, sharedWidth: undefined },
      rotation: { kind: "default", base: 1e6 },
      begin: 1,
      ends: [2],
    });
    expect(config.sparse).toEqual(Array.from({ length: 32 }, () => true));
    expect(config.windows.every((window) => window === undefined)).toBe(true);
  });

  it("of Qwen3-30B-A3B is read, and the tokens that end a text from generation_config.json", () => {
    const config = read(
      {
        architectures: ["Qwen3MoeForCausalLM"],
        attention_bias: false,
        attention_dropout: 0.0,
        bos_token_id: 151643,
        decoder_sparse_step: 1,
        eos_token_id: 151645,
        head_dim: 128,
        hidden_act: "silu",
        hidden_size: 2048,
        initializer_range: 0.02,
        intermediate_size: 6144,
        max_position_embeddings: 40960,
        max_window_layers: 48,
        mlp_only_layers: [],
        model_type: "qwen3_moe",
        moe_intermediate_size: 768,
        norm_topk_prob: true,
        num_attention_heads: 32,
        num_experts: 128,
        num_experts_per_tok: 8,
        num_hidden_layers: 48,
        num_key_value_heads: 4,
        output_router_logits: false,
        rms_norm_eps: 1e-6,
        rope_scaling: null,
        rope_theta: 1000000.0,
        router_aux_loss_coef: 0.001,
        sliding_window: null,
        tie_word_embeddings: false,
        torch_dtype: "bfloat16",
        transformers_version: "4.51.0",
        use_cache: true,
        use_sliding_window: false,
        vocab_size: 151936,
      },
      { eos_token_id: [151645, 151643], temperature: 0.6 },
    );
    expect(config).toMatchObject({ headWidth: 128, headNorms: "each", denseWidth: 6144, ends: [151645, 151643] });
    expect(config.experts).toEqual({ count: 128, perToken: 8, width: 768, normalised: true, sharedWidth: undefined });
  });

  it.each([
    [
      "quantization_config",
      { load_in_4bit: true },
      "expected none: weights in F32, F16 or BF16, not quantised ones; received Object",
    ],
    ["model_type", "gpt2", 'expected one of mixtral, qwen3_moe, qwen2_moe, olmoe, llama, qwen3; received "gpt2"'],
    ["model_type", undefined, "expected a text; received nothing"],
    ["architectures", ["MixtralForSequenceClassification"], 'expected ["MixtralForCausalLM"]'],
    ["hidden_act", "gelu", 'expected silu; received "gelu"'],
    ["hidden_size", undefined, "expected a positive integer; received nothing"],
    ["hidden_size", "8", 'expected a positive integer; received "8"'],
    ["num_hidden_layers", 1.5, "expected a positive integer; received 1.5"],
    ["num_key_value_heads", 3, "expected a divisor of num_attention_heads, which is 4; received 3"],
    ["num_attention_heads", 6, "expected a divisor of hidden_size, which is 8"],
    ["head_dim", 3, "expected an even number"],
    ["num_experts_per_tok", 5, "expected at most the number of experts, which is 4; received 5"],
    ["rms_norm_eps", 0, "expected a number above 0; received 0"],
    ["rope_theta", undefined, "expected a number above 0; received nothing"],
    ["sliding_window", -1, "expected a positive integer; received -1"],
    ["tie_word_embeddings", 1, "expected true or false; received 1"],
    ["eos_token_id", 11, "expected tokens of the vocabulary, from 0 to 10; received 11"],
    ["partial_rotary_factor", 0.5, "expected 1: all of a head is turned; received 0.5"],
    ["attention_bias", true, "expected no such setting: it is not implemented; received true"],
    ["is_causal", false, "expected true or none: the other is not implemented; received false"],
    ["attn_logit_softcapping", 30, "expected no such setting: it is not implemented; received 30"],
    [
      "layer_types",
      ["full_attention", "chunked_attention"],
      "expected one of full_attention, sliding_attention for each of 2 layers",
    ],
    [
      "rope_scaling",
      { type: "dynamic", factor: 2 },
      'invalid rope_scaling.type; expected one of default, linear, llama3; received "dynamic"',
    ],
    [
      "rope_scaling",
      { rope_type: "yarn", factor: 4 },
      'invalid rope_scaling.rope_type; expected one of default, linear, llama3; received "yarn"',
    ],
    [
      "rope_scaling",
      { rope_type: "linear" },
      "invalid rope_scaling.factor; expected a number above 0; received nothing",
    ],
    [
      "rope_scaling",
      { type: "linear", factor: 2, attention_factor: 2 },
      "invalid rope_scaling.attention_factor; expected no such setting",
    ],
    ["rope_parameters", { rope_type: "longrope" }, "invalid rope_parameters.rope_type"],
    [
      "rope_parameters",
      { rope_theta: 5 },
      "invalid rope_theta; expected the same as in rope_parameters, which is 5; received 10000",
    ],
    ["rope_parameters", 7, "invalid rope_parameters; expected an object; received 7"],
  ])("is refused where %s is %j", (name, value, message) => {
    const { [name]: _, ...rest } = tinyConfig("mixtral");
    const call = () => read(value === undefined ? rest : { ...rest, [name]: value });
    expect(call).toThrow(FileError);
    const whole = message.startsWith("expected") ? `invalid ${name}; ${message}` : message;
    expect(call).toThrow(`${join(folder, "config.json")}: ${whole}`);
  });

  it.each([
    ["llama", { sliding_window: 4 }, "sliding_window"],
    ["llama", { layer_types: ["sliding_attention", "full_attention"] }, "layer_types"],
    ["llama", { qkv_bias: true }, "qkv_bias"],
    ["qwen3", { head_dim: null }, "head_dim"],
    ["qwen3", { use_sliding_window: true, sliding_window: 3 }, "layer_types"],
    ["qwen3", { use_sliding_window: true, layer_types: ["sliding_attention", "full_attention"] }, "sliding_window"],
    ["qwen3", { layer_types: ["sliding_attention", "full_attention"] }, "layer_types"],
    ["qwen3_moe", { use_sliding_window: true }, "sliding_window"],
    ["qwen2_moe", { shared_expert_intermediate_size: null }, "shared_expert_intermediate_size"],
    ["qwen2_moe", { mlp_only_layers: [2] }, "mlp_only_layers"],
    ["qwen3_moe", { num_local_experts: 3 }, "num_local_experts"],
    ["qwen3_moe", { decoder_sparse_step: 0 }, "decoder_sparse_step"],
    [
      "qwen3_moe",
      { use_sliding_window: true, sliding_window: 3, layer_types: ["full_attention", "full_attention"] },
      "layer_types",
    ],
    ["olmoe", { clip_qkv: -1 }, "clip_qkv"],
    ["olmoe", { head_dim: 4 }, "head_dim"],
    [
      "mixtral",
      { rope_parameters: { rope_theta: 10000 }, rope_scaling: { type: "linear", factor: 2 } },
      "rope_scaling",
    ],
  ])("of %s with %j is refused", (kind, more, name) => {
    expect(() => read({ ...tinyConfig(kind), ...more })).toThrow(`invalid ${name};`);
  });

  it("that is absent, no JSON or no object is an error that says so", () => {
    expect(() => readConfig(join(folder, "nowhere"))).toThrow(
      `${join(folder, "nowhere", "config.json")}: no such file`,
    );
    expect(() => read("{")).toThrow("config.json: is not JSON");
    const twice = JSON.stringify(tinyConfig("mixtral")).replace("{", '{"num_experts_per_tok":1,');
    expect(() => read(twice)).toThrow('config.json: is not JSON (the name "num_experts_per_tok" stands twice');
    expect(() => read("[1]")).toThrow("config.json: is not a JSON object; it holds [1]");
  });

  it("may say what decides nothing, or what is switched off", () => {
    expect(() =>
      read({
        ...tinyConfig("mixtral"),
        _name_or_path: "x",
        use_cache: false,
        pruned_heads: {},
        is_encoder_decoder: false,
        "transformers.js_config": { dtype: "q4" },
      }),
    ).not.toThrow();
    // As the checkpoints of Qwen3-Coder do; of other kinds it is something else.
    const relative = { shared_expert_intermediate_size: 0, use_qk_norm: true, qkv_bias: false };
    expect(read({ ...tinyConfig("qwen3_moe"), ...relative })).toEqual(read(tinyConfig("qwen3_moe")));
    expect(() => read({ ...tinyConfig("qwen3_moe"), shared_expert_intermediate_size: 4 })).toThrow("shared_expert");
    expect(() => read({ ...tinyConfig("mixtral"), use_qk_norm: true })).toThrow("use_qk_norm");
  });
});

describe("turns", () => {
  const positions = 64;
  const llama3 = { kind: "llama3", base: 10000, factor: 8, slow: 1, fast: 4, positions } as const;

  it("of a position are base^(-2i / width)", () => {
    const found = turns({ kind: "default", base: 10000 }, 8, "float32");
    [1, 0.1, 0.01, 0.001].forEach((turn, i) => {
      expect(found[i]).toBeCloseTo(turn, 8);
    });
    expect(turns({ kind: "linear", base: 10000, factor: 4 }, 8, "float32")).toEqual(found.map((turn) => turn / 4));
  });

  it("of llama3 stay where they are fast, are divided where they are slow, and lie between in between, in order", () => {
    const plain = turns({ kind: "default", base: 10000 }, 64, "float32");
    const found = turns(llama3, 64, "float32");
    const rounds = (turn: number) => (positions * turn) / (2 * Math.PI);
    const kinds = new Set<string>();
    plain.forEach((turn, i) => {
      if (rounds(turn) > 4) expect(found[i]).toBe(turn);
      else if (rounds(turn) < 1) expect(found[i]).toBeCloseTo(turn / 8, 7);
      else expect(found[i] > turn / 8 && found[i] < turn).toBe(true);
      kinds.add(rounds(turn) > 4 ? "fast" : rounds(turn) < 1 ? "slow" : "between");
      if (i > 0) expect(found[i]).toBeLessThan(found[i - 1]);
    });
    expect(kinds.size).toBe(3);
  });
});
