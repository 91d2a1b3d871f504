"""Each system call on a run's files fails once, or is the last one of its process."""

import errno
import os
import pathlib
import re
import subprocess

from runs import Run, Undisturbed, leftovers

LIMITS = {}
ERRORS = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS)
RANKS = 2
OPTIONS = {"training.steps": 6, "checkpoint.interval": 2, "validation.freq": 3, "validation.steps": 1}


def library(bench):
    """The preloaded library, compiled at the first use."""
    file = bench.folder / "failing_calls.so"
    if not file.exists():
        bench.folder.mkdir(parents=True, exist_ok=True)
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", file,
                        pathlib.Path(__file__).parent / "failing_calls.c", "-ldl"], check=True)
    return file


def environment(bench, place, rank, call, error):
    return {
        "LD_PRELOAD": str(library(bench)), "FAULTS_FOLDER": str(place / "run"), "FAULTS_LOG": str(place / "calls.txt"),
        "FAULTS_RANK": str(rank), "FAULTS_CALL": str(call), "FAULTS_ERROR": str(error)}


def call_count(bench, rank):
    """The number of calls of a rank in an undisturbed run."""
    with bench.place() as place:
        run = Run(place, RANKS, OPTIONS, environment=environment(bench, place, rank, 0, 0))
        if run.ended() != 0:
            raise SystemExit(f"a run with counted calls failed: {run.last_words()}")
        return len((place / "calls.txt").read_text().splitlines())


def points(bench):
    """Every call of every rank, once as a failure and once as the end of the process."""
    if not hasattr(bench, "points"):
        bench.points = [(rank, call, kills) for rank in range(RANKS) for call in range(1, call_count(bench, rank) + 1)
                        for kills in (False, True)]
    return bench.points


TRIES = {"short": 4, "long": lambda bench: len(points(bench))}


def attempt(bench, number, random):
    rank, call, kills = random.choice(points(bench)) if bench.short else points(bench)[number]
    expected = Undisturbed.of(bench, RANKS, OPTIONS)
    error = 0 if kills else random.choice(ERRORS)
    with bench.place() as place:
        run = Run(place, RANKS, OPTIONS, words=["--max-restarts", int(kills)],
                  environment=environment(bench, place, rank, call, error))
        status = run.ended()
        log = place / "calls.txt"
        if not log.exists():
            return {"what": f"rank {rank}, call {call}: not reached", "problems": []}
        _, name, path = log.read_text().strip().split(" ", 2)
        row = {"what": f"rank {rank}, call {call}, {name} {path}: "
                       + ("SIGKILL" if kills else errno.errorcode[error])}
        return row | {"problems": killed(run, status, expected) if kills else failed(run, status, name, path, expected)}


def killed(run, status, expected):
    problems = [] if status == 0 else [f"exit status {status}: {run.last_words()}"]
    return problems + leftovers(run) + expected.differences(run)


def failed(run, status, name, path, expected):
    """The problems of a run in which a call has failed."""
    said = run.text + "".join(log.read_text(errors="replace") for log in run.folder.glob("rank-*.log"))
    if re.search(r"Fatal error|Segmentation|terminate called", said):
        return [f"a process crashed: {run.last_words()}"]
    if status == 0:
        problems = expected.differences(run)
        if max(run.commits(), default=0) != OPTIONS["training.steps"]:
            problems.append(f"no later checkpoint was saved, only {run.commits()}")
        # The first deletion of a temporary file usually finds none, and a file that cannot be read is not deleted.
        is_harmless = name.startswith("unlink") and ".writing-" in path or name.endswith("to-read")
        if not is_harmless and "Warning: " not in said:
            problems.append("nothing was said")
        return problems
    if "Error: " not in said:
        return [f"exit status {status} without an error: {run.last_words()}"]
    if not run.metrics:
        # A run that cannot write its folder at its start does not start.
        return []
    if not path.startswith("weights") and run.step_count() < OPTIONS["training.steps"]:
        return [f"training ended at step {run.step_count()}: {run.last_words()}"]
    again = Run(run.place, RANKS, resumes=True)
    if again.ended() != 0:
        return [f"the resume failed: {again.last_words()}"]
    return leftovers(again) + expected.differences(again)
