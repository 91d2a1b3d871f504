"""Placements close to the best possible, and replays of recorded loads."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Optional

import numpy as np

from contraflow import _library

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Replay", "optimal", "replay"]


def optimal(
    loads: Any, slots_per_device: ArrayLike, *, speeds: Optional[ArrayLike] = None, num_nodes: int = 1,
    num_groups: Optional[int] = None, current: Optional[Any] = None, max_copies: Optional[int] = None
) -> tuple[Any, Any, Any]:
    """Place experts on devices with a balance close to the best possible.

    Args:
        loads: The loads, layers x experts, in tokens or any other unit: a torch tensor or anything that NumPy converts
            to an array.
        slots_per_device: The number of slots of each device, 0 for a failed device.
        speeds: The speed of each device, from 1e-6 to 1e6; None if all devices have speed 1.
        num_nodes: The number of nodes, which divides the devices.
        num_groups: The number of groups of experts, each of which stays on one node; None if any expert may be on any
            node.
        current: The current expert of each slot, layers x slots; None for a new placement.
        max_copies: The number of experts that may be copied from ``current``, over all layers. With None, the
            placement is the best one, with devices relabelled so that few experts are copied.

    Returns:
        The expert of each slot, layers x slots, int64; the balance of each layer, which is the mean time of the devices
        divided by the longest; and an upper bound on the balance of every placement. All are CPU tensors if ``loads``
        is a tensor, else arrays.

    Raises:
        BalanceError: A value is out of range or of the wrong type, or the numbers do not divide as above.
    """
    table = _library.matrix(loads, "loads", "layers")
    wrap = _library.wrapper(loads)
    old = None if current is None else _library.integer_array(current, "current")
    copies = -1 if max_copies is None else _library.integer(max_copies, "max_copies")
    if max_copies is not None and (copies < 0 or old is None):
        raise _library.BalanceError(f"max_copies is {copies}: give at least 0, and the current placement")
    groups = 0 if num_groups is None else _library.integer(num_groups, "num_groups")
    if num_groups is not None and groups < 1:
        raise _library.BalanceError(f"num_groups is {groups}: give at least 1, or None")
    slots, balances, bounds = _library.optimal(
        table, slots_per_device, speeds, _library.integer(num_nodes, "num_nodes"), groups, old, copies)
    return wrap(slots), wrap(balances), wrap(bounds)


@dataclasses.dataclass(frozen=True)
class Replay:
    """The results of a replay, one value per window with load but the first, which determines the first placement."""

    #: The mean balance of the layers under the policy's placement.
    balance: NDArray[np.float64]
    #: The same under a new placement for every window, made from the window itself.
    oracle_balance: NDArray[np.float64]
    #: The same under the policy's rules, if each plan knew its window.
    foresight_balance: NDArray[np.float64]
    #: The experts copied before the window.
    copies: NDArray[np.int64]

    @property
    def regret(self) -> float:
        """The loss of balance against the oracle, as a fraction of the oracle's mean balance."""
        return float(1 - self.balance.mean() / self.oracle_balance.mean())

    @property
    def forecast_regret(self) -> float:
        """The loss of balance against foresight, as a fraction of foresight's mean balance."""
        return float(1 - self.balance.mean() / self.foresight_balance.mean())


def replay(
    loads: Any, slots_per_device: ArrayLike, *, speeds: Optional[ArrayLike] = None, num_nodes: int = 1,
    forecast: Optional[str] = None, cadence: int = 1, max_copies: Optional[int] = None, caution: float = 0.0,
    significance: float = 6.4, split_tokens: bool = False
) -> Replay:
    """Replay a stream of loads: forecast each window, plan for the forecast, and measure the balance on the window.

    Args:
        loads: The loads, windows x layers x experts, with at least two windows that have load: a torch tensor or
            anything that NumPy converts to an array.
        slots_per_device: The number of slots of each device.
        speeds: The speed of each device, from 1e-6 to 1e6; None if all devices have speed 1.
        num_nodes: The number of nodes, which divides the devices.
        forecast: ``last``, ``mean-N``, ``exponential-D`` or ``trend-N``; None for a backtest before each plan.
        cadence: The number of windows from one plan to the next.
        max_copies: The number of experts that each plan may copy, over all layers; None for no limit.
        caution: The standard deviations to add to a forecast.
        significance: The threshold for a change of load, in standard deviations of sampling noise; 0 to disable it.
        split_tokens: Whether each expert's tokens are split for the shortest time, instead of equally.

    Returns:
        The balance and the copies of each window.

    Raises:
        BalanceError: Fewer than two windows have load, a value is out of range or of the wrong type, or there are fewer
            slots than experts.
    """
    table = _library.float_array(loads, "loads")
    if table.ndim != 3:
        raise _library.BalanceError(f"loads has shape {table.shape}: give windows x layers x experts")
    if forecast is not None and not isinstance(forecast, str):
        raise _library.BalanceError(f"forecast is {forecast!r:.60}: give a name such as 'mean-4', or None")
    copies = -1 if max_copies is None else _library.integer(max_copies, "max_copies")
    if max_copies is not None and copies < 0:
        raise _library.BalanceError(f"max_copies is {copies}: give at least 0, or None")
    return Replay(
        *_library.replay(
            table, slots_per_device, speeds, _library.integer(num_nodes, "num_nodes"), forecast or "",
            _library.integer(cadence, "cadence"), copies, _library.number(caution, "caution"),
            _library.number(significance, "significance"), bool(split_tokens)))
