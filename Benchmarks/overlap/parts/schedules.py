"""Bidirectional schedules against 1F1B on emulated devices, all overlapped."""
from harness import builds
from harness.rows import Row, interleave, table
from harness.world import World

from . import emulation

RANKS = 8
# The published bubble of a rank in seconds, from the times of its forward, backward, weight gradient and pair.
BUBBLES = {
    "dualpipe": lambda t: (RANKS / 2 - 1) * (t["pair"] + t["backward"] - 3 * t["weights"]),
    "dualpipev": lambda t: (RANKS - 1) * (t["pair"] + t["backward"] - 3 * t["weights"]),
    "1f1b": lambda t: (RANKS - 1) * (t["forward"] + t["backward"]),
    "zb1p": lambda t: (RANKS - 1) * (t["forward"] + t["backward"] - 2 * t["weights"]),
}


def measure(options):
    print(f"## Emulated devices: schedules, {RANKS} ranks, DeepSeek-V3's proportions\n")
    print("All schedules train the same model: eight chunks of four MoE layers, or sixteen of two for DualPipeV.\n")
    lines = []
    for microbatches in (20, 32, 64):
        rows = []
        with World(builds.OURS, RANKS, True) as world:
            for schedule in BUBBLES:
                costs = emulation.DEEPSEEK
                # Twice as many stages, with half the layers each.
                if schedule == "dualpipev":
                    costs = {name: value // 2 for name, value in costs.items()}
                rows.append(Row(schedule, world, emulation.subject(schedule, microbatches, costs, True)))
            interleave(rows, options.rounds, options.steps)
        for row in rows:
            times = emulation.theory(RANKS, row.subject)
            published = BUBBLES[row.name](times)
            lines.append([
                row.name, str(microbatches), f"{row.step:.3f}", f"{times['step']:.3f}",
                f"{100 * (row.step / times['step'] - 1):.2f}", f"{rows[2].step / row.step:.3f}",
                f"{100 * row.bubble_share:.2f}", f"{100 * times['bubble'] / times['step']:.2f}",
                f"{100 * published / (times['step'] - times['bubble'] + published):.2f}"])
    table(
        [
            "schedule", "micro-batches", "step s", "simulated s", "over simulated %", "times 1F1B's speed", "bubble %",
            "simulated bubble %", "published bubble %"],
        ["---"] + ["--:"] * 8, lines)
