"""A drop-in module for DeepSeek's EPLB, with the same function and the same results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np

from contraflow import _library

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from contraflow._library import TensorType

__all__ = ["rebalance_experts"]


@overload
def rebalance_experts(
    weight: TensorType, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int
) -> tuple[TensorType, TensorType, TensorType]: ...


@overload
def rebalance_experts(
    weight: ArrayLike, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]: ...


def rebalance_experts(
    weight: Any, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int
) -> tuple[Any, Any, Any]:
    """Place experts on devices by their loads.

    Args:
        weight: The loads, layers x experts, in tokens or any other unit: a torch tensor or anything that NumPy converts
            to an array.
        num_replicas: The number of slots per layer, a multiple of ``num_gpus`` and at least the number of experts.
        num_groups: The number of groups of experts. If ``num_nodes`` divides it, each group stays on one node, and
            ``num_groups`` must divide the experts.
        num_nodes: The number of nodes.
        num_gpus: The number of devices, a multiple of ``num_nodes`` if ``num_nodes`` divides ``num_groups``.

    Returns:
        ``physical_to_logical_map``, the expert of each slot, layers x replicas; ``logical_to_physical_map``, the slots
        of each expert, layers x experts x largest number of replicas, padded with -1; ``expert_count``, the number of
        replicas of each expert, layers x experts. All are int64: CPU tensors if ``weight`` is a tensor, else arrays.

    Raises:
        BalanceError: ``weight`` does not have two dimensions, a load is negative, not finite or above 1e30, or the
            numbers do not divide as above.
    """
    loads, wrap = _library.matrix(weight, "weight", "layers"), _library.wrapper(weight)
    slots, ranks, counts = _library.deepseek(loads, num_replicas, num_groups, num_nodes, num_gpus)
    layers, experts = loads.shape
    replicas = np.full((layers, experts, int(counts.max())), -1, dtype=np.int64)
    rows = np.arange(layers)[:, None]
    replicas[rows, slots, ranks] = np.arange(slots.shape[1])[None, :]
    return wrap(slots), wrap(replicas), wrap(counts)
