"""Trains the eager model of a recipe over an expert-parallel group with blocking all-to-all, in plain PyTorch.

A step has the order of overlapped pairs: each forward is followed by the backward of the micro-batch before. Rank 0
prints the seconds of each step as a line of JSON.
"""
import argparse
import json
import sys
import time
import tomllib
from pathlib import Path

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as exchanges
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pipeline" / "peers"))

import eager_model  # noqa: E402


class SharedOutExperts(nn.Module):
    """This rank's share of the experts, which receives rows from all ranks."""

    def __init__(self, c):
        super().__init__()
        self.ranks = dist.get_world_size()
        self.local = eager_model.Experts(dict(c, n_routed_experts=c["n_routed_experts"] // self.ranks))

    def forward(self, rows, counts):
        counts = torch.tensor(counts)
        gathered = [torch.empty_like(counts) for _ in range(self.ranks)]
        dist.all_gather(gathered, counts)
        mine = torch.stack([part.chunk(self.ranks)[dist.get_rank()] for part in gathered])
        sent = [part.sum().item() for part in counts.chunk(self.ranks)]
        received = mine.sum(1).tolist()
        arrived = exchanges.all_to_all_single(
            rows.new_empty(sum(received), rows.shape[1]), rows.contiguous(), received, sent)
        # From the order of source ranks to the order of experts, and back.
        experts = torch.arange(mine.shape[1]).repeat(self.ranks).repeat_interleave(mine.flatten())
        order = experts.argsort(stable=True)
        computed = self.local(arrived[order], mine.sum(0).tolist())[order.argsort()]
        return exchanges.all_to_all_single(
            computed.new_empty(sum(sent), rows.shape[1]), computed.contiguous(), sent, received)


class PairNetwork(eager_model.ExpertNetwork):
    def __init__(self, c):
        super().__init__(c)
        self.experts = SharedOutExperts(c)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("recipe")
    options.add_argument("--steps", type=int, required=True)
    options = options.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    dist.init_process_group("gloo")
    eager_model.ExpertNetwork, plain = PairNetwork, eager_model.ExpertNetwork
    recipe = tomllib.loads(Path(options.recipe).read_text())
    training = recipe["training"]
    sequences, length = training["global_batch_size"], training["seq_len"]
    microbatches = recipe["parallelism"]["num_microbatches"]
    model = eager_model.Model(recipe["model"], length)
    eager_model.ExpertNetwork = plain
    apart = {id(p) for m in model.modules() if isinstance(m, SharedOutExperts) for p in m.parameters()}
    dense = [p for p in model.parameters() if id(p) not in apart]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    generator = torch.Generator().manual_seed(dist.get_rank())
    own = sequences // dist.get_world_size()

    def forward(window):
        return model(
            window[:, :length], window[:, 1:length + 1], window[:, 2:], targets=sequences * length,
            sequences=sequences)

    seconds = []
    for _ in range(options.steps):
        windows = torch.randint(recipe["model"]["vocab_size"], (own, length + 2), generator=generator)
        dist.barrier()
        begin = time.perf_counter()
        before = None
        for window in windows.split(own // microbatches):
            loss = forward(window)
            if before is not None:
                before.backward()
            before = loss
        before.backward()
        flat = torch.cat([p.grad.flatten() for p in dense])
        dist.all_reduce(flat)
        for parameter, gradient in zip(dense, flat.split([p.numel() for p in dense])):
            parameter.grad.copy_(gradient.view_as(parameter))
        nn.utils.clip_grad_norm_(model.parameters(), training["max_norm"])
        optimizer.step()
        optimizer.zero_grad()
        seconds.append(time.perf_counter() - begin)
    if dist.get_rank() == 0:
        print(json.dumps(dict(seconds=seconds)), flush=True)
    dist.destroy_process_group()


main()
