"""One part at work: its children, its report and its time."""
import contextlib
import json
import time

from . import child
from .installation import python_environment
from .report import Report


# The limits are those of a device. A CPU may be slow or busy.
CPU_FACTOR = 3


class Skip(Exception):
    """The reason why a part, or a row of it, does not apply to this machine or to this kit."""


class Measurement:
    def __init__(self, name, module, kit, device, folder, end):
        self.module, self.kit, self.device, self.folder, self.end = module, kit, device, folder, end
        self.report = Report(name, device)
        self.has_timed_out = False

    @property
    def is_small(self):
        """Whether the CPU measures the small form of the part."""
        return self.device == "cpu"

    def run(self):
        """Measures, and leaves the status and the errors in the report."""
        self.folder.mkdir()
        self.end = min(self.end, time.monotonic() + self._limit(self.module.LIMIT))
        self.report.begin()
        with self.attempt(self.report.part):
            self.module.measure(self)
        self.report.finish(self._status())

    def _status(self):
        if self.report.errors:
            return "timed out" if self.has_timed_out else "failed"
        return "skipped" if all(figure["value"] == "skipped" for figure in self.report.figures) else "passed"

    @contextlib.contextmanager
    def attempt(self, row):
        """Records why a row is missing, so that the next row is measured."""
        try:
            yield
        except Skip as reason:
            self.report.add(row, "skipped", beside=str(reason))
        except child.ChildError as error:
            self.has_timed_out |= error.is_timeout
            self.report.fail(f"{row}: {error}", error.lines)
        # A defect of a part must not stop the others.
        except Exception as error:
            self.report.fail(f"{row}: {type(error).__name__}: {error}")

    def require_programs(self):
        """Skips what needs the compiled programs, if they cannot run on this machine."""
        if reason := self.kit.mismatch(self.device):
            raise Skip(reason)

    def program(self, name, *arguments, limit, **variables):
        """Runs a compiled program of the kit."""
        self.require_programs()
        environment = dict(self.kit.environment(self.device), **variables)
        return self._run(name, [self.kit.program(name), *arguments], limit, environment)

    def script(self, name, *arguments, limit, environment=None):
        """Runs a Python program of the kit, and returns the JSON document that the program prints last."""
        if self.kit.torch is None:
            raise Skip("torch is missing")
        environment = environment or python_environment(self.device)
        output = self._run(f"{name}.py", [*self.kit.script(name), *arguments], limit, environment).output
        return json.loads(output.strip().splitlines()[-1])

    def _run(self, name, command, limit, environment):
        limit = min(self._limit(limit), self.end - time.monotonic())
        return child.run(name, [str(word) for word in command], limit, environment, self.folder)

    def _limit(self, seconds):
        return seconds * CPU_FACTOR if self.is_small else seconds
