"""Trains transformers' DeepseekV3 with the sizes of a recipe, and prints the seconds of each step as JSON.

    deepseek_v3.py RECIPE TOKENS cuda|cpu [--compile BACKEND]

The model has its fastest parts: scaled_dot_product_attention, grouped products of experts, fused AdamW, parameters and
moments in the type of the model. --compile compiles each layer, as torchtitan does, and the loss.
"""
import argparse
import json
import resource
import time
import tomllib
from pathlib import Path

import torch
import torch.nn.functional as F
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM

# Keys of the recipe that are not of the configuration.
OWN_KEYS = ("num_nextn_predict_layers", "dtype")


def make_model(recipe, device):
    sizes = {key: value for key, value in recipe["model"].items() if key not in OWN_KEYS}
    config = DeepseekV3Config(
        **sizes, num_key_value_heads=sizes["num_attention_heads"], num_mtp_layers=0, use_cache=False,
        max_position_embeddings=recipe["training"]["seq_len"], attn_implementation="sdpa",
        experts_implementation="grouped_mm")
    torch.set_default_dtype(getattr(torch, recipe["model"]["dtype"]))
    with torch.device(device):
        return DeepseekV3ForCausalLM(config)


def batches(file, sequences, length, device):
    """An endless series of windows of tokens from random positions of the file."""
    tokens = torch.frombuffer(bytearray(Path(file).read_bytes()), dtype=torch.uint16).long()
    generator = torch.Generator().manual_seed(1)
    offsets = torch.arange(length + 1)
    while True:
        starts = torch.randint(len(tokens) - length, (sequences, 1), generator=generator)
        yield tokens[starts + offsets].to(device)


def cross_entropy(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("recipe", type=Path)
    options.add_argument("tokens")
    options.add_argument("device", choices=["cuda", "cpu"])
    options.add_argument("--compile", metavar="BACKEND")
    options = options.parse_args()
    if options.device == "cpu":
        torch.set_num_threads(1)
    recipe = tomllib.loads(options.recipe.read_text())
    training, microbatches = recipe["training"], recipe["parallelism"]["num_microbatches"]
    sequences, length = training["global_batch_size"], training["seq_len"]
    model, loss = make_model(recipe, options.device), cross_entropy
    if options.compile:
        for layer in model.model.layers:
            layer.compile(backend=options.compile)
        loss = torch.compile(cross_entropy, backend=options.compile)
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe["optimizer"]["lr"], betas=(0.9, 0.95), fused=True)
    source, seconds, losses = batches(options.tokens, sequences, length, options.device), [], []
    for _ in range(training["steps"]):
        begin = time.perf_counter()
        total = 0.0
        for window in next(source).split(sequences // microbatches):
            part = loss(model(window[:, :-1]).logits, window[:, 1:]) / microbatches
            part.backward()
            total = total + part.detach()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        # Reading the loss waits for the device.
        losses.append(total.item())
        seconds.append(time.perf_counter() - begin)
    print(json.dumps(dict(
        parameters=sum(parameter.numel() for parameter in model.parameters()), seconds=seconds, losses=losses,
        residentBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)))


main()
