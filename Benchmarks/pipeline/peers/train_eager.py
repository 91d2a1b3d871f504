"""Trains the eager model of a recipe for some steps, and prints parameters, tokens and seconds per step as JSON."""
import argparse
import json
import time
import tomllib
from pathlib import Path

import torch
import torch.nn as nn

from eager_model import ExpertNetwork, Model


def batches(path, sequences, length, generator):
    """An endless series of windows of bytes from random positions of the files."""
    files = sorted(Path(path).iterdir()) if Path(path).is_dir() else [Path(path)]
    text = torch.frombuffer(bytearray(b"".join(file.read_bytes() for file in files)), dtype=torch.uint8)
    offsets = torch.arange(length + 2)
    while True:
        starts = torch.randint(len(text) - length - 2, (sequences, 1), generator=generator)
        yield text[starts + offsets].long()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("recipe")
    options.add_argument("--data", required=True)
    options.add_argument("--steps", type=int, required=True)
    options.add_argument("--compile", action="store_true", help="compile the model by inductor")
    options = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    recipe = tomllib.loads(Path(options.recipe).read_text())
    training, optimizer_values = recipe["training"], recipe["optimizer"]
    sequences, length = training["global_batch_size"], training["seq_len"]
    microbatches = recipe["parallelism"]["num_microbatches"]
    model = Model(recipe["model"], length)
    compute = torch.compile(model) if options.compile else model
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [dict(params=matrices, weight_decay=optimizer_values["weight_decay"]), dict(params=vectors, weight_decay=0.0)],
        lr=optimizer_values["lr"], betas=(optimizer_values["beta1"], optimizer_values["beta2"]), fused=True)
    networks = [module for module in model.modules() if isinstance(module, ExpertNetwork)]
    source = batches(options.data, sequences, length, torch.Generator().manual_seed(1))
    seconds, losses = [], []
    for _ in range(options.steps):
        begin = time.perf_counter()
        windows = next(source)
        loss = 0.0
        for window in windows.split(sequences // microbatches):
            part = compute(
                window[:, :length], window[:, 1:length + 1], window[:, 2:], targets=sequences * length,
                sequences=sequences)
            part.backward()
            loss += part.item()
        nn.utils.clip_grad_norm_(model.parameters(), training["max_norm"])
        optimizer.step()
        optimizer.zero_grad()
        for network in networks:
            network.adjust()
        seconds.append(time.perf_counter() - begin)
        losses.append(loss)
    # The biases of gates have no gradient but count as parameters.
    parameters = sum(p.numel() for p in model.parameters()) + sum(n.gate.bias.numel() for n in networks)
    print(json.dumps(dict(parameters=parameters, tokens=sequences * length, seconds=seconds, losses=losses)))


main()
