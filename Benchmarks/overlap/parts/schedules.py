"""Bidirectional schedules against 1F1B on emulated devices, all woven."""
from harness import builds
from harness.rows import Row, interleave, table
from harness.world import World

from . import emulation

RANKS = 8
SCHEDULES = ["dualpipe", "dualpipev", "1f1b", "zb1p"]


def measure(options):
    print(f"## Emulated devices: schedules, {RANKS} ranks, DeepSeek-V3's proportions\n")
    print("One model for all: eight chunks of four MoE layers, or sixteen of two for DualPipeV.\n")
    lines = []
    for microbatches in (20, 32, 64):
        rows = []
        with World(builds.OURS, RANKS, True) as world:
            for schedule in SCHEDULES:
                costs = emulation.DEEPSEEK
                # Twice as many stages, of half the layers each.
                if schedule == "dualpipev":
                    costs = {name: value // 2 for name, value in costs.items()}
                rows.append(Row(schedule, world, emulation.subject(schedule, microbatches, costs, True)))
            interleave(rows, options.rounds, options.steps)
        for row in rows:
            simulated, _ = emulation.theory(RANKS, row.subject)
            lines.append([
                row.name, str(microbatches), f"{row.step:.3f}", f"{simulated:.3f}",
                f"{100 * (row.step / simulated - 1):.2f}", f"{rows[2].step / row.step:.3f}"])
    table(
        ["schedule", "micro-batches", "step s", "simulated s", "over simulated %", "times 1F1B's speed"],
        ["---"] + ["--:"] * 5, lines)
