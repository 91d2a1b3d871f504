"""DualPipe with and without overlap on emulated devices."""
from harness import builds
from harness.rows import Row, interleave, table
from harness.world import World

from . import emulation

RANKS = 8
MICROBATCHES = 64


def measure(options):
    settings = [("DeepSeek-V3's, 48 %", emulation.DEEPSEEK)]
    settings += [(f"{share} %", emulation.with_share(share / 100)) for share in (30, 40, 50)]
    rows = []
    with World(builds.OURS, RANKS, True) as world:
        for name, costs in settings:
            for is_overlapped in (True, False):
                subject = emulation.subject("dualpipe", MICROBATCHES, costs, is_overlapped)
                rows.append(Row(name, world, subject))
        interleave(rows, options.rounds, options.steps)
    lines = []
    for overlapped, plain in zip(rows[::2], rows[1::2]):
        times = emulation.theory(RANKS, overlapped.subject)
        lines.append([
            overlapped.name, f"{1000 * times['pair']:.1f}", f"{100 * overlapped.hidden_share:.2f}", f"{overlapped.step:.3f}",
            f"{times['step']:.3f}", f"{100 * (overlapped.step / times['step'] - 1):.2f}", f"{plain.step:.3f}",
            f"{100 * (1 - overlapped.step / plain.step):.1f}"])
    print(f"## Emulated devices: DualPipe, {RANKS} ranks, {MICROBATCHES} micro-batches, four MoE layers per chunk\n")
    print("Segments sleep for their cost. Exchanges run on a channel of their own.\n")
    table(
        [
            "all-to-all of a chunk", "pair ms, simulated", "hidden in pairs %", "step s", "simulated s",
            "over simulated %", "sequential s", "shorter %"],
        ["---"] + ["--:"] * 7, lines)
