"""Run by ``python/make-wheel test``: the installed wheel against known results."""

import unittest

import numpy as np

from contraflow import BalanceError, eplb
from contraflow.vllm import ContraflowEplbPolicy

EXAMPLE = np.array([
    [90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86], [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27]])


class EplbTests(unittest.TestCase):
    def test_the_example_of_the_original(self):
        slots, replicas, counts = eplb.rebalance_experts(EXAMPLE, 16, 4, 2, 8)
        self.assertEqual(slots.tolist(), [
            [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1], [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1]])
        self.assertEqual(counts[0].tolist(), [1, 2, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1])
        self.assertEqual(replicas.shape, (2, 12, 2))
        self.assertEqual(replicas.dtype, np.int64)
        for layer in range(2):
            for expert in range(12):
                held = [slot for slot in replicas[layer, expert] if slot >= 0]
                self.assertEqual(len(held), counts[layer, expert])
                self.assertTrue(all(slots[layer, slot] == expert for slot in held))

    def test_errors_are_exceptions(self):
        for arguments in [(7, 2, 2, 4), (16, 5, 1, 8), (8, 1, 1, 8)]:
            with self.assertRaises(BalanceError):
                eplb.rebalance_experts(EXAMPLE, *arguments)
        with self.assertRaises(AssertionError):
            ContraflowEplbPolicy.rebalance_experts(EXAMPLE, 7, 2, 2, 4)
        with self.assertRaises(BalanceError):
            eplb.rebalance_experts(np.array([[1.0, float("nan")]]), 2, 1, 1, 1)
        with self.assertRaises(BalanceError):
            eplb.rebalance_experts(np.zeros(4), 4, 1, 1, 1)

    def test_torch_tensors_give_torch_tensors(self):
        try:
            import torch
        except ImportError:
            self.skipTest("torch is not installed")
        slots, replicas, counts = eplb.rebalance_experts(torch.from_numpy(EXAMPLE), 16, 4, 2, 8)
        for result in (slots, replicas, counts):
            self.assertIs(result.dtype, torch.int64)


class VllmPolicyTests(unittest.TestCase):
    def test_every_expert_has_a_slot(self):
        for replicas, groups, nodes, ranks in [(16, 4, 2, 8), (16, 1, 1, 4), (12, 3, 2, 4), (12, 1, 1, 1)]:
            slots = ContraflowEplbPolicy.rebalance_experts(EXAMPLE, replicas, groups, nodes, ranks)
            self.assertEqual(slots.shape, (2, replicas))
            for row in slots:
                self.assertEqual(set(row.tolist()), set(range(12)))

    def test_what_lies_right_stays(self):
        first = ContraflowEplbPolicy.rebalance_experts(EXAMPLE, 16, 1, 1, 4)
        again = ContraflowEplbPolicy.rebalance_experts(EXAMPLE, 16, 1, 1, 4, first)
        self.assertTrue((first == again).all())

    def test_equal_weights_have_one_replica_each(self):
        slots = ContraflowEplbPolicy.rebalance_experts(np.ones((1, 8)), 8, 1, 1, 4)
        self.assertEqual(sorted(slots[0].tolist()), list(range(8)))


if __name__ == "__main__":
    unittest.main()
