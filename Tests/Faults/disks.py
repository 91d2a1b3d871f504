"""A disk that fills up, or becomes read-only, while a run saves: training goes on, and saves once it can."""

import pathlib
import re

from namespaces import Namespace
from processes import Problem
from runs import Run, Undisturbed, leftovers

TRIES = {"short": 2, "long": 20}
LIMITS = {}
RANKS = 2
OPTIONS = {"training.steps": 40}


def attempt(bench, number, random):
    kind = ("full", "read-only")[number % 2]
    with bench.place() as place:
        try:
            mounts = Namespace("--mount")
        except OSError as error:
            return {"skipped": f"no namespace of mounts: {error}", "problems": []}
        with mounts:
            return disturb(Undisturbed.of(bench, RANKS, OPTIONS), mounts, place, kind, random.randrange(5, 15))


def fill(mounts, disk):
    mounts.run("sh", "-c", f"cat /dev/zero > {disk}/filler || true")
    return lambda: mounts.run("rm", disk / "filler")


def protect(mounts, disk):
    """Makes the checkpoints read-only. The whole disk cannot be, because the metrics are open for writing."""
    folder = disk / "run/checkpoint"
    mounts.run("mount", "--bind", folder, folder)
    mounts.run("mount", "-o", "remount,bind,ro", folder)
    return lambda: mounts.run("umount", "--lazy", folder)


def shown_step(run):
    """The last step that the run has shown, because the metrics may be on the full disk."""
    return max(map(int, re.findall(r"^step (\d+)/", run.text, re.MULTILINE)), default=0)


def disturb(expected, mounts, place, kind, begin):
    disk = place / "disk"
    disk.mkdir()
    mounts.run("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk)
    run = Run(place, RANKS, OPTIONS | {"job.dump_folder": disk}, prefix=mounts.words)
    run.folder = pathlib.Path(f"{mounts.root}{disk}/run")
    if not run.wait_for(lambda: run.step_count() >= begin and run.commits(), f"step {begin}"):
        raise Problem(f"the run ended: {run.last_words()}")
    undo = (fill if kind == "full" else protect)(mounts, disk)
    last = max(run.commits())
    if not run.wait_for(lambda: "was not saved" in run.text, "a warning about the checkpoint"):
        raise Problem(f"the run ended: {run.last_words()}")
    warned = shown_step(run)
    run.wait_for(lambda: shown_step(run) > warned, "a step after the warning")
    undo()
    run.wait_for(lambda: max(run.commits(), default=0) > last, "a later checkpoint")
    status = run.ended()
    problems = [f"exit status {status}: {run.last_words()}"] if status != 0 else []
    # What was written before the disk became read-only can only be removed by the next start.
    problems += [problem for problem in leftovers(run) if kind == "full" or "without a manifest" not in problem]
    return {"what": f"{kind} disk from step {begin} to {warned + 1}, of {OPTIONS['training.steps']}",
            "problems": problems + expected.differences(run)}
