"""A policy for vLLM's expert-parallel load balancer.

vLLM's configuration accepts only the policy name "default". Therefore, the policy replaces vLLM's policy of that name
in every process that calls ``register``:

    from contraflow.vllm import register
    register()

If this package is installed and the variable CONTRAFLOW_VLLM is 1, vLLM's plugin system calls ``register`` itself.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Optional, overload

from contraflow import _library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from contraflow._library import TensorType

__all__ = ["ContraflowEplbPolicy", "register"]


class ContraflowEplbPolicy:
    """A policy with placements close to the best possible, which moves as few experts as possible."""

    #: The number of copies that one rebalancing may make over all layers. A negative number means no limit.
    #: The limit does not apply to groups on several nodes.
    max_copies: int = -1

    @overload
    @classmethod
    def rebalance_experts(
        cls, weight: TensorType, num_replicas: int, num_groups: int, num_nodes: int, num_ranks: int,
        old_global_expert_indices: Optional[Any] = None
    ) -> TensorType: ...

    @overload
    @classmethod
    def rebalance_experts(
        cls, weight: ArrayLike, num_replicas: int, num_groups: int, num_nodes: int, num_ranks: int,
        old_global_expert_indices: Optional[Any] = None
    ) -> NDArray[np.int64]: ...

    @classmethod
    def rebalance_experts(
        cls, weight: Any, num_replicas: int, num_groups: int, num_nodes: int, num_ranks: int,
        old_global_expert_indices: Optional[Any] = None
    ) -> Any:
        """Place experts on ranks by their loads.

        Args:
            weight: The loads, layers x experts, in tokens: a torch tensor or anything that NumPy converts to an array.
            num_replicas: The number of slots per layer, a multiple of ``num_ranks`` and at least the number of experts.
            num_groups: The number of groups of experts. If ``num_nodes`` is more than 1 and divides it and
                ``num_ranks``, each group stays on one node, and ``num_groups`` must divide the experts.
            num_nodes: The number of nodes.
            num_ranks: The number of ranks of the expert-parallel group, one device each.
            old_global_expert_indices: The current expert of each slot, layers x replicas. A table of another shape or
                with empty slots (-1) is ignored.

        Returns:
            The expert of each slot, layers x replicas, int64: a CPU tensor if ``weight`` is a tensor, else an array.

        Raises:
            BalanceError: ``weight`` does not have two dimensions, a load is negative, not finite or above 1e30, or the
                numbers do not divide as above.
        """
        replicas = _library.integer(num_replicas, "num_replicas")
        ranks = _library.integer(num_ranks, "num_ranks")
        nodes = _library.integer(num_nodes, "num_nodes")
        groups = _library.integer(num_groups, "num_groups")
        if ranks < 1 or replicas % ranks != 0:
            raise _library.BalanceError(
                f"num_replicas is {replicas} and num_ranks is {ranks}: give a multiple of the ranks")
        loads = _library.matrix(weight, "weight", "layers")
        is_grouped = nodes > 1 and groups % nodes == 0 and ranks % nodes == 0
        current = None
        if old_global_expert_indices is not None:
            old = _library.integer_array(old_global_expert_indices, "old_global_expert_indices")
            # A placement with another number of slots or with empty slots is no start for the search.
            if old.shape == (loads.shape[0], replicas) and old.size and old.min() >= 0:
                current = old
        slots, _, _ = _library.optimal(
            loads, [replicas // ranks] * ranks, None, nodes if is_grouped else 1, groups if is_grouped else 0, current,
            -1 if is_grouped else _library.integer(cls.max_copies, "max_copies"))
        return _library.wrapper(weight)(slots)

    @classmethod
    def preserve_intragpu_slots(
        cls, phy2log: ArrayLike, num_ranks: int, old_phy2log: ArrayLike
    ) -> NDArray[np.int64]:
        """Reorder the slots of each rank so that experts that stay on the rank keep their slots.

        Args:
            phy2log: The new expert of each slot, layers x slots.
            num_ranks: The number of ranks.
            old_phy2log: The current expert of each slot. A table of another shape is ignored.

        Returns:
            The new expert of each slot. Each rank has the experts of ``phy2log``: those of the old slots in their old
            slots, as far as there are replicas, and the others in the order of ``phy2log``.

        Raises:
            BalanceError: A table does not hold integers.
        """
        new = _library.integer_array(phy2log, "phy2log")
        old = _library.integer_array(old_phy2log, "old_phy2log")
        ranks = _library.integer(num_ranks, "num_ranks")
        result = new.copy()
        if new.ndim != 2 or old.shape != new.shape or ranks < 1 or new.shape[1] % ranks != 0:
            return result
        size = new.shape[1] // ranks
        # One row per rank of each layer.
        for old_row, row in zip(old.reshape(-1, size), result.reshape(-1, size)):
            incoming = row.tolist()
            free = []
            for slot, expert in enumerate(old_row.tolist()):
                if expert in incoming:
                    incoming.remove(expert)
                    row[slot] = expert
                else:
                    free.append(slot)
            row[free] = incoming
        return result


def register() -> None:
    """Replace vLLM's policy "default" by :class:`ContraflowEplbPolicy` in this process.

    Raises:
        ImportError: vLLM is not installed, or its version has no ``vllm.distributed.eplb.policy``.
    """
    from vllm.distributed.eplb.policy import EPLB_POLICIES

    EPLB_POLICIES["default"] = ContraflowEplbPolicy


def _register_if_wanted() -> None:
    if os.environ.get("CONTRAFLOW_VLLM") == "1":
        register()
