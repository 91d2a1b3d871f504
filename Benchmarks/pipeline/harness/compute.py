"""Blocks of a perceptron that compute, on two ranks with one core and one thread each."""
from . import builds
from .rows import Row, interleave, table
from .world import World

SUBJECT = dict(work="blocks", microbatches=8, blocks=8, shape=[1, 256, 512])


def measure(options):
    half = dict(SUBJECT, blocks=4, isApart=True)
    with (
        World(builds.OURS, 2) as ours, World(builds.PEERS, 2) as peers,
        World(builds.OURS, 1) as our_one, World(builds.PEERS, 1) as peer_one,
    ):
        serial = Row("PyTorch, one process", peer_one, dict(SUBJECT, schedule="serial"))
        halves = Row("PyTorch, two half-models at once", peers, dict(half, schedule="serial"))
        our_serial = Row("**one process**", our_one, dict(SUBJECT, schedule="1f1b"))
        our_halves = Row("**two half-models at once**", ours, dict(half, schedule="1f1b"))
        pipelines = [
            Row(f"**{name}**", ours, dict(SUBJECT, schedule=name))
            for name in ("dualpipe", "dualpipev", "1f1b", "zb1p")]
        peer_pipelines = [
            Row(name, peers, dict(SUBJECT, schedule=schedule)) for name, schedule in (
                ("DualPipe (DeepSeek)", "deepseek-dualpipe"), ("DualPipeV (PyTorch)", "pytorch-dualpipev"),
                ("1F1B (PyTorch)", "pytorch-1f1b"), ("ZBV (PyTorch)", "pytorch-zbv"))]
        rows = [serial, our_serial, halves, our_halves, *pipelines, *peer_pipelines]
        interleave(rows, options.rounds, options.steps)
    best = min(row.step for row in peer_pipelines)
    print("## Real compute\n")
    print(
        "8 blocks of 512 -> 2048 -> 512 with a GELU, 8 micro-batches of 1 x 256, two ranks. "
        "The step does not include the sum of mirrored gradients.\n")
    table(
        ["what (ours bold)", "step s", "CPU s", "step / best peer pipeline", "step / two half-models (PyTorch's, ours)",
         "CPU / one process (PyTorch's, ours)", "sum of mirrored gradients s"],
        ["---"] + ["--:"] * 6,
        [[
            row.name, f"{row.step:.3f}", f"{row.cpu_step:.3f}", f"{row.step / best:.3f}",
            f"{row.step / halves.step:.3f}, {row.step / our_halves.step:.3f}",
            f"{row.cpu_step / serial.cpu_step:.3f}, {row.cpu_step / our_serial.cpu_step:.3f}",
            "" if row.reduction is None else f"{row.reduction:.3f}",
        ] for row in rows])
