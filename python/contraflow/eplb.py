"""DeepSeek's EPLB: the same function, the same results."""

import numpy as np

from contraflow import _library

__all__ = ["rebalance_experts"]


def rebalance_experts(weight, num_replicas, num_groups, num_nodes, num_gpus):
    """Place experts on devices by their loads.

    ``weight`` is layers x experts, a torch tensor or a NumPy array. Returns, as int64 of the same kind,
    ``physical_to_logical_map`` (layers x replicas), ``logical_to_physical_map`` (layers x experts x most replicas,
    padded with -1) and ``expert_count`` (layers x experts).
    """
    loads, wrap = _library.loads_array(weight)
    slots, ranks, counts = _library.deepseek(loads, num_replicas, num_groups, num_nodes, num_gpus)
    layers, experts = loads.shape
    replicas = np.full((layers, experts, int(counts.max())), -1, dtype=np.int64)
    rows = np.arange(layers)[:, None]
    replicas[rows, slots, ranks] = np.arange(slots.shape[1])[None, :]
    return wrap(slots), wrap(replicas), wrap(counts)
