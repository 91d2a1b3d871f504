"""Training a model: Contraflow beside the same model of transformers, eager and compiled by torch.compile.

All train the same tokens in the same micro-batches, with sequences of one length. FLOPs are those of kit/flops.py.
"""
import json
from statistics import median

from kit import flops
from kit.data import model_to_train
from kit.device_memory import DeviceMemory

LIMIT = 170
# The rate of dense bfloat16 products that NVIDIA states for the H100 and the H200, in TFLOP/s.
STATED_TFLOPS = 989
# The first steps allocate memory and compile or load kernels.
WARM_UP = 4


def measure(part):
    file, recipe, tokens = model_to_train(part)
    rates = {} if part.is_small else {f"the stated {STATED_TFLOPS} TFLOP/s": STATED_TFLOPS}
    size = 512 if part.is_small else 8192
    with part.attempt("matmul"):
        rates["the measured product"] = part.script("matmul", part.device, size, limit=15)["tflops"]
        part.report.add(f"product of {size}³", rates["the measured product"], "TFLOP/s")
    # On the CPU, inductor compiles C++ for a minute.
    backend = "aot_eager" if part.is_small else "inductor"
    rows = [
        ("Contraflow", lambda: train(part, file, tokens)),
        ("transformers, eager", lambda: train_peer(part, file, tokens, limit=40)),
        (f"transformers, torch.compile ({backend})",
         lambda: train_peer(part, file, tokens, "--compile", backend, limit=65)),
    ]
    for name, run in rows:
        with part.attempt(name):
            with DeviceMemory(part.device) as memory:
                seconds, resident = run()
            part.report.details[name] = dict(seconds=seconds)
            report(part, name, recipe, median(seconds[WARM_UP:]), resident if part.is_small else memory.peak, rates)


def report(part, name, recipe, seconds, peak, rates):
    length = recipe["training"]["seq_len"]
    speed = recipe["training"]["global_batch_size"] * length / seconds
    teraflops = speed * flops.per_token(recipe["model"], length) / 1e12
    part.report.add(f"{name}: speed", speed, "tokens/s")
    for beside, rate in rates.items():
        part.report.add(f"{name}: MFU", 100 * teraflops / rate, "%", beside=f"of {beside}")
    if peak is not None:
        part.report.add(f"{name}: peak memory", peak / 2**30, "GiB")


def train(part, recipe, tokens):
    """Trains with Contraflow. Returns the seconds of each step and the peak of resident memory."""
    child = part.program(
        "contraflow", "train", recipe, "--data", tokens, "--training.device", part.device, "--job.dump_folder",
        part.folder, "--job.name", "model", limit=50)
    lines = (part.folder / "model" / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["seconds"] for line in lines], child.resident_bytes


def train_peer(part, recipe, tokens, *flags, limit):
    outcome = part.script("deepseek_v3", recipe, tokens, part.device, *flags, limit=limit)
    return outcome["seconds"], outcome["residentBytes"]
