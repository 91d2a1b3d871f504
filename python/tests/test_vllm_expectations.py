"""The expectations that vLLM's own tests have of its policies, for Contraflow's modules."""

import unittest

import numpy as np

from contraflow import BalanceError, eplb
from contraflow.vllm import ContraflowEplbPolicy

README = np.array([
    [90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86], [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27]])


def contraflow_map(weight, *sizes):
    return ContraflowEplbPolicy.rebalance_experts(np.array(weight), *sizes)


def deepseek_map(weight, *sizes):
    return eplb.rebalance_experts(np.array(weight), *sizes)[0]


def counts(slots, experts):
    return np.array([np.bincount(row, minlength=experts) for row in slots])


class ExpectationTests(unittest.TestCase):
    #: Both policies, each of which has to meet every expectation.
    POLICIES = (contraflow_map, deepseek_map)

    def expect_all_placed(self, slots, layers, replicas, experts):
        self.assertEqual(slots.shape, (layers, replicas))
        replica_counts = counts(slots, experts)
        self.assertTrue((replica_counts >= 1).all())
        self.assertEqual(replica_counts.sum(), layers * replicas)
        return replica_counts

    def test_the_readme_example_has_the_counts_of_the_original(self):
        slots, replicas, replica_counts = eplb.rebalance_experts(README, 16, 4, 2, 8)
        self.assertEqual(replicas.shape[:2], (2, 12))
        self.assertEqual(replica_counts.tolist(), [
            [1, 2, 1, 1, 2, 2, 1, 1, 1, 1, 2, 1], [1, 2, 1, 1, 1, 2, 2, 1, 2, 1, 1, 1]])
        self.assertEqual(counts(slots, 12).tolist(), replica_counts.tolist())
        self.expect_all_placed(contraflow_map(README, 16, 4, 2, 8), 2, 16, 12)

    def test_a_single_device_holds_all_experts(self):
        for policy in self.POLICIES:
            self.assertEqual(set(policy([[10, 20, 30, 40]], 4, 1, 1, 1)[0].tolist()), {0, 1, 2, 3})

    def test_equal_loads_have_one_replica_each(self):
        for policy in self.POLICIES:
            slots = policy([[50] * 8], 8, 2, 2, 4)
            self.assertEqual(counts(slots, 8).tolist(), [[1] * 8])

    def test_the_hot_expert_has_more_replicas(self):
        weight = [[1000, 1, 1, 1, 1, 1, 1, 1]]
        replica_counts = self.expect_all_placed(deepseek_map(weight, 12, 2, 2, 4), 1, 12, 8)
        self.assertGreater(replica_counts[0, 0], replica_counts[0, 1])
        # Contraflow's policy gives the hot expert a replica on each device of its node. A third would share a device
        # with another, so that the remaining slot goes to the next expert.
        slots = contraflow_map(weight, 12, 2, 2, 4)
        replica_counts = self.expect_all_placed(slots, 1, 12, 8)
        self.assertEqual([0 in device for device in slots.reshape(4, 3).tolist()].count(True), 2)
        self.assertEqual(replica_counts.max(), replica_counts[0, 0])

    def test_several_layers_are_placed(self):
        weight = [[10, 20, 30, 40, 50, 60], [60, 50, 40, 30, 20, 10], [25] * 6]
        for policy in self.POLICIES:
            self.expect_all_placed(policy(weight, 8, 2, 2, 4), 3, 8, 6)

    def test_groups_that_nodes_do_not_divide_are_ignored(self):
        for policy in self.POLICIES:
            self.expect_all_placed(policy([[10, 20, 30, 40]], 8, 3, 2, 4), 1, 8, 4)
            self.expect_all_placed(policy([[10, 20, 30, 40, 50, 60]], 8, 3, 2, 4), 1, 8, 6)

    def test_more_sizes(self):
        weight = [[50, 100, 75, 120, 90, 60, 80, 110, 40, 70, 95, 85, 65, 55, 45, 35]]
        for policy in self.POLICIES:
            self.expect_all_placed(policy(weight, 24, 8, 4, 8), 1, 24, 16)
            replica_counts = self.expect_all_placed(
                policy([[100, 50, 200, 75, 150, 25, 300, 80]], 12, 4, 2, 4), 1, 12, 8)
            self.assertGreaterEqual(replica_counts[0, 6], 2)
            replica_counts = self.expect_all_placed(
                policy([[200, 150, 100, 50, 25, 12], [12, 25, 50, 100, 150, 200]], 10, 3, 1, 2), 2, 10, 6)
            self.assertGreaterEqual(min(replica_counts[0, 0], replica_counts[1, 5]), 2)

    def test_slots_that_ranks_do_not_divide_are_an_assertion_error(self):
        for policy in self.POLICIES:
            with self.assertRaises(AssertionError):
                policy([[10, 20, 30, 40]], 7, 2, 2, 4)


class PreservedSlotTests(unittest.TestCase):
    def expect_preserved(self, old, new, ranks):
        result = ContraflowEplbPolicy.preserve_intragpu_slots(new, ranks, old)
        self.assertEqual(result.shape, new.shape)
        size = new.shape[1] // ranks
        segments = zip(old.reshape(-1, size), new.reshape(-1, size), result.reshape(-1, size))
        for old_slots, new_slots, slots in segments:
            self.assertEqual(sorted(slots.tolist()), sorted(new_slots.tolist()))
            for expert in set(old_slots.tolist()) & set(new_slots.tolist()):
                # As many replicas as possible stay, in the first of the old slots.
                kept = np.flatnonzero((old_slots == expert) & (slots == expert))
                most = min((old_slots == expert).sum(), (new_slots == expert).sum())
                self.assertEqual(kept.tolist(), np.flatnonzero(old_slots == expert)[:most].tolist())

    def test_experts_that_stay_on_a_rank_keep_their_slots(self):
        cases = [
            (2, [[0, 1, 2, 3, 4, 5, 6, 7]], [[1, 5, 0, 4, 6, 2, 7, 3]]),
            (2, [[0, 1, 0, 2, 3, 4, 5, 6, 1, 2]], [[0, 5, 4, 0, 1, 6, 2, 3, 2, 1]]),
            (3, [[0, 1, 2, 3] * 3], [[0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0]]),
        ]
        for ranks, old, new in cases:
            self.expect_preserved(np.array(old), np.array(new), ranks)

    def test_any_maps(self):
        generator = np.random.default_rng(1)
        for _ in range(200):
            ranks, size, layers = generator.integers(1, 5, 3)
            old, new = generator.integers(0, 6, (2, layers, ranks * size))
            self.expect_preserved(old, new, int(ranks))

    def test_maps_of_another_shape_are_ignored(self):
        new = np.array([[1, 0, 2]])
        for ranks, old in [(1, [[0, 1]]), (2, [[0, 1, 2]]), (0, [[0, 1, 2]])]:
            self.assertEqual(ContraflowEplbPolicy.preserve_intragpu_slots(new, ranks, old).tolist(), new.tolist())
        with self.assertRaises(BalanceError):
            ContraflowEplbPolicy.preserve_intragpu_slots([["a"]], 1, [["a"]])


if __name__ == "__main__":
    unittest.main()
