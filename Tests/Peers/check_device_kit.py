"""Makes the device kit, and runs it on the CPU in a mount namespace that has neither Swift nor this build."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LARGEST_ARCHIVE = 40 << 20
LARGEST_COMMAND = 2000


def check(is_right, text):
    if not is_right:
        raise SystemExit(text)


def unpacked_kit(folder):
    """Makes the kit and unpacks it, and returns its folder."""
    archive = folder / "device-kit.tar.xz"
    # Fast compression: the archive of `make device-kit` is smaller.
    subprocess.run(
        [ROOT / "Scripts/device-kit", archive], env=dict(os.environ, XZ_OPT="-2 --threads=2"), check=True)
    check(archive.stat().st_size <= LARGEST_ARCHIVE, f"the archive has {archive.stat().st_size} bytes")
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", folder], check=True)
    return folder / "device-kit"


def hidden_folders():
    """The folders of the toolchain and of this build, and of the libtorch that the build was linked with."""
    toolchain = Path(shutil.which("swift")).resolve().parents[1]
    if toolchain == Path("/usr"):
        # A toolchain that shares the folder with the system: without this part, no Swift program runs.
        toolchain /= "lib/swift"
    return [toolchain, ROOT / ".build", ROOT / ".venv"]


def bare_machine():
    """The command that starts another in a namespace without the hidden folders."""
    mounts = "; ".join(f"mount -t tmpfs none '{folder}'" for folder in hidden_folders())
    prefix = ["unshare", "--mount", "bash", "-c", f'set -e; {mounts}; exec "$0" "$@"']
    if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
        return prefix
    print("mount namespaces are not permitted here: Swift is only left out of PATH")
    return ["env", f"PATH={os.defpath}"]


class DeviceRun:
    """One run of device-run, with its exit code, its table and its reports.

    The run is interrupted once the file `interrupt` exists.
    """

    def __init__(self, kit, output, *options, interrupt=None):
        command = [*bare_machine(), sys.executable, kit / "device-run", "--output", output, *options]
        # torch's compiler keeps its results in the folder of temporary files.
        environment = dict(os.environ, TORCHINDUCTOR_CACHE_DIR=str(output) + "-inductor")
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if interrupt:
            while not interrupt.exists() and process.poll() is None:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
        self.table, self.errors = process.communicate(timeout=300)
        self.code = process.returncode
        self.reports = {file.stem: json.loads(file.read_text()) for file in output.glob("*.json")}
        if output.is_dir():
            check((output / "table.md").read_text().strip() == self.table.strip(), "table.md is not what is printed")

    def statuses(self):
        return {name: report["status"] for name, report in self.reports.items()}


def check_parts(kit, folder):
    run = DeviceRun(kit, folder / "parts", "--device", "cpu")
    print(run.table)
    # FP8 products need a GPU.
    expected = dict.fromkeys(["environment", "tests", "pair", "model", "profile"], "passed") | {"fp8": "skipped"}
    check(run.statuses() == expected, f"the parts are {run.statuses()}\n{run.errors}")
    check(run.code == 0, f"exit code {run.code}")
    figures = {f["figure"]: f["value"] for report in run.reports.values() for f in report["figures"]}
    for figure in ["Contraflow: speed", "transformers, eager: speed", "transformers, torch.compile (aot_eager): speed",
                   "operators per layer and micro-batch, of a step"]:
        check(figures.get(figure, 0) > 0, f"{figure} is missing")
    difference = figures["largest difference of 20 losses, cpu and cpu"]
    check(difference == 0, f"two runs on the CPU differ by {difference}")


def replace_benchmark(kit, script):
    """Makes the part `pair` run a shell script."""
    program = kit / "bin" / "pipeline-benchmark"
    program.unlink(missing_ok=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def check_failures(kit, folder):
    """A part that fails, hangs or is interrupted leaves its report, and the next part runs."""
    replace_benchmark(kit, "echo 'Error: broken' >&2; exit 3")
    run = DeviceRun(kit, folder / "failing", "--device", "cpu", "--parts", "pair,fp8")
    check(run.code == 1 and run.statuses() == {"pair": "failed", "fp8": "skipped"}, f"{run.statuses()}")
    check("exit code 3 | Error: broken" in run.table, run.table)
    file = folder / "process"
    replace_benchmark(kit, f"echo $$ > {file}; sleep 100 & wait")
    run = DeviceRun(kit, folder / "hanging", "--device", "cpu", "--parts", "pair,fp8", "--budget", "2")
    check(run.code == 1 and run.statuses() == {"pair": "timed out", "fp8": "timed out"}, f"{run.statuses()}")
    check("pipeline-benchmark exceeded its limit" in run.table and "no time is left" in run.table, run.table)
    file.unlink()
    run = DeviceRun(kit, folder / "stopped", "--device", "cpu", "--parts", "pair,fp8", interrupt=file)
    check(run.code == 130 and run.statuses() == {"pair": "interrupted", "fp8": "not run"}, f"{run.statuses()}")
    # The children end with device-run.
    process = file.read_text().strip()
    check(not Path("/proc", process).exists(), f"process {process} is left")
    for options, error in [
        (["--device", "tpu"], "invalid choice: 'tpu'"), (["--device", "cpu", "--budget", "nan"], "--budget is nan"),
        (["--device", "cpu", "--parts", "fp9"], "there is no part 'fp9'"),
    ]:
        wrong = DeviceRun(kit, folder / "wrong", *options)
        check(wrong.code == 64 and error in wrong.errors, wrong.errors)
    run = DeviceRun(kit, folder / "twice", "--device", "cpu", "--parts", "fp8,fp8")
    check(run.code == 0 and run.statuses() == {"fp8": "skipped"}, f"{run.statuses()}")


def check_versions(kit, folder):
    """The programs of a kit for another version of torch do not start, and the Python programs do."""
    (kit / "kit.json").write_text('{"torch": "2.0.0", "cuda": false}\n')
    run = DeviceRun(kit, folder / "versions", "--device", "cpu", "--parts", "environment,profile")
    check(run.statuses() == {"environment": "failed", "profile": "skipped"}, f"{run.statuses()}")
    errors = [error["reason"] for error in run.reports["environment"]["errors"]]
    check(len(errors) == 1 and "the kit was built with 2.0.0" in errors[0], f"{errors}")
    check(any(f["figure"] == "transformers" for f in run.reports["environment"]["figures"]), run.table)


def check_documented_command():
    text = (ROOT / "Documentation/CUDA.md").read_text()
    command = re.search(r"^    (.*device-run --device cuda.*)$", text, re.MULTILINE)
    check(command and len(command[1]) < LARGEST_COMMAND, "CUDA.md has no short command of device-run")


def main():
    check_documented_command()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kit = unpacked_kit(folder)
        check_parts(kit, folder)
        check_failures(kit, folder)
        check_versions(kit, folder)


main()
