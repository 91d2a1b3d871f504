"""Processes that are held, waited for, and ended with all their descendants."""

import contextlib
import os
import pathlib
import select
import signal
import subprocess
import time

# A process that has not done what is waited for after this time, in seconds, hangs.
HANG = 120


class Problem(Exception):
    """A promise that was broken, in one line."""


def wait_for(condition, what, seconds=HANG, interval=0.002):
    """Waits until `condition` is true and returns its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Problem(f"hang: {what} took more than {seconds} s")
        time.sleep(interval)
    return value


class Process:
    """A process that is held by a descriptor, so that its number cannot come to mean another one."""

    def __init__(self, pid):
        self.pid = pid
        self.descriptor = os.pidfd_open(pid)

    def __del__(self):
        if hasattr(self, "descriptor"):
            os.close(self.descriptor)

    def send(self, number):
        """Returns whether the process was still running."""
        if self.wait(0):
            return False
        try:
            signal.pidfd_send_signal(self.descriptor, number)
            return True
        except ProcessLookupError:
            return False

    def wait(self, seconds):
        """Returns whether the process has ended."""
        poll = select.poll()
        poll.register(self.descriptor, select.POLLIN)
        return bool(poll.poll(max(seconds, 0) * 1000))


def wait_for_end(processes, seconds=HANG):
    """Waits until all processes have ended and returns the time that took."""
    start = time.monotonic()
    for process in processes:
        if not process.wait(start + seconds - time.monotonic()):
            raise Problem(f"hang: process {process.pid} lives after {seconds} s")
    return time.monotonic() - start


def children(pid):
    found = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            found += map(int, pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return found


def variables(pid):
    with contextlib.suppress(OSError):
        pairs = pathlib.Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return {}


def command_line(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
    return "ended"


def session_members(session):
    """The processes of a session that have not ended."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                found.append(int(name))
    return found


class Started:
    """A program in a session of its own, so that all its descendants are found."""

    alive = []

    def __init__(self, words, errors, environment=None):
        self.errors = errors
        self.start = time.monotonic()
        with open(errors, "ab") as file:
            self.process = subprocess.Popen(
                [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file,
                env=os.environ | (environment or {}), start_new_session=True)
        self.handle = Process(self.process.pid)
        Started.alive.append(self)

    @property
    def text(self):
        return self.errors.read_text(errors="replace")

    def last_words(self):
        return " / ".join(self.text.strip().split("\n")[-3:])

    def ended(self, seconds=HANG):
        """Waits for the end and returns the exit status."""
        if not self.handle.wait(seconds):
            raise Problem(f"hang: the launcher lives after {seconds} s: {self.last_words()}")
        return self.process.wait()

    def end_all(self):
        """Kills what is left of the session and returns the numbers of its processes."""
        left = session_members(self.process.pid)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        if self in Started.alive:
            Started.alive.remove(self)
        return left

    @staticmethod
    def end_everything():
        for started in list(Started.alive):
            started.end_all()
