"""A child process with a time limit."""
import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass


class ChildError(Exception):
    """A child that failed or exceeded its limit. `lines` are the last lines that the child wrote."""

    def __init__(self, reason, lines=(), is_timeout=False):
        super().__init__(reason)
        self.lines, self.is_timeout = list(lines), is_timeout


@dataclass
class Child:
    """What a child left when it ended."""
    output: str
    errors: str
    # The largest resident memory of the child or of one of its own children.
    resident_bytes: int


def run(name, command, limit, environment, folder):
    """Runs a command in a process group of its own, and ends the whole group at the limit or if this process stops."""
    if limit <= 0:
        raise ChildError(f"{name} was not started: no time is left", is_timeout=True)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=environment, cwd=folder,
                start_new_session=True)
        except OSError as error:
            raise ChildError(f"{name} cannot be run: {error.strerror}") from None
        end = time.monotonic() + limit
        try:
            while True:
                ended, status, usage = os.wait4(process.pid, os.WNOHANG)
                if ended:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    break
                if time.monotonic() > end:
                    raise ChildError(f"{name} exceeded its limit of {limit:.0f} s", last_lines(errors, output), True)
                time.sleep(0.02)
        finally:
            # Also ends grandchildren that a child has left behind.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        if process.returncode != 0:
            raise ChildError(f"{name} ended with {described(process.returncode)}", last_lines(errors, output))
        return Child(text(output), text(errors), usage.ru_maxrss * 1024)


def text(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def described(code):
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def last_lines(*files, count=40):
    """Returns the last lines of the first file that has any."""
    for file in files:
        lines = text(file).strip().splitlines()
        if lines:
            return lines[-count:]
    return []
