"""The floating-point operations of a training step."""


def per_token(model, length):
    """Returns the operations per token of a DeepSeek-V3-style model, forward and backward.

    Six per weight of the matrix products that a token takes part in, and three times the forward products of causal
    attention, in which a token attends to half of the sequence on average: the count of Megatron-LM and PaLM, with the
    causal half. The lookup of the embedding, norms and recomputation do not count.
    """
    width, heads = model["hidden_size"], model["num_attention_heads"]
    key = model["qk_nope_head_dim"] + model["qk_rope_head_dim"]
    attention = (
        width * model["q_lora_rank"] + model["q_lora_rank"] * heads * key
        + width * (model["kv_lora_rank"] + model["qk_rope_head_dim"])
        + model["kv_lora_rank"] * heads * (model["qk_nope_head_dim"] + model["v_head_dim"])
        + heads * model["v_head_dim"] * width)
    dense = 3 * width * model["intermediate_size"]
    experts = model["num_experts_per_tok"] + model["n_shared_experts"]
    routed = 3 * width * model["moe_intermediate_size"] * experts + width * model["n_routed_experts"]
    layers, dense_layers = model["num_hidden_layers"], model["first_k_dense_replace"]
    weights = (
        layers * attention + dense_layers * dense + (layers - dense_layers) * routed + width * model["vocab_size"])
    scores = layers * heads * length * (key + model["v_head_dim"])
    return 6 * weights + 3 * scores
