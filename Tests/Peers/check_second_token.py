"""Both losses of a step, and with them multi-token prediction, computed from the saved weights with transformers.

transformers leaves the layer of multi-token prediction out, so it is put together here from its own decoder layer, by
the formula of DeepSeek-V3's report. The learning rate is too small to change a weight: what is saved is what the step
saw, which is a single window.
"""

import pathlib
import tempfile

import torch
from contraflow_run import LENGTH, WINDOW, Run, compare, text
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from transformers.models.deepseek_v3.modeling_deepseek_v3 import DeepseekV3DecoderLayer, DeepseekV3RMSNorm


def main():
    torch.set_default_dtype(torch.float64)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        folder = pathlib.Path(folder)
        data = folder / "text.txt"
        data.write_bytes(text(WINDOW))
        run = Run(
            folder / "runs", data, "--steps", 1, "--validation.split", 0, "--optimizer.lr", 1e-300,
            "--lr_scheduler.min_lr_factor", 1, "--model.moe_router_bias_update_rate", 0,
            "--model.initializer_range", 0.2)
        model = AutoModelForCausalLM.from_pretrained(
            run.weights, dtype=torch.float64, attn_implementation="eager", experts_implementation="eager").eval()
        tokens = torch.tensor([list(text(WINDOW))])

        # The stream before the final norm, which is what multi-token prediction begins with.
        kept = {}
        model.model.norm.register_forward_pre_hook(lambda _, inputs: kept.update(stream=inputs[0]))
        logits = model(tokens[:, :LENGTH]).logits
        compare("loss", run.steps[0]["loss"], cross_entropy(logits, tokens[:, 1:LENGTH + 1]))

        second = second_logits(model, weights_of(run), kept["stream"], tokens[:, 1:LENGTH + 1])
        weight = 0.3
        compare(
            "second token loss", run.steps[0]["mtpLoss"], weight * cross_entropy(second, tokens[:, 2:WINDOW]))


def weights_of(run):
    weights = {}
    for path in sorted(run.weights.glob("*.safetensors")):
        weights |= load_file(path)
    return weights


def second_logits(model, weights, stream, next_tokens):
    config = model.config
    prefix = f"model.layers.{config.num_hidden_layers}."
    own = {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}

    def norm(name, x):
        module = DeepseekV3RMSNorm(config.hidden_size, config.rms_norm_eps)
        module.weight.copy_(own[name])
        return module(x)

    embedded = torch.nn.functional.embedding(next_tokens, own["embed_tokens.weight"])
    joined = torch.cat([norm("enorm.weight", embedded), norm("hnorm.weight", stream)], dim=-1)
    x = torch.nn.functional.linear(joined, own["eh_proj.weight"])

    layer = DeepseekV3DecoderLayer(config, config.num_hidden_layers).eval()
    load_layer(layer, own)
    positions = torch.arange(x.shape[1])[None]
    hidden = torch.full((x.shape[1], x.shape[1]), float("-inf")).triu(1)[None, None]
    x = layer(
        x, attention_mask=hidden, position_ids=positions, position_embeddings=model.model.rotary_emb(x, positions))
    x = x[0] if isinstance(x, tuple) else x
    return torch.nn.functional.linear(norm("shared_head.norm.weight", x), own["shared_head.head.weight"])


def load_layer(layer, own):
    """Fills a decoder layer; its experts are stacked in newer versions of transformers."""
    state = layer.state_dict()
    for name, tensor in state.items():
        if name in own:
            tensor.copy_(own[name])
            continue
        experts = range(tensor.shape[0])
        prefix = "mlp.experts."
        if name == prefix + "gate_up_proj":
            parts = [
                torch.cat([own[f"{prefix}{e}.gate_proj.weight"], own[f"{prefix}{e}.up_proj.weight"]]) for e in experts]
        elif name == prefix + "down_proj":
            parts = [own[f"{prefix}{e}.down_proj.weight"] for e in experts]
        else:
            raise SystemExit(f"the saved weights have no {name}")
        tensor.copy_(torch.stack(parts))


def cross_entropy(logits, targets):
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).item()


main()
