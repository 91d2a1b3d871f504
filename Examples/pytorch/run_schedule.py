"""Trains one step of a small model under each schedule that Contraflow wrote, and compares it with Schedule1F1B.

    contraflow plan --schedule zb-v --ranks 4 --microbatches 8 --format csv -o zb-v.csv
    python run_schedule.py zb-v.csv […]

Starts one process per rank on the CPU with Gloo. Each schedule must have one chain, whose stages may be on any ranks,
and all must have the same ranks. Prints the largest relative difference of the gradients per schedule, and fails if one
is above 1e-6.
"""

import os
import re
import sys
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.distributed.pipelining import PipelineStage, Schedule1F1B
from torch.distributed.pipelining.schedules import _PipelineScheduleRuntime

WIDTH, BATCH_PER_MICROBATCH = 16, 2


def read_cells(path):
    with open(path) as file:
        return [[cell for cell in line.strip().split(",") if cell] for line in file if line.strip()]


def actions(cell):
    """Returns the (stage, micro-batch) pairs of a cell such as 0F4 or (0F4;7B1)OVERLAP_F_B."""
    return [(int(stage), int(microbatch)) for stage, microbatch in re.findall(r"(\d+)[FBIW](\d+)", cell)]


def shape_of(rows):
    stage_ranks, microbatches = {}, 0
    for rank, row in enumerate(rows):
        for cell in row:
            for stage, microbatch in actions(cell):
                stage_ranks[stage] = rank
                microbatches = max(microbatches, microbatch + 1)
    return [stage_ranks[stage] for stage in range(len(stage_ranks))], microbatches


def layer(stage):
    torch.manual_seed(stage)
    return torch.nn.Sequential(torch.nn.Linear(WIDTH, WIDTH), torch.nn.Tanh()).double()


def data(microbatches):
    generator = torch.Generator().manual_seed(1)
    size = (microbatches * BATCH_PER_MICROBATCH, WIDTH)
    return torch.randn(size, generator=generator).double(), torch.randn(size, generator=generator).double()


def loss(output, target):
    return torch.nn.functional.mse_loss(output, target)


def gradients(stage, module):
    return {f"{stage}.{name}": value.grad.clone() for name, value in module.named_parameters()}


def run_file(rank, path, stage_ranks, microbatches):
    """Returns the gradients of this rank after one step of the schedule in the file."""
    modules = {stage: layer(stage) for stage, home in enumerate(stage_ranks) if home == rank}
    stages = [
        PipelineStage(module, stage, len(stage_ranks), torch.device("cpu"))
        for stage, module in modules.items()
    ]
    homes = dict(enumerate(stage_ranks))
    for stage in stages:
        stage.stage_index_to_group_rank = homes
    schedule = _PipelineScheduleRuntime(stages, microbatches, loss_fn=loss, scale_grads=False)
    schedule._load_csv(path, format="compute_only")
    inputs, targets = data(microbatches)
    arguments = (inputs,) if homes[0] == rank else ()
    is_last = homes[len(homes) - 1] == rank
    schedule.step(*arguments, target=targets if is_last else None, losses=[] if is_last else None)
    return {key: value for stage, module in modules.items() for key, value in gradients(stage, module).items()}


def run_reference(rank, ranks, stage_count, microbatches):
    """Returns the gradients of this rank's part of the same model after one step of PyTorch's Schedule1F1B."""
    size = stage_count // ranks
    part = range(rank * size, stage_count if rank == ranks - 1 else (rank + 1) * size)
    modules = {stage: layer(stage) for stage in part}
    stage = PipelineStage(torch.nn.Sequential(*modules.values()), rank, ranks, torch.device("cpu"))
    schedule = Schedule1F1B(stage, microbatches, loss_fn=loss, scale_grads=False)
    inputs, targets = data(microbatches)
    if rank == 0:
        schedule.step(inputs)
    elif rank == ranks - 1:
        schedule.step(target=targets, losses=[])
    else:
        schedule.step()
    return {key: value for stage, module in modules.items() for key, value in gradients(stage, module).items()}


def compare(rank, ranks, path):
    """Returns the largest relative difference of the gradients of all ranks."""
    stage_ranks, microbatches = shape_of(read_cells(path))
    mine = run_file(rank, path, stage_ranks, microbatches)
    reference = run_reference(rank, ranks, len(stage_ranks), microbatches)
    everyones = [None] * ranks
    dist.all_gather_object(everyones, (mine, reference))
    found = {key: value for part, _ in everyones for key, value in part.items()}
    wanted = {key: value for _, part in everyones for key, value in part.items()}
    assert found.keys() == wanted.keys(), "the file and the reference train different parameters"
    worst = max(((found[k] - wanted[k]).norm() / wanted[k].norm()).item() for k in wanted)
    if rank == 0:
        print(f"{path}: {len(wanted)} gradients, largest relative difference {worst:.2e}", flush=True)
    return worst


def worker(rank, ranks, paths, store):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=ranks)
    worst = [compare(rank, ranks, path) for path in paths]
    dist.destroy_process_group()
    if not all(difference <= 1e-6 for difference in worst):
        sys.exit(1)


def main():
    paths = sys.argv[1:]
    counts = {len(read_cells(path)) for path in paths}
    if len(counts) != 1:
        sys.exit("usage: run_schedule.py SCHEDULE.csv […], all with the same ranks")
    ranks = counts.pop()
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(worker, args=(ranks, paths, os.path.join(folder, "store")), nprocs=ranks)


if __name__ == "__main__":
    main()
