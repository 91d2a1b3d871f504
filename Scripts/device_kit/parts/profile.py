"""A trace of libtorch's profiler through `contraflow analyze`: hidden communication, kernels, launches per layer."""
import gzip
import json

from kit.data import model_to_train

LIMIT = 45
STEPS = 4
# The recipe with fewer layers, whose trace is small.
LAYERS = 2


def measure(part):
    file, recipe, tokens = model_to_train(part)
    part.program(
        "contraflow", "train", file, "--data", tokens, "--training.device", part.device, "--steps", STEPS,
        "--model.num_hidden_layers", LAYERS, "--job.dump_folder", part.folder, "--job.name", "profile",
        "--profiling.enable_profiling", "true", "--profiling.profile_freq", STEPS, limit=35)
    traces = part.folder / "profile" / "profile_traces" / f"iteration_{STEPS}"
    count_launches(part, traces, LAYERS * recipe["parallelism"]["num_microbatches"])
    analysis = json.loads(part.program("contraflow", "analyze", traces, "--format", "json", limit=15).output)
    part.report.details["analysis"] = analysis
    for rank in analysis["ranks"]:
        report(part, rank)


def count_launches(part, traces, layer_passes):
    """Counts the launches of the recorded step: kernels on a device, operators on the CPU."""
    category = "cpu_op" if part.is_small else "kernel"
    with gzip.open(next(traces.glob("rank0.*"))) as file:
        events = json.load(file)["traceEvents"]
    count = sum(event.get("cat") == category for event in events)
    what = "operators" if part.is_small else "kernels"
    part.report.add(f"{what} per layer and micro-batch, of a step", count / layer_passes, beside=f"{count} in total")


def report(part, rank):
    share = rank["hidden_share"]
    part.report.add("hidden communication", "-" if share is None else 100 * share, "" if share is None else "%")
    part.report.add("busy", 100 * rank["busy_ns"] / max(rank["span_ns"], 1), "%", beside="of the trace")
    for kernel in sorted(rank["kernels"], key=lambda kernel: -kernel["time_ns"])[:5]:
        part.report.add(
            f"kernel {kernel['name'][:60]}", kernel["time_ns"] / 1e6, "ms", beside=f"{kernel['count']} launches")
