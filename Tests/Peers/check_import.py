"""Training starts from the weights of a Hugging Face model: its held-out loss and its text are those of transformers.

transformers makes a random DeepSeek-V3 model and saves it in float32, in one file, and in bfloat16, in several.
A third folder has DeepSeek-V3's own form: float8 with a scale per block of 128 x 128.
"""

import json
import pathlib
import tempfile

import torch
from contraflow_run import LENGTH, WINDOW, Run, compare, contraflow, text
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, DeepseekV3Config, DeepseekV3ForCausalLM

COUNT = 3400
PROMPT = "Contraflow "


def main():
    torch.manual_seed(1)
    config = DeepseekV3Config(
        vocab_size=256, hidden_size=192, intermediate_size=320, moe_intermediate_size=136, num_hidden_layers=3,
        num_attention_heads=4, num_key_value_heads=4, n_shared_experts=1, n_routed_experts=8, num_experts_per_tok=2,
        n_group=4, topk_group=2, q_lora_rank=48, kv_lora_rank=32, qk_rope_head_dim=16, qk_nope_head_dim=24,
        v_head_dim=24, first_k_dense_replace=1, max_position_embeddings=256, initializer_range=0.08,
        bos_token_id=None, eos_token_id=None, pad_token_id=None)
    model = DeepseekV3ForCausalLM(config)
    for layer in model.model.layers[1:]:
        layer.mlp.gate.e_score_correction_bias.copy_(torch.randn(8) * 0.05)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "text.txt").write_bytes(text(COUNT))
        for name, dtype, size in (
                ("float32", torch.float32, "5GB"), ("bfloat16", torch.bfloat16, "300KB")):
            model.to(dtype).save_pretrained(folder / name, max_shard_size=size)
            check(folder, name, reference(folder / name))
        quantize(folder / "float32", folder / "float8", folder / "dequantized")
        check(folder, "float8", reference(folder / "dequantized"))


def reference(folder):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float64, experts_implementation="eager")
    return model.eval()


def check(folder, name, model):
    """Compares a run of one step without learning with the model of transformers."""
    run = Run(
        folder / f"runs-{name}", folder / "text.txt", "--model.weights", folder / name, "--steps", 1, "--optimizer.lr", 0,
        "--model.moe_router_bias_update_rate", 0, "--validation.split", (WINDOW + 0.5) / COUNT)
    window = torch.tensor([list(text(COUNT)[-WINDOW:])])
    with torch.no_grad():
        logits = model(window[:, :LENGTH]).logits[0]
    loss = torch.nn.functional.cross_entropy(logits, window[0, 1:LENGTH + 1]).item()
    compare(f"held-out loss of the {name} weights", run.steps[-1]["validationLoss"], loss)
    ours = contraflow("generate", run.folder, "--prompt", PROMPT, "--tokens", 40, "--temperature", 0)
    tokens = torch.tensor([list(PROMPT.encode())])
    done = model.generate(
        tokens, attention_mask=torch.ones_like(tokens), max_new_tokens=40, do_sample=False, pad_token_id=0)
    if ours.rstrip(b"\n") != bytes(done[0].tolist()).rstrip(b"\n"):
        raise SystemExit(f"{name}:\n  Contraflow   {ours!r}\n  transformers {bytes(done[0].tolist())!r}")


def quantize(source, target, dequantized):
    """Writes the model with float8 matrices of attention and networks, and the same numbers in float32."""
    values, plain = {}, {}
    for name, tensor in load_file(source / "model.safetensors").items():
        plain[name] = values[name] = tensor
        if not name.endswith("proj.weight") and not name.endswith("proj_with_mqa.weight"):
            continue
        rows, columns = tensor.shape
        blocks = -(-rows // 128), -(-columns // 128)
        padded = torch.zeros(blocks[0] * 128, blocks[1] * 128)
        padded[:rows, :columns] = tensor
        tiles = padded.reshape(blocks[0], 128, blocks[1], 128)
        scale = tiles.abs().amax((1, 3), keepdim=True) / 448
        bits = (tiles / scale).to(torch.float8_e4m3fn)
        values[name] = bits.reshape(padded.shape)[:rows, :columns].contiguous()
        values[name + "_scale_inv"] = scale.reshape(blocks).contiguous()
        plain[name] = (bits.float() * scale).reshape(padded.shape)[:rows, :columns].contiguous()
    config = json.loads((source / "config.json").read_text())
    for folder, tensors in ((target, values), (dequantized, plain)):
        folder.mkdir()
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        (folder / "config.json").write_text(json.dumps(config))
    config["quantization_config"] = {
        "quant_method": "fp8", "fmt": "e4m3", "activation_scheme": "dynamic", "weight_block_size": [128, 128]}
    (target / "config.json").write_text(json.dumps(config))


main()
