"""Emulated devices, whose kernels sleep for their cost, under the true schedules, runtimes and transports."""
import subprocess

from . import builds
from .rows import Row, interleave, table
from .world import World

KERNEL = 20_000_000
MICROBATCHES = {2: 8, 4: 8, 8: 16}
SHAPE = [1, 256, 512]
OURS = ["dualpipe", "dualpipev", "zb-v", "zb1p", "1f1b", "interleaved-1f1b", "gpipe"]
PEERS = {
    "DualPipe (DeepSeek)": ("deepseek-dualpipe", "dualpipe"),
    "DualPipeV (PyTorch)": ("pytorch-dualpipev", "dualpipev"),
    "ZBV (PyTorch)": ("pytorch-zbv", "zb-v"),
    "1F1B (PyTorch)": ("pytorch-1f1b", "1f1b"),
    "Interleaved 1F1B (PyTorch)": ("pytorch-interleaved-1f1b", "interleaved-1f1b"),
    "GPipe (PyTorch)": ("pytorch-gpipe", "gpipe"),
}


def theory(ranks, microbatches, schedule, order, is_ours):
    """Returns the seconds of a step in which only kernels take time. `order` is the peer's own order, if known."""
    command = [
        builds.OURS[0], "theory", "--ranks", str(ranks), "--microbatches", str(microbatches),
        "--blocks", str(2 * ranks), "--kernel", str(KERNEL)]
    if order is None:
        command += ["--schedule", schedule]
    if is_ours:
        command.append("--pairs-in-turn")
    return int(subprocess.run(command, input=order, capture_output=True, text=True, check=True).stdout) / 1e9


def measure(options):
    print("## Emulated devices\n")
    print("Kernels sleep for their cost. Theory is given for the nominal and for the measured length of a sleep. All ranks,")
    print("also those of peers, have real-time priority if the user may set it. Sleeping kernels gain nothing from pairs, but")
    print("Contraflow sends the result of a pair's forward before the backward runs, which shortens its theory.\n")
    for ranks in options.ranks:
        measure_size(ranks, MICROBATCHES[ranks], options)


def measure_size(ranks, microbatches, options):
    subject = dict(work="sleep", microbatches=microbatches, blocks=2 * ranks, shape=SHAPE, kernel=KERNEL)
    rows = []
    with World(builds.OURS, ranks, True) as ours, World(builds.PEERS, ranks, True) as peers:
        for schedule in OURS:
            rows.append((schedule, Row(f"**{schedule}**", ours, dict(subject, schedule=schedule))))
            rows += [
                (schedule, Row(name, peers, dict(subject, schedule=peer)))
                for name, (peer, same) in PEERS.items() if same == schedule]
        interleave([row for _, row in rows], options.rounds, options.steps)
    lines = []
    for schedule, row in rows:
        asked = theory(ranks, microbatches, schedule, row.order, row.world is ours)
        measured = asked * row.stretch
        lines.append([
            row.name, f"{asked:.3f}", f"{measured:.4f}", f"{row.step:.4f}",
            f"{100 * (row.step / measured - 1):.2f}", f"{1000 * row.cpu_step:.0f}"])
    print(f"### {ranks} ranks, {microbatches} micro-batches\n")
    table(
        [
            "schedule (ours bold)", "theory s", "theory s, measured sleep", "step s", "over theory %",
            "CPU ms of all ranks"],
        ["---"] + ["--:"] * 5, lines)
