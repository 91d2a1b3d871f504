"""Exchanges and sums among ranks of one machine: by shared memory, by messages, and by PyTorch's messages."""
from . import builds
from .rows import Row, interleave, table
from .world import World

COUNT = 200
MEBIBYTE = 1 << 20
# The size that a rank sends: counts, tokens of the default model, and a larger size.
SENT = [("256 bytes", 256), ("128 KiB", MEBIBYTE // 8), ("2 MiB", 2 * MEBIBYTE)]
# The default model's gradients.
SUMMED = ("13.5 MB", 13_490_816)


def measure(options):
    lines = []
    for ranks in (2, 4):
        with World(builds.OURS, ranks) as ours, World(builds.PEERS, ranks) as peers:
            for work, name, size in [("exchange", *sent) for sent in SENT] + [("sum", *SUMMED)]:
                subject = dict(
                    work=work, schedule="", microbatches=COUNT if work == "exchange" else COUNT // 10,
                    shape=[ranks, size // 4 // ranks])
                rows = [
                    Row("shared memory", ours, dict(subject, isShared=True)), Row("Gloo", ours, subject),
                    Row("PyTorch, Gloo", peers, subject),
                ]
                interleave(rows, options.rounds, options.steps)
                lines.append(
                    [f"{'all-to-all' if work == 'exchange' else 'sum'} of {name}", str(ranks)]
                    + [f"{1e6 * row.step / row.actions:.0f}" for row in rows]
                    + [f"{rows[2].step / rows[0].step:.1f}"])
    print("## Exchanges on one machine\n")
    print("Microseconds per exchange. Each exchange is waited for before the next. The size is what a rank sends in total.\n")
    table(
        ["what", "ranks", "**shared memory**", "**messages**", "PyTorch's messages", "PyTorch / shared memory"],
        ["---"] + ["--:"] * 5, lines)
