"""Tests of the installed wheel against known results. ``python/make-wheel test`` runs them."""

import importlib.metadata
import importlib.resources
import inspect
import os
import pathlib
import re
import sys
import types
import unittest
import unittest.mock

import numpy as np

import contraflow
from contraflow import BalanceError, balancing, eplb, routing, vllm
from contraflow.vllm import ContraflowEplbPolicy

EXAMPLE = np.array([
    [90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86], [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27]])


class PackageTests(unittest.TestCase):
    def test_the_version_is_that_of_the_wheel_and_of_the_command(self):
        sources = pathlib.Path(__file__).parents[2] / "Sources/TrainingRuns/Processes/Version.swift"
        command, = re.findall(r'contraflowVersion = "(.+)"', sources.read_text())
        self.assertEqual(contraflow.__version__, command)
        self.assertEqual(contraflow.__version__, importlib.metadata.version("contraflow"))

    def test_the_wheel_is_marked_as_typed(self):
        self.assertTrue(importlib.resources.files("contraflow").joinpath("py.typed").is_file())
        installed = [str(file) for file in importlib.metadata.files("contraflow")]
        self.assertIn("contraflow/py.typed", installed)

    def test_the_public_functions_have_type_hints(self):
        functions = [
            eplb.rebalance_experts, routing.plan_replicas, routing.split_tokens, routing.split_tokens_locally,
            balancing.optimal, balancing.replay, ContraflowEplbPolicy.rebalance_experts,
            ContraflowEplbPolicy.preserve_intragpu_slots, vllm.register]
        for function in functions:
            signature = inspect.signature(function)
            self.assertIsNot(signature.return_annotation, inspect.Signature.empty, function)
            self.assertTrue(inspect.getdoc(function), function)
            for parameter in signature.parameters.values():
                self.assertIsNot(parameter.annotation, inspect.Parameter.empty, f"{function}: {parameter}")


class EplbTests(unittest.TestCase):
    def test_the_readme_example_of_the_original(self):
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
        with self.assertRaisesRegex(BalanceError, "num_replicas is 16.5: give an integer"):
            eplb.rebalance_experts(EXAMPLE, 16.5, 4, 2, 8)
        with self.assertRaisesRegex(BalanceError, "num_ranks is 8.0: give an integer"):
            ContraflowEplbPolicy.rebalance_experts(EXAMPLE, 16, 4, 2, 8.0)

    def test_sizes_may_be_numpy_integers(self):
        slots, _, _ = eplb.rebalance_experts(EXAMPLE, np.int64(16), np.int32(4), np.int64(2), np.uint8(8))
        self.assertEqual(slots.shape, (2, 16))

    def test_torch_tensors_give_torch_tensors(self):
        try:
            import torch
        except ImportError:
            self.skipTest("torch is not installed")
        slots, replicas, counts = eplb.rebalance_experts(torch.from_numpy(EXAMPLE), 16, 4, 2, 8)
        for result in (slots, replicas, counts):
            self.assertIs(result.dtype, torch.int64)


class RoutingTests(unittest.TestCase):
    def test_tokens_are_split_for_the_shortest_time(self):
        tokens, longest = routing.split_tokens([0, 1, 0, 2], [2, 2], [10, 8, 2])
        self.assertEqual(longest, 10)
        self.assertEqual(tokens.tolist(), [2, 8, 8, 2])
        tokens, longest = routing.split_tokens([0, 1, 0, 2], [2, 2], [10, 8, 3], whole=True)
        self.assertEqual(longest, 11)
        self.assertTrue((tokens == tokens.round()).all())

    def test_tokens_stay_on_their_node_if_time_allows(self):
        loads = [[10, 4, 0], [2, 0, 6]]
        tokens, longest, share = routing.split_tokens_locally([0, 1, 0, 2], [2, 2], loads)
        self.assertEqual(longest, 11)
        self.assertEqual(tokens.tolist(), [[7, 4, 3, 0], [0, 0, 2, 6]])
        self.assertAlmostEqual(share, 19 / 22)
        self.assertEqual(routing.split_tokens_locally([0, 1, 0, 2], [2, 2], loads, slack=0.3)[2], 1)

    def test_replicas_are_added_in_free_slots(self):
        plan = routing.plan_replicas([0, -1, 1, -1], [2, 2], [10, 4])
        self.assertEqual(plan.slots.tolist(), [0, -1, 1, 0])
        self.assertEqual(plan.tokens.tolist(), [7, 0, 4, 3])
        self.assertEqual((plan.token_limit, plan.lower_bound), (7, 1))
        plan = routing.plan_replicas([0, -1, 1, -1], [2, 2], [10, 4], slack=0.5)
        self.assertEqual(plan.slots.tolist(), [0, -1, 1, -1])

    def test_errors_are_exceptions(self):
        for arguments in [
                ([0, 1], [1], [1, 2]), ([0, 1], [1, 1], [1, -2]), ([0, 1], [1, 1], [1, 2, 3]), ([], [], [1]),
                ([0, 7], [1, 1], [1, 2])]:
            with self.assertRaises(BalanceError):
                routing.split_tokens(*arguments)
        with self.assertRaises(BalanceError):
            routing.split_tokens_locally([0, 1], [1, 1], [[1, 2], [3, 4], [5, 6]])
        for arguments in [([0, 1], [1, 1], [1, -2]), ([0, 1], [1, 1], [1]), ([0, 1], [1, 1], [2**31, 1])]:
            with self.assertRaises(BalanceError):
                routing.plan_replicas(*arguments)


class VllmPolicyTests(unittest.TestCase):
    def test_every_expert_has_a_slot(self):
        for replicas, groups, nodes, ranks in [(16, 4, 2, 8), (16, 1, 1, 4), (12, 3, 2, 4), (12, 1, 1, 1)]:
            slots = ContraflowEplbPolicy.rebalance_experts(EXAMPLE, replicas, groups, nodes, ranks)
            self.assertEqual(slots.shape, (2, replicas))
            for row in slots:
                self.assertEqual(set(row.tolist()), set(range(12)))

    def test_a_balanced_placement_stays(self):
        first = ContraflowEplbPolicy.rebalance_experts(EXAMPLE, 16, 1, 1, 4)
        again = ContraflowEplbPolicy.rebalance_experts(EXAMPLE, 16, 1, 1, 4, first)
        self.assertTrue((first == again).all())

    def test_the_plugin_replaces_the_default_policy(self):
        policies = {"default": object}
        names = ["vllm", "vllm.distributed", "vllm.distributed.eplb", "vllm.distributed.eplb.policy"]
        modules = {name: types.ModuleType(name) for name in names}
        modules[names[-1]].EPLB_POLICIES = policies
        with unittest.mock.patch.dict(sys.modules, modules):
            plugin, = importlib.metadata.entry_points(group="vllm.general_plugins", name="contraflow")
            with unittest.mock.patch.dict(os.environ, {"CONTRAFLOW_VLLM": ""}):
                plugin.load()()
            self.assertIs(policies["default"], object)
            with unittest.mock.patch.dict(os.environ, {"CONTRAFLOW_VLLM": "1"}):
                plugin.load()()
        self.assertIs(policies["default"], ContraflowEplbPolicy)

    def test_equal_weights_have_one_replica_each(self):
        slots = ContraflowEplbPolicy.rebalance_experts(np.ones((1, 8)), 8, 1, 1, 4)
        self.assertEqual(sorted(slots[0].tolist()), list(range(8)))


if __name__ == "__main__":
    unittest.main()
