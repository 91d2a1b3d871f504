"""Stop signals to the launcher or to one rank: all ranks end after a checkpoint, and a resume goes on."""

import signal
import time

import phases
from processes import Problem
from runs import Run, STEPS, Undisturbed, leftovers

TRIES = {"short": 3, "long": 102}
LIMITS = {"ended in start-up": {"max": 10.0}, "ended beyond two steps and a save": {"p99": 1.0}}
START_SECONDS = 3


def attempt(bench, number, random):
    for _ in range(10):
        ranks = random.choice((1, 2, 4)) if not bench.short else 2
        expected = Undisturbed.of(bench, ranks)
        number_to_send = random.choice((signal.SIGTERM, signal.SIGINT, signal.SIGUSR1))
        victim = "launcher" if random.random() < 0.5 else random.randrange(ranks)
        phase = "start-up" if number % 3 == 0 else random.choice(phases.PHASES[1:])
        with bench.place() as place:
            row = stop(place, phase, ranks, victim, number_to_send, random, expected)
        if row:
            return row
    raise Problem("no process was alive in 10 runs")


def stop(place, phase, ranks, victim, number, random, expected):
    """One run with one signal; None if the process had ended before."""
    run = Run(place, ranks)
    if phase == "start-up":
        delay = random.uniform(0, START_SECONDS)
        time.sleep(delay)
        moment = f"start + {delay * 1000:.0f} ms"
    else:
        moment = phases.wait_for_moment(run, phase, random, expected)
    if victim != "launcher":
        run.wait_for(lambda: victim in run.workers(), f"the start of rank {victim}")
    process = run.handle if victim == "launcher" else run.workers().get(victim)
    had_begun = run.step_count() > 0
    if process is None or not process.send(number):
        return None
    sent = time.monotonic()
    status = run.ended()
    seconds = time.monotonic() - sent
    name = victim if victim == "launcher" else f"rank {victim}"
    row = {"what": f"{ranks} rank{'s' * (ranks > 1)}, {signal.Signals(number).name} to the {name}, {moment}".replace(
        "the rank", "rank"), "problems": leftovers(run)}
    if had_begun:
        row["ended beyond two steps and a save"] = max(
            seconds - 2 * max(line["seconds"] for line in run.metrics) - expected.end_time, 0)
    else:
        row["ended in start-up"] = seconds
    if status == 0 and run.step_count() == STEPS:
        # The signal came after the last step.
        return row | {"problems": row["problems"] + expected.differences(run)}
    # Before the launcher listens, the signal itself ends it, which shells report as 128 plus the signal.
    if status != 128 + number and (had_begun or status != -number):
        row["problems"].append(f"exit status {status}, not {128 + number}: {run.last_words()}")
    trained, saved = run.step_count(), max(run.commits(), default=0)
    if trained > 0 and saved != trained:
        row["problems"].append(f"step {trained} was trained, and the last checkpoint is of step {saved}")
    if saved > 0:
        again = Run(place, ranks, resumes=True)
        status = again.ended()
        if status != 0 and not (status == 1 and "already trained" in again.text):
            row["problems"].append(f"the resume ended with {status}: {again.last_words()}")
        row["problems"] += leftovers(again) + expected.differences(again)
    return row
