"""Training runs of the built command and their files, beside those of runs that nothing disturbs."""

import contextlib
import itertools
import json
import os
import pathlib
import re
import shutil
import time

from processes import Process, Started, children, command_line, session_members, variables, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMAND = pathlib.Path(os.environ.get("CONTRAFLOW", ROOT / ".build/release/contraflow"))
WORKER = pathlib.Path(os.environ.get("CONTRAFLOW_WORKER", COMMAND.parent / "contraflow-worker"))
# The ranks of the pipeline and of an expert-parallel group, by the number of ranks.
LAYOUTS = {1: (1, 1), 2: (1, 2), 4: (2, 2)}
STEPS, INTERVAL, VALIDATION = 24, 4, 6
# The text that runs train on: the project's own, as it was when the harness began.
TEXT = (ROOT / "README.md").read_bytes()
# A small model, so that a run takes little more than its start-up.
RECIPE = {
    "model.num_hidden_layers": 4, "training.seq_len": 16, "training.global_batch_size": 8, "training.steps": STEPS,
    "parallelism.num_microbatches": 4, "checkpoint.interval": INTERVAL, "validation.freq": VALIDATION,
    "validation.steps": 2, "metrics.log_freq": 1,
}
# The metrics that depend on the numbers of the model alone.
NUMBERS = ("step", "loss", "mtpLoss", "balanceLoss", "gradientNorm", "lr", "tokens", "expertBalance", "validationLoss")


def read_lines(path):
    """The complete lines of a file of JSON lines."""
    with contextlib.suppress(FileNotFoundError):
        return [json.loads(line) for line in path.read_text().split("\n")[:-1] if line]
    return []


class Run(Started):
    """A run of `contraflow train` in `place/run`, with a temporary folder of its own."""

    def __init__(self, place, ranks, options=None, words=(), prefix=(), environment=None, resumes=False):
        self.place, self.ranks = place, ranks
        self.folder = place / "run"
        self.temporary = place / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        if resumes:
            arguments = ["--resume", self.folder]
        else:
            pipeline, experts = LAYOUTS[ranks]
            arguments = ["--preset", "debug", "--pp", pipeline, "--ep", experts, "--job.dump_folder", place,
                         "--job.name", "run"]
            for key, value in ({"training.dataset_path": data(place)} | RECIPE | (options or {})).items():
                arguments += [f"--{key}", value]
        super().__init__(
            [*prefix, COMMAND, "train", *arguments, *words], place / "errors.txt",
            {"TMPDIR": str(self.temporary), "CONTRAFLOW_WORKER": str(WORKER)} | (environment or {}))

    def workers(self):
        """The processes of the ranks that run now, by rank."""
        found = {}
        for pid in children(self.process.pid):
            rank = variables(pid).get("RANK")
            if rank is not None:
                with contextlib.suppress(ProcessLookupError):
                    found[int(rank)] = Process(pid)
        return found

    def wait_for(self, condition, what):
        """Waits for a condition; returns False if the run ends before."""
        return wait_for(lambda: condition() or (self.handle.wait(0) and "ended"), what) != "ended"

    @property
    def metrics(self):
        return read_lines(self.folder / "metrics.jsonl")

    def step_count(self):
        return len(self.metrics)

    def commits(self):
        return commits(self.folder)

    def wait_for_new_line(self, old):
        """Waits for the first step after a restart. Returns whether there was one before the run's end."""
        file = self.folder / "metrics.jsonl"

        def has_new_line():
            found = re.findall(r"restarting the ranks \(\d+ of \d+\) from (?:the checkpoint of step (\d+))?", self.text)
            return found and inode(file) not in (None, old) and self.step_count() > int(found[-1] or 0)

        return self.wait_for(has_new_line, "training again")


def inode(path):
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def data(place):
    """The text that runs train on."""
    file = place / "text.txt"
    file.write_bytes(TEXT)
    return file


def commits(folder):
    """The steps of the complete checkpoints, in increasing order."""
    return sorted(int(file.parent.name[5:]) for file in folder.glob("checkpoint/step-*/manifest.json"))


class Undisturbed:
    """What a run leaves that nothing disturbs, and the times of its phases, in seconds."""

    cache = {}

    def __init__(self, place, ranks, options):
        run = Run(place, ranks, options)
        run.wait_for(lambda: run.step_count() >= 1, "the first step")
        self.start_time = time.monotonic() - run.start
        status = run.ended()
        if status != 0:
            raise SystemExit(f"an undisturbed run of {ranks} ranks ended with {status}: {run.last_words()}")
        self.step_time = sorted(line["seconds"] for line in run.metrics)[len(run.metrics) // 2]
        last = (run.folder / "metrics.jsonl").stat().st_mtime
        self.end_time = max((run.folder / "report.html").stat().st_mtime - last, 0.05)
        self.folder, self.numbers, self.weights = run.folder, numbers(run.metrics), weights(run.folder)
        problems = leftovers(run)
        if problems:
            raise SystemExit(f"an undisturbed run of {ranks} ranks: {problems}")

    @staticmethod
    def of(bench, ranks, options=None):
        key = (ranks, *sorted((options or {}).items()))
        if key not in Undisturbed.cache:
            with bench.place() as place:
                Undisturbed.cache[key] = Undisturbed(place, ranks, options)
        return Undisturbed.cache[key]

    def differences(self, run):
        """What differs between a disturbed run that has ended and this one, in one line each."""
        found, ours = [], numbers(read_lines(run.folder / "metrics.jsonl"))
        for expected, line in itertools.zip_longest(self.numbers, ours, fillvalue={}):
            if expected != line:
                wrong = {name: (line.get(name), expected.get(name)) for name in NUMBERS if
                         line.get(name) != expected.get(name)}
                found.append(f"metrics and those of an undisturbed run differ: {wrong}")
                break
        if weights(run.folder) != self.weights:
            found.append("the weights differ from an undisturbed run's")
        return found


def numbers(metrics):
    return [{name: line.get(name) for name in NUMBERS} for line in metrics]


def weights(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.glob("weights/*.safetensors"))}


def leftovers(run, temporary=True):
    """What a run that has ended must not leave, in one line each."""
    deadline = time.monotonic() + 1
    while (left := session_members(run.process.pid)) and time.monotonic() < deadline:
        time.sleep(0.01)
    found = [f"process {pid} is left: {command_line(pid)}" for pid in left]
    for file in run.folder.rglob("*"):
        if file.name.startswith((".writing-", "weights.", "manifest.deleted")):
            found.append(f"{file.relative_to(run.folder)} is left")
    for folder in run.folder.glob("checkpoint/step-*"):
        if not (folder / "manifest.json").exists():
            found.append(f"{folder.name} is left without a manifest")
    if temporary:
        found += [f"{name} is left in TMPDIR" for name in os.listdir(run.temporary)]
    return found


class Bench:
    """The folder in which the runs of a part take place, and the form of the harness."""

    def __init__(self, folder, short, keeps=False):
        self.folder, self.short, self.keeps = folder, short, keeps
        self.count = 0

    @contextlib.contextmanager
    def place(self):
        """A new folder for one try. All processes that were started in it are ended, and the folder is deleted."""
        self.count += 1
        place = self.folder / f"try-{self.count}"
        place.mkdir(parents=True)
        try:
            yield place
        finally:
            Started.end_everything()
            if not self.keeps:
                shutil.rmtree(place, ignore_errors=True)
