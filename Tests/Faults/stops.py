#!/usr/bin/env python3
"""Stops, kills or holds ranks of local runs, and checks that the run ends in time and names the right rank.

Each try starts a run of the debug recipe, waits until one rank is in one phase, and stops that rank. The tries go
through all ranks and phases. A try passes if the launcher names the rank, the time from the signal to the launcher's
end is at most the heartbeat timeout plus one second, the exit status is 70, and no process of the run is left.

With --fault kill, sends SIGKILL instead of SIGSTOP. The time limit is then one second, and the message names the signal.

With --fault hold, stops only the thread that trains, as a debugger does, so that the rank's heartbeats go on. The time
limit is then that of the phase. A thread that is held in a wait may be named as one of ranks that wait for each other.
Needs the right to trace processes.

With --alarms STEPS, trains that many steps without a fault while low-priority loops keep all cores busy; passes if the
run ends successfully.

Needs Linux and a build (make train). Examples:
  Tests/Faults/stops.py --count 40 --seed 1
  Tests/Faults/stops.py --alarms 10000 --ranks 2 -- --training.global_batch_size 2 --parallelism.num_microbatches 2 \\
    --parallelism.pipeline_parallel_schedule 1F1B
"""
import argparse
import ctypes
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PHASES = ["start", "first step", "training", "validation", "saving", "end"]
STATUS = 70
# The times that an operation may take, in multiples of the timeout: those of RankPhase.budget.
BUDGETS = {"start": 40, "first step": 20, "training": 1, "validation": 4, "saving": 40, "end": 40}
MESSAGES = {
    "stop": "Error: rank {} .*has sent no heartbeat for ",
    "kill": r"Error: rank {} was killed by signal 9 \(Killed\)",
    "hold": r"Error: (rank {} .*has made no progress|(rank |.* rank |.* ranks .*\b){}\b.* have waited for each other)",
}


def arguments(folder, command, ranks, steps, *more):
    text = folder / "text.txt"
    text.write_text("".join(chr(97 + (i * i + i // 7) % 26) for i in range(200_000)))
    return [command, "train", "--preset", "debug", "--data", text, "--pp", "2", "--ep", str(ranks // 2), "--steps",
            str(steps), "--job.dump_folder", folder / "runs", *more]


class Run:
    """A run, and the pages on which its ranks publish their phases."""

    def __init__(self, words, errors, ranks, timeout=None):
        environment = dict(os.environ)
        if timeout:
            environment["CONTRAFLOW_HEARTBEAT_TIMEOUT"] = str(timeout)
        self.ranks = ranks
        self.process = subprocess.Popen(
            list(map(str, words)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=environment,
            start_new_session=True)
        self.workers = {}
        self.pages = None

    def find_worker(self, rank):
        """The process of a rank; None before it has started."""
        if rank in self.workers:
            return self.workers[rank]
        for process in children(self.process.pid):
            variables = environment_of(process)
            if variables.get("RANK") is None:
                continue
            self.workers[int(variables["RANK"])] = process
            if self.pages is None:
                try:
                    self.pages = open(variables["CONTRAFLOW_HEARTBEATS"], "rb", buffering=0)
                except OSError:
                    pass
        return self.workers.get(rank)

    def state(self, rank):
        """The number of heartbeats and the phase of a rank."""
        size = os.fstat(self.pages.fileno()).st_size // self.ranks
        page = os.pread(self.pages.fileno(), 72, rank * size)
        return struct.unpack_from("Q", page, 64)[0], struct.unpack_from("Q", page, 8)[0]


    def wait(self, limit, traced=None):
        """The exit status of the launcher; None if the launcher had to be killed after `limit` seconds."""
        deadline = time.monotonic() + limit
        while self.process.poll() is None and time.monotonic() < deadline:
            if traced:
                # A process that is traced can be reaped by its parent only after its tracer.
                try:
                    os.waitpid(traced, os.WNOHANG | 0x40000000)  # __WALL
                except ChildProcessError:
                    traced = None
            time.sleep(0.01)
        if self.process.poll() is not None:
            return self.process.returncode
        self.process.kill()
        self.process.wait()
        return None


def children(process):
    try:
        found = []
        for task in os.listdir(f"/proc/{process}/task"):
            found += map(int, Path(f"/proc/{process}/task/{task}/children").read_text().split())
        return found
    except OSError:
        return []


def environment_of(process):
    try:
        items = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        return dict(item.decode().split("=", 1) for item in items if b"=" in item)
    except (OSError, UnicodeDecodeError):
        return {}


def is_alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def hold(thread):
    """Stops one thread. It stays stopped as long as the calling thread lives."""
    trace = ctypes.CDLL(None, use_errno=True).ptrace
    trace.argtypes = [ctypes.c_long] * 4
    for request in (0x4206, 0x4207):  # PTRACE_SEIZE, PTRACE_INTERRUPT
        if trace(request, thread, 0, 0):
            raise OSError(ctypes.get_errno(), f"cannot trace process {thread}")


def inject(fault, run, rank, phase, delay):
    """Injects a fault into a rank in a phase. Returns its time; None if the rank was not caught in the phase."""
    deadline = time.monotonic() + 120
    started = None
    while time.monotonic() < deadline and run.process.poll() is None:
        process = run.find_worker(rank)
        if process is None or run.pages is None:
            time.sleep(0.002)
            continue
        beats, current = run.state(rank)
        if current > PHASES.index(phase) and phase in ("start", "first step", "end"):
            return None
        if current == PHASES.index(phase):
            started = started or time.monotonic()
            if time.monotonic() - started >= delay:
                if fault == "hold":
                    hold(process)
                else:
                    os.kill(process, {"stop": signal.SIGSTOP, "kill": signal.SIGKILL}[fault])
                now = time.monotonic()
                _, current = run.state(rank)
                if fault == "stop" and current != PHASES.index(phase):
                    os.kill(process, signal.SIGCONT)
                    started = None
                    continue
                return now
        time.sleep(0.0002)
    return None


def attempt(number, rank, phase, delay, options):
    """Runs a try until the rank is caught. Returns whether the try passes."""
    for _ in range(5):
        folder = Path(tempfile.mkdtemp(prefix="contraflow-stops-"))
        try:
            words = arguments(
                folder, options.command, options.ranks, 12 if phase == "end" else 1_000_000, "--checkpoint.interval",
                "3", "--validation.freq", "4")
            with open(folder / "errors", "w") as errors:
                run = Run(words, errors, options.ranks, options.timeout)
            at = inject(options.fault, run, rank, phase, delay)
            if at is None:
                run.process.kill()
                run.process.wait()
                delay /= 2
                continue
            for other in range(options.ranks):
                run.find_worker(other)
            limit = {"stop": options.timeout, "kill": 0, "hold": options.timeout * BUDGETS[phase]}[options.fault] + 1
            status = run.wait(limit + 60, run.workers[rank] if options.fault == "hold" else None)
            taken = time.monotonic() - at
            time.sleep(0.1)
            left = [process for process in run.workers.values() if is_alive(process)]
            for process in left:
                os.kill(process, signal.SIGKILL)
            said = [line for line in (folder / "errors").read_text().splitlines() if line.startswith("Error: ")]
            pattern = MESSAGES[options.fault].replace("{}", str(rank))
            named = re.match(pattern, said[0]) if len(said) == 1 else None
            passes = status == STATUS and named is not None and not left and taken <= limit
            print(f"{'ok  ' if passes else 'FAIL'} {number:3} rank {rank} {phase:10} {taken:6.2f} s, status {status}, "
                  f"{len(left)} left: {' | '.join(said)}", flush=True)
            return passes, taken
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"FAIL {number:3} rank {rank} {phase}: not caught in the phase", flush=True)
    return False, float("inf")


def stops(options):
    chosen = random.Random(options.seed)
    tries = [(rank, phase) for phase in options.phases for rank in range(options.ranks)]
    chosen.shuffle(tries)
    # The start takes seconds, of which loading libtorch is the first; other phases may be short.
    delays = {"start": 1.5, "first step": 0.2, "training": 2, "validation": 0.05, "saving": 0.005, "end": 0.02}
    plan = [tries[number % len(tries)] for number in range(options.count)]
    with ThreadPoolExecutor(options.parallel) as pool:
        results = list(pool.map(
            lambda entry: attempt(*entry, options),
            [(number, rank, phase, chosen.random() * delays[phase]) for number, (rank, phase) in enumerate(plan)]))
    passed = sum(passes for passes, _ in results)
    times = sorted(taken for _, taken in results)
    print(f"{passed} of {options.count} tries pass; seconds to the end: median {times[len(times) // 2]:.2f}, "
          f"maximum {times[-1]:.2f} (seed {options.seed}, timeout {options.timeout} s, {options.ranks} ranks)")
    return passed == options.count


def alarms(options):
    loops = [subprocess.Popen(["nice", "-n", "5", sys.executable, "-c", "while True: pass"])
             for _ in range(os.cpu_count())]
    folder = Path(tempfile.mkdtemp(prefix="contraflow-stops-"))
    try:
        words = arguments(folder, options.command, options.ranks, options.alarms, "--checkpoint.interval", "100",
                          "--validation.freq", "100", *options.rest)
        began = time.monotonic()
        with open(folder / "errors", "w") as errors:
            run = Run(words, errors, options.ranks, options.timeout)
        status = run.process.wait()
        said = (folder / "errors").read_text().splitlines()
        print(f"{'ok' if status == 0 else 'FAIL'}: {options.alarms} steps in {time.monotonic() - began:.0f} s under load, "
              f"status {status}: {said[-1] if status else 'no alarm'}")
        return status == 0
    finally:
        for loop in loops:
            loop.kill()
        shutil.rmtree(folder, ignore_errors=True)


def main():
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=40, help="number of tries (default: 40)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ranks", type=int, default=4, choices=[2, 4], help="ranks of a run (default: 4)")
    parser.add_argument("--timeout", type=int, default=15, help="heartbeat timeout in seconds (default: 15)")
    parser.add_argument("--fault", choices=MESSAGES, default="stop", help="what is done to a rank (default: stop)")
    parser.add_argument("--phases", nargs="+", choices=PHASES, default=PHASES, metavar="PHASE",
                        help=f"phases of the faults, of {', '.join(PHASES)} (default: all)")
    parser.add_argument("--parallel", type=int, default=1, help="tries at the same time (default: 1)")
    parser.add_argument("--alarms", type=int, metavar="STEPS", help="train STEPS steps under load without a fault")
    parser.add_argument("--command", default=root / ".build/release/contraflow", help="the command to test")
    parser.add_argument("rest", nargs="*", metavar="option", help="after --: options of the run without a fault")
    options = parser.parse_args()
    sys.exit(0 if (alarms if options.alarms else stops)(options) else 1)


main()
