"""A SIGKILL per minute to a random rank: the share of the steps that an undisturbed run trains in the same time."""

import json
import signal
import time

from processes import Problem
from runs import Run, leftovers

TRIES = {"short": 0, "long": 1}
LIMITS = {}
GOODPUT = 0.90
# Seconds of the disturbed run, of each undisturbed one, and between kills.
TIMES = (3600, 180, 60)
OPTIONS = {
    "model.num_hidden_layers": 8, "training.seq_len": 32, "training.global_batch_size": 16, "training.steps": 1_000_000,
    "parallelism.num_microbatches": 8, "checkpoint.interval": 10, "validation.freq": 10, "validation.steps": 1,
    "metrics.log_freq": 1000,
}
RANKS = 2


def last_step(run):
    """The last step in the metrics, which may be many."""
    with open(run.folder / "metrics.jsonl", "rb") as file:
        file.seek(max(file.seek(0, 2) - 4096, 0))
        return json.loads(file.read().split(b"\n")[-2])["step"]


def rate(bench, seconds):
    """The steps per second of an undisturbed run, without its start-up."""
    with bench.place() as place:
        run = Run(place, RANKS, OPTIONS)
        run.wait_for(lambda: run.step_count() >= 1, "the first step")
        start = time.monotonic()
        time.sleep(seconds)
        steps = last_step(run) - 1
        return steps / (time.monotonic() - start)


def attempt(bench, number, random):
    seconds, reference, interval = TIMES
    before = rate(bench, reference)
    kills = 0
    with bench.place() as place:
        run = Run(place, RANKS, OPTIONS, words=["--max-restarts", 1000])
        run.wait_for(lambda: run.step_count() >= 1, "the first step")
        start = time.monotonic()
        while (kills + 1) * interval <= seconds:
            time.sleep(max(start + kills * interval + random.uniform(0.3, 0.7) * interval - time.monotonic(), 0))
            workers = run.workers()
            if not workers:
                raise Problem(f"no rank runs after {kills} kills: {run.last_words()}")
            workers[random.choice(sorted(workers))].send(signal.SIGKILL)
            kills += 1
            time.sleep(max(start + kills * interval - time.monotonic(), 0))
        time.sleep(max(start + seconds - time.monotonic(), 0))
        steps, elapsed = last_step(run), time.monotonic() - start
        run.handle.send(signal.SIGTERM)
        status = run.ended()
        problems = leftovers(run) + ([f"exit status {status}: {run.last_words()}"] if status != 143 else [])
    after = rate(bench, reference)
    share = steps / elapsed / ((before + after) / 2)
    if share < GOODPUT:
        problems.append(f"goodput is {share:.3f}, below {GOODPUT}")
    return {
        "what": f"{kills} kills in {elapsed:.0f} s: {steps} steps, undisturbed {before:.2f} and {after:.2f} steps/s",
        "goodput": share, "problems": problems}
