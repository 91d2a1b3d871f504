"""bfloat16 beside float32: products, a step of a model of width 1024, and the losses of the debug preset."""
import tempfile
from pathlib import Path
from statistics import mean, median

from . import builds
from .model import ONE, WARM_UP, launch, text, train
from .rows import table

TYPES = ["float32", "bfloat16"]
WIDE = [
    "--model.hidden_size", "1024", "--model.num_hidden_layers", "4", "--model.num_attention_heads", "8",
    "--model.q_lora_rank", "512", "--model.kv_lora_rank", "256", "--model.qk_nope_head_dim", "64",
    "--model.qk_rope_head_dim", "32", "--model.v_head_dim", "64", "--model.intermediate_size", "2816",
    "--model.moe_intermediate_size", "704", "--training.seq_len", "128", "--training.global_batch_size", "8",
    "--parallelism.num_microbatches", "2"]
# The loss of one seed depends on rounding by about 1 %.
SEEDS = [1, 2, 3]
FLAGS = ["avx512_bf16", "amx_bf16"]
PRODUCT = """
import time, torch
torch.set_num_threads(1)
for name in ("float32", "bfloat16"):
    a = torch.randn(1024, 1024).to(getattr(torch, name))
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - start)
    print(2 * 1024**3 / sorted(seconds)[10] / 1e9)
"""


def flags():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    found = set(next((line for line in lines if line.startswith("flags")), "").split())
    return ", ".join(f"{flag}: {'yes' if flag in found else 'no'}" for flag in FLAGS)


def measure(options):
    seconds = {name: [] for name in TYPES}
    with tempfile.TemporaryDirectory(prefix="pipeline-benchmark-") as folder:
        data = text(folder)
        for _ in range(options.rounds):
            for name in TYPES:
                steps = train(folder, data, WARM_UP + options.steps, "--model.dtype", name, *ONE, *WIDE)
                seconds[name] += [step["seconds"] for step in steps[WARM_UP:]]
        losses = {
            name: [
                train(folder, data, 200, "--model.dtype", name, *ONE, "--preset", "debug", "--training.seed", str(seed))
                for seed in SEEDS]
            for name in TYPES}
    step = {name: median(values) for name, values in seconds.items()}
    last = {name: mean(step["loss"] for steps in runs for step in steps[-50:]) for name, runs in losses.items()}
    products = dict(zip(TYPES, launch([str(builds.PEER_PYTHON), "-c", PRODUCT]).split()))
    print("## bfloat16 and float32\n")
    print(f"One process, one thread. CPU flags: {flags()}. Losses are means over {len(SEEDS)} seeds.\n")
    table(
        ["type", "GFLOP/s of a product of 1024³", "step s at width 1024", "speed / float32",
         "mean loss of steps 151 to 200 of debug", "loss / float32"],
        ["---"] + ["--:"] * 5,
        [[
            name, f"{float(products[name]):.0f}", f"{step[name]:.3f}", f"{step['float32'] / step[name]:.3f}",
            f"{last[name]:.4f}", f"{last[name] / last['float32']:.4f}",
        ] for name in TYPES])
