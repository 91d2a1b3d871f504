"""Trains the debug preset on two devices, compares the losses, and prints the largest difference as JSON.

Batches and initial weights are equal, and both runs use float32, so that the losses stay close over 20 steps.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT = 1e-2


def losses(options, device, name, folder):
    data = ["--data", options.data] if options.data else []
    done = subprocess.run(
        [options.command, "train", "--preset", "debug", "--pp", options.pp, "--ep", options.ep, *data,
         "--model.dtype", "float32", "--training.device", device, "--checkpoint.enable", "false",
         "--job.dump_folder", folder, "--job.name", name],
        stdout=sys.stderr)
    if done.returncode != 0:
        sys.exit(done.returncode)
    lines = (Path(folder) / name / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--command", default="contraflow")
    options.add_argument("--data")
    options.add_argument("--devices", nargs=2, default=["cpu", "cuda"])
    options.add_argument("--pp", default="1")
    options.add_argument("--ep", default="1")
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        first, second = (
            losses(options, device, f"{device}-{index}", folder) for index, device in enumerate(options.devices))
    difference = max(abs(a - b) for a, b in zip(first, second, strict=True))
    print(json.dumps(dict(steps=len(first), difference=difference, limit=LIMIT)))
    if difference > LIMIT:
        sys.exit(f"the losses of {len(first)} steps differ by {difference:.2g}, more than {LIMIT:g}")


main()
