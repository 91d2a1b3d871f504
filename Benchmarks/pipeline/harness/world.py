"""Ranks of Contraflow or a peer, which keep running and run steps on request."""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def become_urgent():
    """Sets real-time priority for this process and its threads. Does nothing if that is not allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        pass


class World:
    """`size` processes of a command, which connect through a file and answer each request with one line of JSON.

    `is_urgent` ranks run before everything else on the machine, where the user may ask for that.
    """

    def __init__(self, command, size, is_urgent=False):
        self.folder = Path(tempfile.mkdtemp(prefix="pipeline-benchmark-"))
        common = dict(
            os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", WORLD_SIZE=str(size),
            CONTRAFLOW_RENDEZVOUS_FILE=str(self.folder / "store"))
        self.ranks = [
            subprocess.Popen(
                command, env=dict(common, RANK=str(rank)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                preexec_fn=become_urgent if is_urgent else None)
            for rank in range(size)
        ]

    def run(self, subject, steps):
        """Lets every rank run `steps` steps, and returns their measurements."""
        line = json.dumps({"subject": subject, "steps": steps}) + "\n"
        for rank in self.ranks:
            rank.stdin.write(line)
            rank.stdin.flush()
        answers = [rank.stdout.readline() for rank in self.ranks]
        if not all(answers):
            self.close()
            raise SystemExit(f"a rank ended while it ran {subject}")
        return [json.loads(answer) for answer in answers]

    def close(self):
        for rank in self.ranks:
            rank.stdin.close()
        for rank in self.ranks:
            try:
                rank.wait(10)
            except subprocess.TimeoutExpired:
                rank.kill()
                rank.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
