"""Tests of ``contraflow.balancing``, and of the errors for values of the wrong type."""

import unittest

import numpy as np

from contraflow import BalanceError, balancing, eplb, routing
from contraflow.vllm import ContraflowEplbPolicy

LOADS = np.array([[90, 132, 40, 61, 104, 165], [20, 107, 104, 64, 19, 197]])


class OptimalTests(unittest.TestCase):
    def test_a_placement_has_its_balance_and_a_bound(self):
        slots, balance, bound = balancing.optimal(LOADS, [2, 2, 2, 2])
        self.assertEqual((slots.shape, balance.shape, bound.shape), ((2, 8), (2,), (2,)))
        for layer, row in enumerate(slots):
            share = LOADS[layer] / np.bincount(row, minlength=6)
            device_loads = share[row].reshape(4, 2).sum(axis=1)
            self.assertAlmostEqual(balance[layer], device_loads.mean() / device_loads.max())
            self.assertLessEqual(balance[layer], bound[layer])

    def test_a_current_placement_limits_the_copies(self):
        current, _, _ = balancing.optimal(LOADS, [2] * 4)
        same, _, _ = balancing.optimal(LOADS, [2] * 4, current=current, max_copies=0)
        self.assertTrue((same == current).all())

    def test_devices_may_differ(self):
        slots, _, _ = balancing.optimal(LOADS, [3, 0, 2, 2], speeds=[1, 1, 2, 0.5])
        self.assertEqual(slots.shape, (2, 7))

    def test_groups_stay_on_their_node(self):
        slots, _, _ = balancing.optimal(LOADS, [2] * 4, num_nodes=2, num_groups=2)
        for row in slots:
            self.assertEqual([len(set(row[node:node + 4] // 3)) for node in (0, 4)], [1, 1])

    def test_torch_tensors_give_torch_tensors(self):
        try:
            import torch
        except ImportError:
            self.skipTest("torch is not installed")
        expected = balancing.optimal(LOADS, [2] * 4)
        for dtype in (torch.int64, torch.float32, torch.bfloat16):
            results = balancing.optimal(torch.from_numpy(LOADS).to(dtype), torch.tensor([2] * 4))
            self.assertTrue(all(isinstance(result, torch.Tensor) for result in results))
        self.assertEqual(results[0].shape, expected[0].shape)


class ReplayTests(unittest.TestCase):
    STREAM = np.random.default_rng(0).integers(1000, 9000, (6, 2, 6))

    def test_a_replay_has_a_value_per_window_but_the_first(self):
        replay = balancing.replay(self.STREAM, [2] * 4, max_copies=4)
        for values in (replay.balance, replay.oracle_balance, replay.foresight_balance, replay.copies):
            self.assertEqual(values.shape, (5,))
        self.assertTrue((replay.copies <= 4).all())
        self.assertTrue((replay.balance <= replay.oracle_balance + 1e-12).all())
        self.assertAlmostEqual(replay.regret, 1 - replay.balance.mean() / replay.oracle_balance.mean())
        self.assertLessEqual(replay.forecast_regret, 1)

    def test_windows_without_load_are_left_out(self):
        idle = np.concatenate([self.STREAM[:3], np.zeros((2, 2, 6)), self.STREAM[3:]])
        self.assertEqual(
            balancing.replay(idle, [2] * 4).balance.tolist(), balancing.replay(self.STREAM, [2] * 4).balance.tolist())

    def test_options(self):
        for options in [
                {"forecast": "last"}, {"forecast": "mean-2"}, {"cadence": 2}, {"caution": 1}, {"significance": 0},
                {"split_tokens": True}, {"speeds": [1, 2, 1, 1]}, {"num_nodes": 2}]:
            self.assertEqual(balancing.replay(self.STREAM, [2] * 4, **options).copies.shape, (5,), options)


class WrongValueTests(unittest.TestCase):
    """Every wrong value is a BalanceError of one line."""

    #: Values that are no table of loads.
    TABLES = [None, "text", [["a", "b"]], [["1", "2"]], [[1, 2], [3]], {}, object(), [[1j, 2]], [[None, 1]], 3, [], [[]],
              [[-1.0, 2]], [[float("nan"), 1]], [[float("inf"), 1]], [[10**400, 1]], np.array([[b"x"]])]
    #: Values that are no integer.
    NUMBERS = ["2", 2.5, None, [2], 10**30, -(10**30), object()]

    def expect(self, call, *arguments, **options):
        with self.assertRaises(BalanceError, msg=f"{arguments} {options}") as context:
            call(*arguments, **options)
        self.assertNotIn("\n", str(context.exception))

    def test_tables(self):
        for table in self.TABLES:
            self.expect(eplb.rebalance_experts, table, 8, 1, 1, 4)
            self.expect(ContraflowEplbPolicy.rebalance_experts, table, 8, 1, 1, 4)
            self.expect(balancing.optimal, table, [2] * 4)
            self.expect(balancing.replay, table, [2] * 4)
            self.expect(routing.split_tokens, [0, 1], [1, 1], table)
            self.expect(routing.split_tokens_locally, [0, 1], [1, 1], table)
            self.expect(routing.plan_replicas, [0, 1], [1, 1], table)

    def test_numbers(self):
        for value in self.NUMBERS:
            for position in range(4):
                sizes = [8, 1, 1, 4]
                sizes[position] = value
                self.expect(eplb.rebalance_experts, LOADS, *sizes)
                self.expect(ContraflowEplbPolicy.rebalance_experts, LOADS, *sizes)
            self.expect(balancing.optimal, LOADS, [2] * 4, num_nodes=value)
            if value is not None:
                self.expect(balancing.optimal, LOADS, [2] * 4, num_groups=value)
                self.expect(balancing.optimal, LOADS, [2] * 4, current=np.zeros((2, 8)), max_copies=value)
                self.expect(balancing.replay, LOADS[None], [2] * 4, max_copies=value)
            self.expect(balancing.replay, np.stack([LOADS, LOADS]), [2] * 4, cadence=value)

    def test_devices(self):
        for sizes in [None, "2", [], [[2, 2]], [2.5, 2], [2, -1, 7], [0, 0], [10**12, 2], 4, ["2", "2"]]:
            self.expect(balancing.optimal, LOADS, sizes)
            self.expect(balancing.replay, np.stack([LOADS, LOADS]), sizes)
            self.expect(routing.split_tokens, [0, 1], sizes, [1, 2])
            self.expect(routing.plan_replicas, [0, 1], sizes, [1, 2])
        for speeds in ["1", [1], [1, 1, 1, "x"], [1, 1, 1, 0], [1, 1, 1, float("nan")], [[1, 1, 1, 1]]]:
            self.expect(balancing.optimal, LOADS, [2] * 4, speeds=speeds)

    def test_current_placements(self):
        for current in ["x", [[0, 1]], np.zeros((2, 8)) + 0.5, np.full((2, 8), 9), np.full((2, 8), 2**40), [1, 2, 3]]:
            self.expect(balancing.optimal, LOADS, [2] * 4, current=current, max_copies=1)
        self.expect(balancing.optimal, LOADS, [2] * 4, max_copies=1)
        self.expect(balancing.optimal, LOADS, [2] * 4, current=np.zeros((2, 8)), max_copies=-1)

    def test_other_options(self):
        stream = np.stack([LOADS, LOADS])
        for options in [
                {"forecast": "best"}, {"forecast": 4}, {"cadence": 0}, {"caution": "much"}, {"caution": -1},
                {"significance": float("nan")}, {"max_copies": -1}]:
            self.expect(balancing.replay, stream, [2] * 4, **options)
        self.expect(balancing.replay, LOADS, [2] * 4)
        self.expect(balancing.replay, LOADS[None], [2] * 4)
        self.expect(balancing.replay, np.zeros((3, 2, 6)), [2] * 4)
        for slots in ["01", [0.5, 1], [[0, 1]], [0, 2**40], None]:
            self.expect(routing.split_tokens, slots, [1, 1], [1, 2])
            self.expect(routing.plan_replicas, slots, [1, 1], [1, 2])
        for slack in ["x", None, -1, float("nan"), [1]]:
            self.expect(routing.split_tokens_locally, [0, 1], [1, 1], [[1, 2], [3, 4]], slack=slack)
            self.expect(routing.plan_replicas, [0, 1], [1, 1], [1, 2], slack=slack)


if __name__ == "__main__":
    unittest.main()
