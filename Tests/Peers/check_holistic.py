"""`contraflow analyze --compatible hta` against HolisticTraceAnalysis itself, figure by figure.

    PYTHON Tests/Peers/check_holistic.py FOLDER…

PYTHON has HolisticTraceAnalysis 0.6.1, which PyPI calls `traceinsight`. Every trace below the folders is compared by
itself, and every folder with traces of several ranks as one run, with and without the last profiler step. CONTRAFLOW
names the command, else that of the release build is taken.
"""

import collections
import json
import logging
import math
import os
import pathlib
import subprocess
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
from hta.common.trace_file import create_rank_to_trace_dict  # noqa: E402
from hta.trace_analysis import TraceAnalysis  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTRAFLOW = os.environ.get("CONTRAFLOW", str(ROOT / ".build/release/contraflow"))


def rows(table):
    """A table's rows as dictionaries, what is no number as None."""
    return [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict("records")]


def theirs(files, last):
    """The tool's tables by name; an exception in a table's place."""
    def attempt(make):
        try:
            return rows(make())
        except Exception as error:  # Whatever it is, it is the tool's own.
            return error

    try:
        analysis = TraceAnalysis(trace_files=dict(files), include_last_profiler_step=last)
    except Exception as error:
        return dict.fromkeys(("overlap", "temporal", "idle"), error)
    return {
        "overlap": attempt(lambda: analysis.get_comm_comp_overlap(visualize=False)),
        "temporal": attempt(lambda: analysis.get_temporal_breakdown(visualize=False)),
        "idle": attempt(lambda: analysis.get_idle_time_breakdown(ranks=list(files), visualize=False)[0]),
    }


def ours(paths, last):
    command = [CONTRAFLOW, "analyze", "--compatible", "hta", "--format", "json", *map(str, paths)]
    done = subprocess.run(command + ["--include-last-step"] * last, capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.strip()
    return json.loads(done.stdout)


def compare(name, files, last):
    """Prints a row and returns how many of their figures equal ours, how many differ, and how many tables they lack."""
    found = collections.Counter()
    notes = []
    expected = theirs(files, last)
    if all(isinstance(table, Exception) for table in expected.values()):
        found["failed"] += 3
        notes.append(f"HTA cannot: {describe(expected['overlap'])}")
        expected = {}
    answer = ours(files.values(), last) if expected else {}
    if isinstance(answer, str):
        found["unequal"] += 1
        notes.append(answer)
        expected = {}
    for table, wanted in expected.items():
        if isinstance(wanted, Exception):
            found["failed"] += 1
            notes.append(f"HTA's {table} cannot: {describe(wanted)}")
            continue
        got = answer["idle_time_breakdown" if table == "idle" else "ranks"]
        if len(files) == 1:
            # A trace by itself is rank 0 there, and what it says it is here.
            got = [row | {"rank": next(iter(files))} for row in got]
        if len(got) != len(wanted):
            found["unequal"] += 1
            notes.append(f"{table}: {len(wanted)} rows, here {len(got)}")
        for mine, row in zip(got, wanted):
            for key, value in row.items():
                if mine[key] == value:
                    found["equal"] += 1
                else:
                    found["unequal"] += 1
                    notes.append(f"{table} {key}: {value}, here {mine[key]} (rank {row['rank']})")
    verdict = "DIFFERS" if found["unequal"] else "equal" if found["equal"] else "-"
    steps = "all steps" if last else "but the last step"
    print(f"| {name} | {steps} | {verdict} | {found['equal']} | {'; '.join(notes[:4])} |", flush=True)
    return found


def describe(error):
    text = str(error).splitlines()
    return type(error).__name__ + (f" ({text[0][:60]})" if text else "")


def main(folders):
    print("| trace | steps | verdict | equal figures | |")
    print("|---|---|---|---|---|")
    total = collections.Counter()
    for root in map(pathlib.Path, folders):
        inside = collections.defaultdict(list)
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.name.endswith((".json", ".json.gz")):
                inside[path.parent].append(path.resolve())
        for folder, paths in inside.items():
            runs = {str((folder / path.name).relative_to(root)): {0: str(path)} for path in paths}
            if len(paths) > 1:
                _, ranks = create_rank_to_trace_dict([str(path) for path in paths])
                if len(ranks) > 1:
                    runs[f"{folder.relative_to(root)}/ as one run"] = dict(sorted(ranks.items()))
            for name, files in runs.items():
                for last in (False, True):
                    total += compare(name, files, last)
    print(f"\n{total['equal']} figures are equal, {total['unequal']} are not; HTA gives no answer to {total['failed']} questions")
    return 1 if total["unequal"] else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__.strip())
    sys.exit(main(sys.argv[1:]))
