"""Two hosts with limited bandwidth: overlapped, sequential, and PyTorch with blocking all-to-all. Four hosts test correctness."""
import json
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from harness import builds
from harness.rows import table

from . import hosts

CONTRAFLOW = str(builds.PRODUCTS / "contraflow")
WORKER = str(builds.PRODUCTS / "contraflow-worker")
PEER = str(Path(__file__).resolve().parent.parent / "peers" / "expert_parallel.py")
MICROBATCHES = 32
# The overlap is replanned after the first, second and fourth step.
WARM_UP = 5
OVERLAP = "--parallelism.overlap_moe_expert_parallel_comm"
# Every token chooses all experts, so that all hosts compute equally much: waiting for a slower host is no measure of overlap.
MODEL = [
    "--model.num_hidden_layers", "4", "--model.first_k_dense_replace", "0", "--model.hidden_size", "256",
    "--model.moe_intermediate_size", "384", "--model.n_routed_experts", "4", "--model.num_experts_per_tok", "4",
    "--model.n_group", "1", "--model.topk_group", "1", "--model.num_nextn_predict_layers", "0",
    "--training.seq_len", "256", "--training.global_batch_size", str(2 * MICROBATCHES),
    "--parallelism.num_microbatches", str(MICROBATCHES), "--lr_scheduler.warmup_steps", "2"]


def overlapped_pairs():
    """Returns the schedule of one stage: one forward, then pairs of each backward with the next forward."""
    pairs = [f"(0F{m + 1};0B{m})OVERLAP_F_B" for m in range(MICROBATCHES - 1)]
    return ",".join(["0F0", *pairs, f"0B{MICROBATCHES - 1}"]) + "\n"


def recipe(folder, name, data, steps, layout):
    path = Path(folder) / f"{name}.toml"
    path.write_text(subprocess.run(
        [CONTRAFLOW, "train", "--print-recipe", *MODEL, "--data", str(data), "--steps", str(steps),
         "--validation.freq", "0", "--validation.steps", "1", "--checkpoint.interval", "0", *layout],
        capture_output=True, text=True, check=True).stdout)
    return path


def ours(network, folder, name, data, steps, layout):
    run = Path(folder) / f"run-{name}-{network.rate}"
    run.mkdir(exist_ok=True)
    output = network.run([WORKER, "--recipe", recipe(folder, name, data, steps, layout), "--folder", run])
    return [json.loads(line) for line in output.splitlines()]


def measure(options):
    print("## Hosts with limited bandwidth\n")
    reason = hosts.why_not()
    if reason:
        print(f"Skipped: {reason}.\n")
        return
    with tempfile.TemporaryDirectory(prefix="overlap-benchmark-") as folder:
        data = Path(folder) / "text.txt"
        data.write_bytes(bytes((i * i * 2654435761 >> 13) % 96 + 32 for i in range(1 << 18)))
        compare(options, folder, data)
        verify(options, folder, data)


def compare(options, folder, data):
    schedule = Path(folder) / "pairs.csv"
    schedule.write_text(overlapped_pairs())
    layout = ["--pp", "1", "--ep", "2", "--schedule", str(schedule)]
    steps = WARM_UP + 4 * options.steps
    lines = []
    for rate in options.rates:
        seconds = {"overlapped": [], "sequential": [], "peer": []}
        hidden, exposed = [], []
        with hosts.Hosts(2, rate) as network:
            for _ in range(options.rounds):
                for name, overlap in (("overlapped", "true"), ("sequential", "false")):
                    metrics = ours(network, folder, name, data, steps, [*layout, OVERLAP, overlap])
                    seconds[name] += [step["seconds"] for step in metrics[WARM_UP:]]
                    # The line of a step has the hidden and exposed shares of the step before.
                    if name == "overlapped":
                        hidden += [step["hiddenCommunication"] for step in metrics[WARM_UP + 1:]]
                    else:
                        exposed += [sum(step["exposed"].values()) for step in metrics[WARM_UP + 1:]]
                output = network.run([
                    builds.PEER_PYTHON, PEER, recipe(folder, "peer", data, steps, layout), "--steps", steps])
                seconds["peer"] += json.loads(output.splitlines()[-1])["seconds"][WARM_UP:]
        overlapped, sequential, peer = (median(values) for values in seconds.values())
        lines.append([
            str(rate), f"{100 * median(exposed):.0f}", f"{sequential:.3f}", f"{overlapped:.3f}", f"{100 * median(hidden):.1f}",
            f"{sequential / overlapped:.2f}", f"{peer:.3f}", f"{peer / overlapped:.2f}"])
    print("Two hosts with one rank and one core each, P=1, E=2, overlapped pairs of one stage.\n")
    table(
        [
            "Mbit/s", "communication of the sequential step %", "sequential s", "overlapped s", "hidden %", "sequential / overlapped",
            "PyTorch, blocking s", "PyTorch / overlapped"],
        ["--:"] * 8, lines)


def verify(options, folder, data):
    """Checks that four hosts, P=2, E=2, DualPipe, have the losses of the same layout on one machine."""
    layout = ["--pp", "2", "--ep", "2", "--schedule", "dualpipe", "--model.dtype", "float64"]
    steps = 4
    with hosts.Hosts(4, options.rates[0]) as network:
        shaped = [step["loss"] for step in ours(network, folder, "four", data, steps, layout)]
    runs = Path(folder) / "local"
    subprocess.run(
        [CONTRAFLOW, "train", *MODEL, "--data", str(data), "--steps", str(steps), "--validation.freq", "0",
         "--validation.steps", "1", "--job.dump_folder", str(runs), *layout],
        capture_output=True, check=True)
    local = [json.loads(line)["loss"] for line in next(runs.glob("*/metrics.jsonl")).read_text().splitlines()]
    difference = max(abs(a - b) / b for a, b in zip(shaped, local))
    print(f"Four hosts, P=2, E=2, DualPipe, float64, {steps} steps: losses differ from one machine's by {difference:.1e}.\n")
    if difference > 1e-10:
        raise SystemExit(f"the losses on four hosts differ by {difference:.1e} from those on one machine; at most 1e-10 is allowed")
