"""SIGKILL to any rank, or to the launcher, at random moments. Training goes on from the last checkpoint."""

import signal
import time

import phases
from processes import Problem, wait_for_end
from runs import Run, Undisturbed, inode, leftovers

TRIES = {"short": 4, "long": 300}
LIMITS = {"survivors gone": {"p99": 1.0}, "training again": {"median": 4.0, "p99": 8.0}}


def attempt(bench, number, random):
    phase = phases.PHASES[number % len(phases.PHASES)]
    for _ in range(10):
        ranks = random.choice((1, 2, 4)) if not bench.short else (1, 2)[number % 2]
        victim = "launcher" if random.random() < 0.2 else random.randrange(ranks)
        expected = Undisturbed.of(bench, ranks)
        with bench.place() as place:
            row = kill(place, phase, ranks, victim, random, expected)
        if row:
            return row
    raise Problem(f"no process was alive in the phase {phase} in 10 runs")


def kill(place, phase, ranks, victim, random, expected):
    """One run with one kill; None if the process had ended before."""
    run = Run(place, ranks, words=["--max-restarts", 3])
    moment = phases.wait_for_moment(run, phase, random, expected)
    workers = run.workers()
    # A rank that has not started yet is waited for.
    if victim != "launcher" and victim not in workers:
        run.wait_for(lambda: victim in run.workers(), f"the start of rank {victim}")
        workers = run.workers()
    row = {"what": f"{ranks} rank{'s' * (ranks > 1)}, {victim if victim == 'launcher' else f'rank {victim}'}, {moment}"}
    process = run.handle if victim == "launcher" else workers.get(victim)
    old, kept = inode(run.folder / "metrics.jsonl"), run.metrics[:max(run.commits(), default=0)]
    if process is None or not process.send(signal.SIGKILL):
        return None
    killed = time.monotonic()
    row["survivors gone"] = wait_for_end(workers.values())
    if victim == "launcher":
        run.ended()
        return row | resumed(run, old, kept, expected)
    if run.wait_for_new_line(old):
        row["training again"] = time.monotonic() - killed
    status = run.ended()
    problems = leftovers(run) + expected.differences(run) + trained_again(run, kept)
    if status != 0:
        problems.append(f"exit status {status}: {run.last_words()}")
    return row | {"problems": problems}


def trained_again(run, kept):
    """Whether steps before a checkpoint were trained again: their times then differ."""
    return [] if run.metrics[:len(kept)] == kept else [f"steps before the checkpoint of step {len(kept)} were repeated"]


def resumed(run, old, kept, expected):
    """Continues the run of a killed launcher."""
    had_commit = bool(run.commits())
    again = Run(run.place, run.ranks, resumes=True)
    file = again.folder / "metrics.jsonl"
    first = max(run.commits(), default=0)
    row = {"problems": []}
    if again.wait_for(lambda: inode(file) not in (None, old) and again.step_count() > first, "training again"):
        row["training again"] = time.monotonic() - again.start
    status = again.ended()
    if had_commit and status == 1 and "already trained" in again.text:
        # The run had ended but for its report.
        return row | {"problems": expected.differences(again)}
    if not had_commit:
        # The recipe is written after libtorch has been loaded. The folder is made a moment after the start.
        expected_words = ("no complete checkpoint", "has no recipe.toml", "cannot open")
        if status != 1 or not any(words in again.text for words in expected_words):
            row["problems"].append(f"a resume without a checkpoint ended with {status}: {again.last_words()}")
        return row
    if status != 0:
        row["problems"].append(f"the resume ended with {status}: {again.last_words()}")
    # The killed launcher leaves a folder in TMPDIR, which a start removes that is a minute later.
    row["problems"] += leftovers(again, temporary=False) + expected.differences(again) + trained_again(again, kept)
    return row
