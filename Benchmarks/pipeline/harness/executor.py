"""The executor's own time, with kernels that do nothing."""
from . import builds
from .rows import Row, interleave, table
from .world import World

MICROBATCHES = 1000


def measure(options):
    rows = []

    def add(name, world, schedule, **subject):
        rows.append(Row(name, world, dict(subject, schedule=schedule, microbatches=MICROBATCHES)))

    with World(builds.OURS, 1) as one, World(builds.OURS, 2) as two:
        empty = dict(work="sleep", kernel=0)
        add("empty kernels, P=1", one, "dualpipev", blocks=2, shape=[1], **empty)
        add("stages of one 1x1 block, P=1", one, "dualpipev", blocks=2, shape=[1, 1], work="blocks")
        for schedule in ("dualpipe", "dualpipev", "1f1b"):
            add(f"empty kernels, P=2, {schedule}, 4 bytes", two, schedule, blocks=4, shape=[1], **empty)
        add("empty kernels, P=2, dualpipe, 512 KiB", two, "dualpipe", blocks=4, shape=[1, 256, 512], **empty)
        interleave(rows, options.rounds, options.steps)

    def per_action(row, seconds):
        return 1e6 * seconds / row.actions

    lines = []
    for row in rows:
        own = [
            seconds - wait - calls
            for seconds, wait, calls in zip(row.seconds, row.waits, row.transfer_calls)]
        lines.append([row.name, str(row.actions)] + [
            f"{per_action(row, sorted(values)[len(values) // 2]):.2f}"
            for values in (row.seconds, row.waits, row.transfer_calls, own)])
    print("## The executor's own time\n")
    print("Microseconds per action: the step, waits for values from other ranks, calls that start transfers, and the rest.\n")
    table(["what", "actions per rank", "step", "waits", "transfer calls", "executor"], ["---"] + ["--:"] * 5, lines)
