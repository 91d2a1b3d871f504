"""Small training runs of the built command, for the checks that look at what they leave."""

import json
import os
import pathlib
import subprocess

COMMAND = os.environ.get("CONTRAFLOW", ".build/release/contraflow")
# A sequence of the `debug` preset and the two tokens after it: a part of just as many has one window.
LENGTH = 32
WINDOW = LENGTH + 2


def contraflow(*arguments):
    """What the command prints; fails with what it says where it fails."""
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, timeout=600)
    if done.returncode != 0:
        raise SystemExit(f"contraflow {' '.join(map(str, arguments))}: exit code {done.returncode}\n"
                         f"{done.stderr.decode(errors='replace')}")
    return done.stdout


class Run:
    """A run of the `debug` preset in float64 that has ended."""

    def __init__(self, parent, data, *options):
        contraflow(
            "train", "--preset", "debug", "--data", data, "--model.dtype", "float64", "--job.dump_folder", parent,
            "--pp", 2, "--ep", 2, *options)
        (self.folder,) = pathlib.Path(parent).iterdir()
        self.weights = self.folder / "weights"
        lines = (self.folder / "metrics.jsonl").read_text().splitlines()
        self.steps = [json.loads(line) for line in lines]


def text(count):
    """The first bytes of the project's own README."""
    return (pathlib.Path(__file__).parents[2] / "README.md").read_bytes()[:count]


def compare(name, ours, theirs, tolerance=1e-6):
    """Prints both figures and fails where they differ by more than `tolerance` of theirs.

    transformers computes norms, gates and rotary angles in float32, whatever the weights' type is.
    """
    difference = abs(ours - theirs) / abs(theirs)
    print(f"{name}: Contraflow {ours:.12f}, transformers {theirs:.12f}, relative difference {difference:.1e}")
    if not difference <= tolerance:
        raise SystemExit(f"{name} differs by more than {tolerance}")
