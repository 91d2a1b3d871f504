"""SIGSTOP to any rank in any phase, which stops.py does."""

import pathlib
import subprocess
import sys

from runs import COMMAND

SCRIPT = pathlib.Path(__file__).parent / "stops.py"
TRIES = {"short": 1, "long": 1}
LIMITS = {}
COUNTS = {"short": (2, ["--timeout", "2", "--ranks", "2"]), "long": (40, [])}


def attempt(bench, number, random):
    if not SCRIPT.exists():
        return {"skipped": "stops.py is not there", "problems": []}
    count, options = COUNTS["short" if bench.short else "long"]
    seed = random.randrange(1 << 30)
    done = subprocess.run(
        [sys.executable, SCRIPT, "--count", str(count), "--seed", str(seed), "--command", COMMAND, *options],
        capture_output=True, text=True)
    problems = [] if done.returncode == 0 else ["; ".join((done.stdout + done.stderr).strip().splitlines()[-5:])]
    return {"what": f"{count} stops", "count": count, "problems": problems}
