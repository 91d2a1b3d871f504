"""The tests that need a device, without SwiftPM, and a small training run on the CPU and on the device."""
import re

from kit.child import ChildError
from kit.data import write_text

LIMIT = 85
FILTER = "LibTorchTests.DeviceTests|CUDATests"
BUNDLE = "contraflowPackageTests.xctest"


def measure(part):
    with part.attempt("tests"):
        run_bundle(part)
    with part.attempt("losses"):
        compare_losses(part)


def run_bundle(part):
    # The CPU stands for the device if the variable says so.
    asked = "cpu" if part.is_small else "1"
    # Swift Testing writes to standard error.
    output = part.program(
        BUNDLE, "--testing-library", "swift-testing", "--filter", FILTER, limit=55, CONTRAFLOW_TEST_CUDA=asked).errors
    summary = re.search(r"Test run with (\d+) tests?\b.* passed after ([0-9.]+) seconds", output)
    if summary is None or summary[1] == "0":
        raise ChildError(f"no test of {FILTER} ran", output.splitlines()[-6:])
    skipped = len(re.findall(r"^\S+ Test .* skipped", output, re.MULTILINE))
    part.report.add("tests passed", int(summary[1]) - skipped, beside=f"{skipped} skipped")
    if skipped and not part.is_small:
        raise ChildError(f"{skipped} tests of {FILTER} were skipped", output.splitlines())


def compare_losses(part):
    part.require_programs()
    text = write_text(part)
    outcome = part.script(
        "losses", "--command", part.kit.program("contraflow"), "--data", text, "--devices", "cpu", part.device,
        limit=30, environment=part.kit.environment(part.device))
    part.report.add(
        f"largest difference of {outcome['steps']} losses, cpu and {part.device}", outcome["difference"],
        beside=f"at most {outcome['limit']:g}")
