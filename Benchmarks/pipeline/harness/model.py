"""The default model in float32 on one process and on two ranks, in eager PyTorch and compiled by torch.compile.

Each has one thread. Then the same with three layers and long sequences, on one process.
"""
import json
import os
import random
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from . import builds
from .rows import table

CONTRAFLOW = str(builds.PRODUCTS / "contraflow")
# The first steps allocate memory and fill caches.
WARM_UP = 2
COMPILED_WARM_UP = 6
EAGER, COMPILED = "eager PyTorch", "torch.compile (inductor)"
ONE = ["--pp", "1", "--ep", "1", "--schedule", "1f1b"]
LONG = [
    "--model.num_hidden_layers", "3", "--training.seq_len", "2048", "--training.global_batch_size", "4",
    "--parallelism.num_microbatches", "2"]


def text(folder):
    """Returns the works of Shakespeare if they have been fetched, else seeded noise."""
    fetched = builds.ROOT / "data" / "shakespeare"
    if fetched.is_dir():
        return fetched
    noise = Path(folder) / "noise.txt"
    # Without zero bytes, as in text.
    noise.write_bytes(bytes(random.Random(1).choices(range(1, 256), k=1 << 20)))
    return noise


def launch(command, **variables):
    """Runs a command and returns what it printed."""
    environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", **variables)
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def train(folder, data, steps, *options):
    """Trains without validation and returns the metrics of each step."""
    runs = Path(tempfile.mkdtemp(dir=folder))
    launch([
        CONTRAFLOW, "train", "--data", str(data), "--steps", str(steps), "--job.dump_folder", str(runs),
        "--validation.freq", "0", "--validation.steps", "1", *options])
    return [json.loads(line) for line in next(runs.glob("*/metrics.jsonl")).read_text().splitlines()]


def peer(recipe, data, steps, *flags):
    command = [str(builds.PEER_PYTHON), str(builds.FOLDER / "peers" / "train_eager.py"), str(recipe)]
    # A cache of its own, so that every run of the benchmark compiles the same things.
    cache = str(recipe.parent / "inductor")
    return json.loads(
        launch([*command, "--data", str(data), "--steps", str(steps), *flags], TORCHINDUCTOR_CACHE_DIR=cache))


def our_parameters(data, sizes):
    lines = launch([CONTRAFLOW, "train", "--dry-run", "--data", str(data), *ONE, *sizes]).splitlines()
    return int(next(line.split()[-1] for line in lines if line.startswith("parameters ")))


def compare(title, folder, data, sizes, layouts, options):
    """Trains a model in turn in eager PyTorch, compiled and in our layouts, and prints a table of their speeds."""
    recipe = Path(folder) / "recipe.toml"
    recipe.write_text(launch([CONTRAFLOW, "train", "--print-recipe", *ONE, *sizes]))
    steps = 3 * options.steps
    seconds = {EAGER: [], COMPILED: []} | {name: [] for name in layouts}
    for _ in range(options.rounds):
        answer = peer(recipe, data, WARM_UP + steps)
        seconds[EAGER] += answer["seconds"][WARM_UP:]
        # Compilation and recompilation for other numbers of rows per expert take the first steps.
        seconds[COMPILED] += peer(recipe, data, COMPILED_WARM_UP + steps, "--compile")["seconds"][COMPILED_WARM_UP:]
        for name, layout in layouts.items():
            metrics = train(folder, data, WARM_UP + steps, *layout, *sizes)
            seconds[name] += [step["seconds"] for step in metrics[WARM_UP:]]
    step = {name: median(values) for name, values in seconds.items()}
    print(f"## {title}\n")
    print(
        f"Parameters, gate biases included: ours {our_parameters(data, sizes)}, "
        f"the eager model's {answer['parameters']}.\n")
    table(
        ["what (ours bold)", "step s", "tokens/s", "speed / eager PyTorch", "speed / torch.compile"],
        ["---"] + ["--:"] * 4,
        [[
            name, f"{value:.4f}", f"{answer['tokens'] / value:.0f}", f"{step[EAGER] / value:.3f}",
            f"{step[COMPILED] / value:.3f}",
        ] for name, value in step.items()])


def measure(options):
    single, double = {"**one process**": ONE}, {"**two ranks, DualPipe**": ["--pp", "2", "--ep", "1"]}
    with tempfile.TemporaryDirectory(prefix="pipeline-benchmark-") as folder:
        data = text(folder)
        compare("The default model in float32", folder, data, [], single | double, options)
        compare("Three of its layers on sequences of 2048 tokens", folder, data, LONG, single, options)
