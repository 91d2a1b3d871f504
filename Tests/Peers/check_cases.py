"""The command against small inputs from public reports, each with the right answer.

    python3 Tests/Peers/check_cases.py [FOLDER]

FOLDER has a folder per case, with the inputs and `about.md`, which states the source of the report, the commands and
the right answer. Without FOLDER, the cases beside the package are taken, if there are any. CONTRAFLOW names the command
and CONTRAFLOW_WORKER the worker, else those of the release build are taken.
"""

import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRAFLOW = os.environ.get("CONTRAFLOW", str(ROOT / ".build/release/contraflow"))
WORKER = os.environ.get("CONTRAFLOW_WORKER", str(ROOT / ".build/release/contraflow-worker"))
CASES = {}


class WrongAnswer(Exception):
    """An answer that differs from the right one."""


def case(name):
    """Registers the check of the case in the folder `name`."""
    def register(check):
        CASES[name] = check
        return check
    return register


def output(*arguments, status=0):
    """Runs the command and returns its standard output and its standard error."""
    done = subprocess.run([CONTRAFLOW, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    text = (done.stdout + done.stderr).strip()
    require(done.returncode == status, f"exit status {done.returncode} instead of {status}: {text[:300]}")
    return done.stdout, done.stderr


def run(*arguments, status=0):
    """Runs the command and returns everything that it prints."""
    return "".join(output(*arguments, status=status))


def data(*arguments):
    """Runs the command and returns the JSON that it prints."""
    return json.loads(output(*arguments)[0])


def ranks(*files):
    """Analyzes traces and returns the rows, each with times in milliseconds."""
    report = data("analyze", "--format", "json", *files)
    return [
        {key[:-3] if key.endswith("_ns") else key: value / 1e6 if key.endswith("_ns") else value
         for key, value in row.items()}
        for row in report["ranks"]]


def require(condition, answer):
    if not condition:
        raise WrongAnswer(answer)


def equal(found, expected, name):
    require(found == expected, f"{name} is {found} instead of {expected}")


def says(text, *patterns):
    """Requires that the text matches all regular expressions, whatever its case."""
    for pattern in patterns:
        require(re.search(pattern, text, re.IGNORECASE), f"the answer does not say /{pattern}/: {text.strip()[:600]}")


@case("01-sglang-layer-expert-csv")
def recorder_files(folder):
    world = ["--replicas", 46, "--gpus", 2]
    one = run("balance", folder / "rank0.csv", *world)
    both = run("balance", folder / "rank0.csv", folder / "rank1.csv", *world)
    for text in (one, both):
        says(text, r"\b44 experts", "without load.*3 of 4")
    require(one != both, "a second rank's file changes nothing")


@case("02-two-gpus-one-trace")
def two_devices(folder):
    rows = ranks(folder / "trace.json")
    equal(len(rows), 2, "the number of rows")
    for row in rows:
        equal((row["compute"], row["communication"], row["exposed"]), (0.1, 0.1, 0.1), "compute, communication, exposed")
        equal(row["hidden_share"], 0, "the hidden share")


@case("04-kernel-at-time-zero")
def time_zero(folder):
    (row,) = ranks(folder / "trace.json")
    equal((row["span"], row["busy"]), (0.15, 0.1), "span and busy")
    says(run("analyze", folder / "trace.json"), r"\b1 .*left out")


@case("05-duration-over-next-slice")
def serial_stream(folder):
    (row,) = ranks(folder / "trace.json")
    equal((row["span"], row["busy"], row["exposed"]), (1.1, 0.4, 0.1), "span, busy and exposed")
    equal(row["hidden_share"], 0, "the hidden share")
    says(run("analyze", folder / "trace.json"), r"\b1 device event .*clipped")


@case("06-communication-kernels-of-2026")
def kernel_names(folder):
    (row,) = ranks(folder / "trace.json")
    equal((row["compute"], row["communication"], row["exposed"]), (1.0, 0.1, 0.1), "compute, communication, exposed")
    waiting = [kernel for kernel in row["kernels"] if kernel["role"] == "wait"]
    equal(["device_sync" in kernel["name"] for kernel in waiting], [True], "waiting kernels named device_sync")


@case("08-collectives-with-sequence-numbers")
def sequence_numbers(folder):
    rows = ranks(folder / "rank0.json", folder / "rank1.json")
    equal([row["clock"]["offset_ns"] for row in rows], [0, 0], "the clock offsets")
    equal([row["collectives"]["waited_ns"] for row in rows], [60_000, 0], "the times waited")
    says(run("analyze", folder / "rank0.json", folder / "rank1.json"), r"\b2 collectives .*not matched")


@case("09-batched-send-receive-without-arguments")
def batched_messages(folder):
    says(run("analyze", folder / "rank0.json", folder / "rank1.json"), r"pipeline")


@case("10-nsight-graph-granularity")
def graph_as_one_block(folder):
    (row,) = ranks(folder / "report.sqlite")
    equal((row["span"], row["busy"]), (1.0, 1.0), "span and busy")
    says(run("analyze", folder / "report.sqlite"), r"0\.800 ms.*1 CUDA graph|1 CUDA graph.*0\.800 ms", "--cuda-graph-trace=node")


@case("12-communication-on-the-compute-stream")
def one_stream(folder):
    (row,) = ranks(folder / "trace.json")
    equal((row["exposed"], row["hidden_share"]), (0.5, 0), "exposed and the hidden share")
    says(run("analyze", folder / "trace.json"), r"stream 7.*comput")


@case("13-csv-with-spaces")
def blanks(folder):
    for name in ("schedule.csv", "excel.csv"):
        says(run("plan", "--check", folder / name), "valid", "2 ranks", "2 stages", "2 micro-batches")


@case("14-csv-deadlocks-on-nccl")
def rendezvous(folder):
    says(run("plan", "--check", folder / "small.csv"), "valid", "deadlock", "0SEND_F1", "1SEND_B0", "NCCL")


@case("15-slots-that-no-engine-loads")
def unequal_slots(folder):
    for engine in ("sglang", "tensorrt"):
        text = run("balance", folder / "loads.json", "--replicas", 8, "--gpus", 3, "--format", engine, status=1)
        says(text, r"--replicas 9")


@case("16-vllm-initial-map")
def vllm_map(folder):
    world = ["--replicas", 6, "--gpus", 3]
    rows = data("balance", folder / "loads.json", *world, "--format", "vllm")
    equal([(len(row), set(row)) for row in rows], 2 * [(6, {0, 1, 2, 3})], "the length and the experts of each list")
    says(run("balance", folder / "loads.json", *world, "--current", folder / "shared.json"), "migration|current|before")


@case("17-ascend-expert-map")
def ascend_map(folder):
    world = ["--replicas", 6, "--gpus", 2]
    report = data("balance", folder / "loads.json", *world, "--current", folder / "expert_map.json", "--format", "json")
    says(json.dumps(report), r'"balance_before": ?1\b|"current_balance": ?1\b|"balance": ?1\b')
    equal(data("balance", folder / "loads.json", *world, "--format", "ascend")["moe_layer_count"], 2, "moe_layer_count")


def trained(folder, name, *options):
    """Trains one rank in `folder` and returns the run's folder."""
    run(
        "train", "--pp", 1, "--ep", 1, "--validation.freq", 0, "--job.dump_folder", folder, "--job.name", name,
        "--data", ROOT / "README.md", *options)
    return folder / name


def tensors(run):
    """Returns the type and the bytes of each tensor of a run's weights, by name."""
    found = {}
    for path in sorted((run / "weights").glob("*.safetensors")):
        contents = path.read_bytes()
        (length,) = struct.unpack("<Q", contents[:8])
        for name, entry in json.loads(contents[8:8 + length]).items():
            if name != "__metadata__":
                start, end = entry["data_offsets"]
                found[name] = (entry["dtype"], contents[8 + length + start:8 + length + end])
    return found


@case("18-bfloat16-gate-bias")
def biases(folder):
    with tempfile.TemporaryDirectory() as name:
        model = ["--model.dtype", "bfloat16", "--model.moe_router_bias_update_rate", 0.001]
        weights = tensors(trained(
            pathlib.Path(name), "bias", "--preset", "debug", "--schedule", "1f1b", "--steps", 30, *model))
    biases = {key: value for key, value in weights.items() if key.endswith("e_score_correction_bias")}
    equal({kind for kind, _ in biases.values()}, {"F32"}, "the type of the biases")
    for kind, contents in biases.values():
        for value in struct.unpack(f"<{len(contents) // 4}f", contents):
            require(abs(value - round(value / 0.001) * 0.001) < 1e-6, f"a bias is {value}")


@case("19-bfloat16-gradients-of-many-microbatches")
def accumulated_gradients(folder):
    batch = ["--training.global_batch_size", 64, "--schedule", "gpipe", "--steps", 1, "--training.max_norm", 0]
    norms = {}
    with tempfile.TemporaryDirectory() as name:
        for count, dtype in ((1, "float32"), (1, "bfloat16"), (64, "bfloat16")):
            metrics = trained(
                pathlib.Path(name), f"{dtype}-{count}", "--preset", "debug", "--parallelism.num_microbatches", count,
                "--model.dtype", dtype, *batch) / "metrics.jsonl"
            norms[dtype, count] = json.loads(metrics.read_text().splitlines()[0])["gradientNorm"]
    for key, norm in norms.items():
        error = abs(norm / norms["float32", 1] - 1)
        require(error < 3e-3, f"the norm of {key} differs by {100 * error:.2f} %")


@case("21-srun-without-master")
def slurm_without_address(folder):
    with tempfile.TemporaryDirectory() as name:
        parent = pathlib.Path(name)
        recipe = run(
            "train", "--preset", "debug", "--print-recipe", "--pp", 1, "--ep", 1, "--schedule", "1f1b", "--steps", 1,
            "--data", ROOT / "README.md")
        (parent / "recipe.toml").write_text(recipe)
        (parent / "contraflow-worker").symlink_to(WORKER)
        environment = dict(os.environ, PATH=f"{name}:{os.environ['PATH']}")
        done = subprocess.run(
            ["sh", str(folder / "run.sh")], cwd=parent, env=environment, capture_output=True, text=True, timeout=300)
        require(done.returncode == 0, f"exit status {done.returncode}: {done.stderr.strip()[:300]}")
        require((parent / "runs/slurm/metrics.jsonl").exists(), "the run wrote no metrics")


@case("22-quotes-in-names")
def quotes(folder):
    for name in ("even.json", "odd.json"):
        (row,) = ranks(folder / name)
        equal((row["span"], row["busy"]), (0.3, 0.2), f"span and busy of {name}")
        equal(sum(kernel["count"] for kernel in row["kernels"]), 2, f"the number of kernels of {name}")
    says(run("analyze", folder / "odd.json"), r"\b1 event.* could not be read")


@case("27-crashing-inputs")
def values_without_limits(folder):
    text = run("plan", "--costs", folder / "costs-bandwidth-denormal.toml", status=1)
    equal(len(text.strip().splitlines()), 1, "the number of lines")
    says(text, "1e-320|9.99989e-321")
    with tempfile.TemporaryDirectory() as name:
        saved = trained(pathlib.Path(name), "saved", "--preset", "debug", "--schedule", "1f1b", "--steps", 4)
        for latest, value in (("latest-huge-count", "9223372036854775807"), ("latest-negative-step", "-4")):
            (saved / "checkpoint/latest").write_bytes((folder / latest).read_bytes())
            text = run("train", "--resume", saved, "--steps", 5, status=1)
            equal(len(text.strip().splitlines()), 1, "the number of lines")
            says(text, value, "at least 1|at most")


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared/cases"
    if not folder.is_dir():
        print(f"cases: {folder} is absent, so nothing is checked")
        return 0
    wrong = 0
    for name, check in CASES.items():
        try:
            check(folder / name)
            print(f"right  {name}")
        except (WrongAnswer, subprocess.TimeoutExpired, ValueError) as error:
            wrong += 1
            print(f"WRONG  {name}: {error}")
    print(f"{len(CASES) - wrong} right, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
