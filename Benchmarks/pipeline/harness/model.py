"""The default model in float32 on one process and on two ranks, and in eager PyTorch. Each has one thread."""
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


def text(folder):
    """Returns the works of Shakespeare if they have been fetched, else seeded noise."""
    fetched = builds.ROOT / "data" / "shakespeare"
    if fetched.is_dir():
        return fetched
    noise = Path(folder) / "noise.txt"
    # Without zero bytes, as in text.
    noise.write_bytes(bytes(random.Random(1).choices(range(1, 256), k=1 << 20)))
    return noise


def launch(command):
    environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def ours(folder, data, steps, layout):
    runs = Path(tempfile.mkdtemp(dir=folder))
    launch([
        CONTRAFLOW, "train", "--data", str(data), "--steps", str(steps), "--job.dump_folder", str(runs),
        "--validation.freq", "0", "--validation.steps", "1", *layout])
    metrics = next(runs.glob("*/metrics.jsonl")).read_text().splitlines()
    return [json.loads(line)["seconds"] for line in metrics]


def eager(recipe, data, steps):
    program = str(builds.FOLDER / "peers" / "train_eager.py")
    answer = json.loads(
        launch([str(builds.PEER_PYTHON), program, str(recipe), "--data", str(data), "--steps", str(steps)]))
    return answer["seconds"], answer["parameters"], answer["tokens"]


def our_parameters(data):
    lines = launch([CONTRAFLOW, "train", "--dry-run", "--data", str(data)]).splitlines()
    return int(next(line.split()[-1] for line in lines if line.startswith("parameters ")))


def measure(options):
    one = ["--pp", "1", "--ep", "1", "--schedule", "1f1b"]
    two = ["--pp", "2", "--ep", "1"]
    seconds = {"eager PyTorch, one thread": [], "**one process**": [], "**two ranks, DualPipe**": []}
    peer, single, double = seconds
    steps = WARM_UP + 3 * options.steps
    with tempfile.TemporaryDirectory(prefix="pipeline-benchmark-") as folder:
        data = text(folder)
        recipe = Path(folder) / "recipe.toml"
        recipe.write_text(launch([CONTRAFLOW, "train", "--print-recipe"]))
        for _ in range(options.rounds):
            peer_seconds, peer_parameters, tokens = eager(recipe, data, steps)
            seconds[peer] += peer_seconds[WARM_UP:]
            seconds[single] += ours(folder, data, steps, one)[WARM_UP:]
            seconds[double] += ours(folder, data, steps, two)[WARM_UP:]
        parameters = our_parameters(data)
    step = {name: median(values) for name, values in seconds.items()}
    print("## The default model in float32\n")
    print(f"Parameters, gate biases included: ours {parameters}, the eager model's {peer_parameters}.\n")
    table(
        ["what (ours bold)", "step s", "tokens/s", "speed / eager PyTorch", "speed / one process"],
        ["---"] + ["--:"] * 4,
        [[
            name, f"{value:.4f}", f"{tokens / value:.0f}", f"{step[peer] / value:.3f}", f"{step[single] / value:.3f}",
        ] for name, value in step.items()])
