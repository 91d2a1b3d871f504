"""Splits of the tokens of a batch among the replicas of their experts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional

from contraflow import _library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ReplicaPlan", "plan_replicas", "split_tokens", "split_tokens_locally"]


def split_tokens(
    slots: ArrayLike, slots_per_device: ArrayLike, loads: ArrayLike, *, speeds: Optional[ArrayLike] = None,
    whole: bool = False
) -> tuple[NDArray[np.float64], float]:
    """Split the tokens of one layer's experts among replicas with the least possible longest time of a device.

    Args:
        slots: The expert of each slot, device after device, or -1 for an empty slot.
        slots_per_device: The number of slots of each device.
        loads: The tokens of each expert.
        speeds: The speed of each device, from 1e-6 to 1e6; None if all devices have speed 1.
        whole: Whether slots receive whole tokens. The loads must then be whole.

    Returns:
        The tokens of each slot, float64, and the longest time of a device. The time of a device is its tokens divided
        by its speed.

    Raises:
        BalanceError: The shapes do not match, an expert has no slot, or a value is out of range.
    """
    row, sizes, speed_array = _row(slots, slots_per_device, speeds)
    load_array = _library.float_array(loads, "loads")
    if load_array.ndim != 1:
        raise _library.BalanceError(f"loads has shape {load_array.shape}: give one load per expert")
    return _library.split_tokens(row, sizes, load_array, speed_array, bool(whole))


def split_tokens_locally(
    slots: ArrayLike, slots_per_device: ArrayLike, loads: ArrayLike, *, speeds: Optional[ArrayLike] = None,
    slack: float = 0.0
) -> tuple[NDArray[np.float64], float, float]:
    """Split the tokens of one layer's experts among replicas so that few tokens leave their node.

    Args:
        slots: The expert of each slot, device after device, or -1 for an empty slot.
        slots_per_device: The number of slots of each device. Each node has the same number of consecutive
            devices.
        loads: The tokens of each node for each expert, nodes x experts.
        speeds: The speed of each device, from 1e-6 to 1e6; None if all devices have speed 1.
        slack: The allowed increase of the longest time, as a fraction of the least possible. A larger slack keeps more
            tokens on their node.

    Returns:
        The tokens of each slot from each node, nodes x slots, float64; the longest time of a device, which is its
        tokens divided by its speed; and the fraction of all tokens that stay on their node.

    Raises:
        BalanceError: The shapes do not match, an expert has no slot, or a value is out of range.
    """
    row, sizes, speed_array = _row(slots, slots_per_device, speeds)
    load_array = _library.matrix(loads, "loads", "nodes")
    return _library.split_tokens_locally(row, sizes, load_array, speed_array, _library.number(slack, "slack"))


class ReplicaPlan(NamedTuple):
    """The replicas that one layer adds for one micro-batch, and the tokens of each slot."""

    #: The expert of each slot, int64, with the added replicas in free slots; -1 for a slot that stays free.
    slots: NDArray[np.int64]
    #: The tokens of each slot, int64.
    tokens: NDArray[np.int64]
    #: The tokens that a device may process according to the slack.
    token_limit: int
    #: A lower bound on the number of added replicas of all plans.
    lower_bound: int


def plan_replicas(
    slots: ArrayLike, slots_per_device: ArrayLike, loads: ArrayLike, *, slack: float = 0.0
) -> ReplicaPlan:
    """Plan the replicas that one layer adds in its free slots for one micro-batch.

    The plan adds the fewest replicas that the planner finds with which no device processes more than the larger of
    ceil(mean) and floor((1 + slack) x mean) tokens. If the free slots do not allow this, the plan has the least maximum
    that the planner finds.

    Args:
        slots: The expert of each slot, device after device, or -1 for a free slot. The first slot of an expert owns it.
        slots_per_device: The number of slots of each device.
        loads: The tokens of each expert, at most 2**31 - 1 in all.
        slack: The part of the mean by which the tokens of a device may exceed the mean, rounded to millionths.

    Returns:
        The slots with the added replicas, the tokens of each slot, the limit, and a lower bound on the added replicas.

    Raises:
        BalanceError: The shapes do not match, an expert has no slot, or a value is out of range.
    """
    row, sizes, _ = _row(slots, slots_per_device, None)
    load_array = _library.integer_array(loads, "loads")
    if load_array.ndim != 1:
        raise _library.BalanceError(f"loads has shape {load_array.shape}: give one load per expert")
    return ReplicaPlan(*_library.plan_replicas(row, sizes, load_array, _library.number(slack, "slack")))


def _row(
    slots: ArrayLike, slots_per_device: ArrayLike, speeds: Optional[ArrayLike]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Optional[NDArray[np.float64]]]:
    """Return the slots of one layer, and the slots and speeds of its devices."""
    row = _library.integer_array(slots, "slots")
    sizes, speed_array = _library.devices(slots_per_device, speeds)
    if row.ndim != 1 or _library.slot_count(sizes) != row.size:
        raise _library.BalanceError(
            f"slots has shape {row.shape} and slots_per_device is {sizes.tolist()!s:.80}: give one row of slots, device "
            "after device")
    return row, sizes, speed_array
