"""Damaged files: the command reads them, or refuses them in words; it never crashes, hangs or runs out of memory.

Real inputs are changed at random for 60 seconds (FUZZ_SECONDS), by a seed that is printed (FUZZ_SEED). Where the command
fails in any other way, the file that did it is kept.
"""

import concurrent.futures
import gzip
import os
import pathlib
import random
import re
import resource
import shutil
import subprocess
import tempfile
import time

from contraflow_run import COMMAND, contraflow

ROOT = pathlib.Path(__file__).parents[2]
SECONDS = float(os.environ.get("FUZZ_SECONDS", 60))
SEED = int(os.environ.get("FUZZ_SEED", 1))
TIME_LIMIT = 30
MEMORY_LIMIT = 8 << 30
NUMBERS = [
    b"-1", b"0", b"1", b"2", b"255", b"65536", b"2147483648", b"4294967295", b"9007199254740993",
    b"9223372036854775807", b"-9223372036854775808", b"18446744073709551616", b"1e18", b"1e308", b"1e999", b"-0.0",
    b"1e-320", b"nan", b"inf", b"null", b'""', b"[]", b"{}", b"true",
]


def inputs(folder):
    """Name, bytes, suffix, and the arguments around the file."""
    traces = ROOT / "Tests/ProfilerTracesTests/Fixtures"
    for name in ("small.json", "small.json.zst", "members.json.gz", "nsight.sqlite"):
        suffix = name[name.index("."):]
        yield "trace", (traces / name).read_bytes(), suffix, ["analyze", None, "--format", "csv"]
    small = (traces / "small.json").read_bytes()
    yield "trace", small, ".json", ["analyze", None, "--format", "html"]
    yield "trace", small, ".json", ["analyze", None, "--compatible", "hta"]

    schedules = ROOT / "Tests/PipelineSchedulesTests/Fixtures/schedules"
    for name, chains in (("deepseek_dualpipe_4ranks_8mb", 2), ("torch_ZBVZeroBubble_r2_m8", 1),
                         ("torch_Interleaved1F1B_r2_m8.comms", 1), ("zb1p_2rank_2stagep_comms", 1)):
        data = (schedules / f"{name}.csv").read_bytes()
        yield "schedule", data, ".csv", ["plan", "--schedule", None, "--chains", chains, "--format", "json"]
        yield "schedule", data, ".csv", ["plan", "--check", None, "--chains", chains]

    world = ["--replicas", "8", "--gpus", "4"]
    loads = b"[[90,132,40,61,104,165],[20,107,104,64,19,197]]"
    stream = b'{"logical_count":[[[1,2,3,4],[5,6,7,8]],[[4,3,2,1],[8,7,6,5]]]}'
    table = b"iter,layer,e0,e1,e2,e3\n" + b"".join(b"%d,%d,1,2,3,4\n" % (i, l) for i in range(3) for l in range(2))
    array = (b"\x93NUMPY\x01\x00v\x00{'descr': '<i8', 'fortran_order': False, 'shape': (2, 4), }".ljust(127) + b"\n"
             + bytes(range(1, 65)))
    for data, suffix in ((loads, ".json"), (stream, ".json"), (table, ".csv"), (array, ".npy")):
        yield "loads", data, suffix, ["balance", None, *world, "--format", "json"]
    for data, suffix in ((stream, ".json"), (table, ".csv")):
        yield "stream", data, suffix, ["balance", "replay", None, *world, "--format", "csv"]
    kept = folder / "loads.json"
    kept.write_bytes(loads)
    placement = contraflow("balance", kept, *world, "--format", "json")
    yield "placement", placement, ".json", ["balance", kept, "--current", None, *world]

    for preset in ("debug", "deepseek-v3-671b"):
        recipe = contraflow("train", "--preset", preset, "--print-recipe")
        yield "recipe", recipe, ".toml", ["train", None, "--dry-run"]


def damaged(data, other, source):
    """`data` after one to four changes."""
    data = bytearray(data)
    for _ in range(source.choice((1, 1, 2, 4))):
        start = source.randrange(len(data) + 1)
        end = min(len(data), start + source.choice((1, 2, 8, 64, 512)))
        numbers = list(re.finditer(rb"-?\d+(\.\d+)?", data)) if data.isascii() else []
        change = source.randrange(9)
        if change < 3 and numbers:
            found = source.choice(numbers)
            data[found.start():found.end()] = source.choice(NUMBERS)
        elif change == 3:
            del data[start:end]
        elif change == 4:
            data[start:start] = data[start:end] * source.choice((1, 2, 50))
        elif change == 5:
            data[start:end] = source.randbytes(end - start)
        elif change == 6:
            del data[start:]
        elif change == 7:
            begin = source.randrange(len(other) + 1)
            data[start:start] = other[begin:begin + 64]
        elif data:
            data[start % len(data)] ^= 1 << source.randrange(8)
    return bytes(data)


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def failure(arguments):
    """What is wrong with how the command ended; None where nothing is."""
    try:
        done = subprocess.run(
            [COMMAND, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            timeout=TIME_LIMIT, preexec_fn=limit_memory)
    except subprocess.TimeoutExpired:
        return f"still running after {TIME_LIMIT} s"
    if done.returncode in (0, 1, 64):
        if done.returncode and not done.stderr.strip():
            return f"exit code {done.returncode} without a word"
        return None
    return f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[-1500:]}"


def fuzz(worker, seeds, folder, deadline):
    """How many files one worker has tried, and its first failures."""
    source = random.Random(SEED * 1000 + worker)
    failures, count = [], 0
    while time.monotonic() < deadline and len(failures) < 5:
        kind, data, suffix, arguments = source.choice(seeds)
        other = source.choice(seeds)[1]
        if suffix.endswith(".gz") and source.random() < 0.5:
            data = gzip.compress(damaged(gzip.decompress(data), other, source))
        else:
            data = damaged(data, other, source)
        path = folder / f"{kind}-{worker}-{count}{suffix}"
        path.write_bytes(data)
        count += 1
        words = [str(path if word is None else word) for word in arguments]
        problem = failure(words)
        if problem:
            kept = pathlib.Path(tempfile.mkdtemp(prefix="contraflow-fuzzing-")) / path.name
            shutil.copy(path, kept)
            words = [str(kept if word is None else word) for word in arguments]
            failures.append(f"contraflow {' '.join(words)}\n  {problem}")
        path.unlink()
    return count, failures


def main():
    workers = min(os.cpu_count() or 1, 4)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        seeds = list(inputs(folder))
        deadline = time.monotonic() + SECONDS
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            results = list(pool.map(lambda worker: fuzz(worker, seeds, folder, deadline), range(workers)))
    failures = [failure for _, found in results for failure in found]
    print(f"{sum(count for count, _ in results)} damaged files in {SECONDS:g} s with seed {SEED}, "
          f"{len(failures)} failures")
    if failures:
        raise SystemExit("\n".join(failures))


main()
