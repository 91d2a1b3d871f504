"""Plans of added replicas against the integer programs' optima, as scipy's HiGHS finds them.

200 seeded layers, 8 experts on 4 ranks and 32 experts on 8 ranks, with several slacks. A plan must never have fewer
replicas than HiGHS proves to be needed. Layers that HiGHS does not solve within its time limit are counted.
"""

import argparse
import collections
import os
import pathlib
import sys

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python"))
os.environ.setdefault("CONTRAFLOW_LIBRARY", str(ROOT / ".build/release/libContraflowC.so"))

from contraflow import routing  # noqa: E402

SLACKS = [0.0, 0.02, 0.05, 0.2]


def layers():
    """The seeded layers: the slots, the slots of each rank, the loads and the slack."""
    random = np.random.default_rng(18)
    for index in range(200):
        experts, ranks = ((8, 4), (32, 8))[index % 2]
        per_rank = experts // ranks
        free = int(random.integers(2, 6))
        slots = []
        for rank in range(ranks):
            slots += [*range(rank * per_rank, (rank + 1) * per_rank), *[-1] * free]
        mean = int(random.choice([20, 200, 1000]))
        shape = index // 2 % 3
        if shape == 0:
            loads = random.lognormal(0, 1, experts)
        elif shape == 1:
            loads = random.exponential(1, experts)
        else:
            loads = random.permutation(1 / np.arange(1, experts + 1))
        loads = np.rint(loads / loads.mean() * mean).astype(np.int64)
        yield slots, [per_rank + free] * ranks, loads, SLACKS[index // 2 % len(SLACKS)]


def optimum(slots, sizes, loads, limit, seconds):
    """The fewest added replicas: HiGHS' solution, or None, its lower bound, and whether the two are equal."""
    ranks = len(sizes)
    rank_of_slot = np.repeat(np.arange(ranks), sizes)
    owner = {expert: rank_of_slot[slot] for slot, expert in enumerate(slots) if expert >= 0}
    free = np.bincount(rank_of_slot[np.array(slots) < 0], minlength=ranks)
    pairs = [(e, r) for e in range(len(loads)) for r in range(ranks) if loads[e] > 0 and r != owner[e]]
    count = len(pairs)
    expert = np.array([e for e, _ in pairs])
    rank = np.array([r for _, r in pairs])
    home = np.array([owner[e] for e, _ in pairs])
    # The tokens that each pair moves from the owner to the rank, then whether the rank has a replica.
    columns = np.arange(count)
    most = np.minimum(loads[expert], limit).astype(float)
    native = np.array([sum(int(loads[e]) for e in owner if owner[e] == r) for r in range(ranks)])
    constraints = [
        LinearConstraint(coo_matrix((np.ones(count), (expert, columns)), (len(loads), 2 * count)), ub=loads),
        LinearConstraint(
            coo_matrix(
                (np.r_[np.ones(count), -np.ones(count)], (np.r_[rank, home], np.r_[columns, columns])),
                (ranks, 2 * count)), ub=limit - native),
        LinearConstraint(
            coo_matrix(
                (np.r_[np.ones(count), -most], (np.r_[columns, columns], np.r_[columns, columns + count])),
                (count, 2 * count)), ub=np.zeros(count)),
        LinearConstraint(coo_matrix((np.ones(count), (rank, columns + count)), (ranks, 2 * count)), ub=free)]
    result = milp(
        np.r_[np.zeros(count), np.ones(count)], constraints=constraints,
        integrality=np.r_[np.zeros(count), np.ones(count)],
        bounds=Bounds(0, np.r_[most, np.ones(count)]), options={"time_limit": seconds})
    if result.status == 2:
        return None, None, True
    bound = 0 if result.mip_dual_bound is None else int(np.ceil(result.mip_dual_bound - 1e-6))
    best = None if result.x is None else int(np.rint(result.fun))
    return best, bound, result.status == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5, help="the time limit of HiGHS per layer")
    options = parser.parse_args()
    table = collections.defaultdict(collections.Counter)
    excesses = []
    for index, (slots, sizes, loads, slack) in enumerate(layers()):
        plan = routing.plan_replicas(slots, sizes, loads, slack=slack)
        added = int((plan.slots != np.array(slots)).sum())
        ranks = np.add.reduceat(plan.tokens, np.r_[0, np.cumsum(sizes)[:-1]])
        best, bound, proved = optimum(slots, sizes, loads, plan.token_limit, options.seconds)
        row = table[len(sizes), slack]
        row["layers"] += 1
        if ranks.max() > plan.token_limit:
            row["above the limit"] += 1
            if best is not None:
                raise SystemExit(f"layer {index}: the plan exceeds the limit, which {best} replicas reach")
            continue
        if bound is None:
            raise SystemExit(f"layer {index}: HiGHS finds no plan within the limit, but ours is")
        if added < bound:
            raise SystemExit(f"layer {index}: the plan has {added} replicas, but HiGHS proves that {bound} are needed")
        if best is not None and plan.lower_bound > best:
            raise SystemExit(f"layer {index}: our bound is {plan.lower_bound}, but HiGHS has a plan of {best} replicas")
        if not proved:
            row["not proved"] += 1
        if best is None:
            continue
        row[f"{added - best:+d}"] += 1
        row["our bound is the optimum"] += proved and plan.lower_bound == best
        excesses.append(added - best)
    for (ranks, slack), row in sorted(table.items()):
        print(f"{ranks} ranks, slack {slack}: " + ", ".join(f"{name} {value}" for name, value in sorted(row.items())))
    print(
        f"{len(excesses)} layers with a plan of HiGHS': median excess {np.median(excesses):g}, largest {max(excesses)}, "
        f"equal or fewer {sum(excess <= 0 for excess in excesses)}")
    if np.median(excesses) > 0 or max(excesses) > 2:
        raise SystemExit("that is too many replicas")


if __name__ == "__main__":
    main()
