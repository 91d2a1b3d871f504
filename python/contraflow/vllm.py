"""A policy for vLLM's expert-parallel load balancer.

vLLM's configuration knows the name "default" alone, so that a policy from outside takes its place, in every process:

    from contraflow.vllm import register
    register()

Where this package is installed, vLLM calls ``register`` itself (as a plugin) if the variable CONTRAFLOW_VLLM is set to 1.
"""

import os

from contraflow import _library

__all__ = ["ContraflowEplbPolicy", "register"]


class ContraflowEplbPolicy:
    """Placements close to the best possible, which keep what lies right already."""

    #: Copies that one re-balancing may make over all layers; negative for as many as the best placement needs.
    max_copies = -1

    @classmethod
    def rebalance_experts(
        cls, weight, num_replicas, num_groups, num_nodes, num_ranks, old_global_expert_indices=None
    ):
        """The expert of each slot, layers x replicas, as int64 of the kind that ``weight`` has."""
        if num_ranks < 1 or num_replicas % num_ranks != 0:
            raise _library.BalanceError(
                f"{num_replicas} replicas do not divide into {num_ranks} ranks: give a multiple of the ranks")
        loads, wrap = _library.loads_array(weight)
        is_grouped = num_nodes > 1 and num_groups % num_nodes == 0 and num_ranks % num_nodes == 0
        current = None
        if old_global_expert_indices is not None:
            old, _ = _library.loads_array(old_global_expert_indices)
            # A changed number of slots or a slot that holds nothing cannot be continued from.
            if old.shape == (loads.shape[0], num_replicas) and old.min() >= 0:
                current = old
        slots, _, _ = _library.optimal(
            loads, [num_replicas // num_ranks] * num_ranks, nodes=num_nodes if is_grouped else 1,
            groups=num_groups if is_grouped else 0, current=current,
            max_copies=-1 if is_grouped else cls.max_copies)
        return wrap(slots)


def register():
    """Make vLLM balance by :class:`ContraflowEplbPolicy` in this process."""
    from vllm.distributed.eplb.policy import EPLB_POLICIES

    EPLB_POLICIES["default"] = ContraflowEplbPolicy


def _register_if_wanted():
    if os.environ.get("CONTRAFLOW_VLLM") == "1":
        register()
