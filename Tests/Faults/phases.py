"""Random moments in the phases of a run."""

import time

from runs import INTERVAL, STEPS, VALIDATION

PHASES = ("start-up", "training", "validation", "saving", "end")


def wait_for_moment(run, phase, random, expected):
    """Waits for a random moment of a phase, and returns its description.

    The metrics of a step are written at the end of the next step's forward and backward passes, so that validation,
    which comes after those, follows the line of the step before.
    """
    if phase == "start-up":
        delay = random.uniform(0, expected.start_time)
        described = "start-up"
    elif phase == "training":
        step = random.randrange(1, STEPS - 1)
        run.wait_for(lambda: run.step_count() >= step, f"step {step}")
        delay = random.uniform(0, 2 * expected.step_time)
        described = f"after step {step}"
    elif phase == "validation":
        step = random.randrange(VALIDATION, STEPS, VALIDATION)
        run.wait_for(lambda: run.step_count() >= step - 1, f"step {step - 1}")
        delay = random.uniform(0, expected.step_time)
        described = f"validation of step {step}"
    elif phase == "saving":
        step = random.randrange(INTERVAL, STEPS, INTERVAL)
        folder = run.folder / f"checkpoint/step-{step}"
        run.wait_for(folder.exists, f"the checkpoint of step {step}")
        delay = random.uniform(0, 2 * expected.step_time)
        described = f"saving step {step}"
    else:
        run.wait_for(lambda: run.step_count() >= STEPS - 1, f"step {STEPS - 1}")
        delay = random.uniform(0, 2 * expected.step_time + expected.end_time)
        described = "the end"
    time.sleep(delay)
    return f"{described} + {delay * 1000:.0f} ms"
