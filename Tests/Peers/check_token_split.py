"""Token splits against the linear programs' optima, as scipy's HiGHS finds them.

The longest time of a split is compared, on random placements and loads, and for a split that keeps tokens on their node
also how many leave it.
"""

import os
import pathlib
import sys

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
os.environ.setdefault("CONTRAFLOW_LIBRARY", str(ROOT / ".build/release/libContraflowC.so"))

from contraflow import routing  # noqa: E402

TOLERANCE = 1e-9


def hosts(slots, sizes):
    """For each expert its devices."""
    device = np.repeat(np.arange(len(sizes)), sizes)
    result = {}
    for slot, expert in enumerate(slots):
        result.setdefault(expert, [])
        if device[slot] not in result[expert]:
            result[expert].append(device[slot])
    return result


def program(slots, sizes, loads, speeds, node_of_device, cost_of_time, cost_of_leaving, longest=None):
    """Tokens of nodes' experts to devices: returns the least cost, of the longest time or of tokens that leave."""
    where = hosts(slots, sizes)
    edges = [
        (node, expert, device) for node in range(loads.shape[0]) for expert in range(loads.shape[1])
        if loads[node, expert] > 0 for device in where[expert]]
    devices = len(sizes)
    count = len(edges)
    costs = np.array([cost_of_leaving * (node_of_device[d] != n) for n, _, d in edges] + [cost_of_time])
    rows = [d for _, _, d in edges] + list(range(devices))
    columns = list(range(count)) + [count] * devices
    values = [1.0] * count + list(-np.asarray(speeds))
    upper = coo_matrix((values, (rows, columns)), shape=(devices, count + 1))
    names = {}
    for n, e, _ in edges:
        names.setdefault((n, e), len(names))
    equal = coo_matrix(
        ([1.0] * count, ([names[(n, e)] for n, e, _ in edges], range(count))), shape=(len(names), count + 1))
    totals = [loads[key] for key in names]
    bounds = [(0, None)] * count + [(0, longest)]
    result = linprog(
        costs, A_ub=upper, b_ub=np.zeros(devices), A_eq=equal, b_eq=totals, bounds=bounds, method="highs")
    if result.status != 0:
        raise SystemExit(f"HiGHS does not solve the program: {result.message}")
    return result.fun


def main():
    random = np.random.default_rng(20)
    worst_time = 0.0
    worst_cost = 0.0
    for trial in range(60):
        nodes = int(random.integers(1, 5))
        devices = nodes * int(random.integers(1, 9))
        sizes = random.integers(1, 9, devices)
        experts = int(random.integers(1, sizes.sum() + 1))
        slots = np.concatenate([np.arange(experts), random.integers(0, experts, sizes.sum() - experts)])
        random.shuffle(slots)
        speeds = np.ones(devices) if trial % 2 == 0 else random.uniform(0.5, 2, devices)
        # Loads of about 1, so that HiGHS' own tolerances do not count; some are 0.
        loads = random.lognormal(0, 1, (nodes, experts)) * (random.random((nodes, experts)) > 0.1)
        loads[0, 0] = 1
        node_of_device = np.arange(devices) // (devices // nodes)

        total = loads.sum(axis=0)
        _, longest = routing.split_tokens(slots, sizes, total, speeds=speeds)
        best = program(slots, sizes, total[None, :], speeds, np.zeros(devices), 1, 0)
        worst_time = max(worst_time, abs(longest - best) / best)

        slack = [0.0, 0.02, 0.2][trial % 3]
        tokens, local_longest, share = routing.split_tokens_locally(slots, sizes, loads, speeds=speeds, slack=slack)
        if local_longest > best * (1 + slack) * (1 + TOLERANCE):
            raise SystemExit(f"trial {trial}: the local split takes {local_longest}, but {best * (1 + slack)} is allowed")
        least = program(
            slots, sizes, loads, speeds, node_of_device, 0, 1, longest=best * (1 + slack) * (1 + 1e-12))
        leaving = (1 - share) * loads.sum()
        worst_cost = max(worst_cost, abs(leaving - least) / loads.sum())
        if abs(tokens.sum() - loads.sum()) > TOLERANCE * loads.sum():
            raise SystemExit(f"trial {trial}: tokens are lost")
    print(f"longest times differ by at most {worst_time:.1e} of the optimum, tokens that leave by {worst_cost:.1e} of all")
    if worst_time > TOLERANCE or worst_cost > 1e-7:
        raise SystemExit("that is too much")


if __name__ == "__main__":
    main()
