"""The shared library, which is loaded once. Its functions release the global interpreter lock while they run."""

from __future__ import annotations

import ctypes
import operator
import os
import pathlib
import sys
from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_ABI_VERSION = 1
_MESSAGE_SIZE = 1024


class BalanceError(ValueError, AssertionError):
    """An error for loads or sizes that no placement can have. DeepSeek's EPLB raises AssertionError in these cases."""


class Tensor(Protocol):
    """A torch tensor. The package does not import torch unless it receives a tensor."""

    def detach(self) -> Any: ...


TensorType = TypeVar("TensorType", bound=Tensor)


def _load() -> ctypes.CDLL:
    name = "libContraflowC.dylib" if sys.platform == "darwin" else "libContraflowC.so"
    path = os.environ.get("CONTRAFLOW_LIBRARY") or str(pathlib.Path(__file__).parent / name)
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(
            f"cannot load {path}: {error}; install the wheel, or set CONTRAFLOW_LIBRARY to the built library"
        ) from error
    version = library.contraflow_abi_version()
    if version != _ABI_VERSION:
        raise ImportError(
            f"{path} has version {version} of the C interface, but version {_ABI_VERSION} is needed: "
            "install the library and the package from one wheel")
    doubles = ctypes.POINTER(ctypes.c_double)
    integers = ctypes.POINTER(ctypes.c_int64)
    size = ctypes.c_int64
    library.contraflow_balance_deepseek.argtypes = [
        doubles, size, size, size, size, size, size, integers, integers, integers, ctypes.c_char_p, size]
    library.contraflow_balance_optimal.argtypes = [
        doubles, size, size, integers, doubles, size, size, size, integers, size, integers, doubles, doubles,
        ctypes.c_char_p, size]
    library.contraflow_split_tokens.argtypes = [
        integers, integers, size, doubles, size, doubles, ctypes.c_int32, doubles, doubles, ctypes.c_char_p, size]
    library.contraflow_split_tokens_locally.argtypes = [
        integers, integers, size, size, doubles, size, doubles, ctypes.c_double, doubles, doubles, doubles,
        ctypes.c_char_p, size]
    return library


_library = _load()


def _pointer(array: Optional[NDArray[Any]], kind: Any) -> Any:
    return None if array is None else array.ctypes.data_as(ctypes.POINTER(kind))


def _check(status: int, message: ctypes.Array[ctypes.c_char]) -> None:
    if status != 0:
        raise BalanceError(message.value.decode(errors="replace"))


def integer(value: Any, name: str) -> int:
    """Return ``value`` as an int. Raise a BalanceError that names the parameter if the value is not an integer."""
    try:
        return operator.index(value)
    except TypeError:
        raise BalanceError(f"{name} is {value!r}: give an integer") from None


def loads_array(weight: Any) -> tuple[NDArray[np.float64], Callable[[NDArray[np.int64]], Any]]:
    """Return ``weight`` as a contiguous float64 matrix, and a function that converts results to the type of ``weight``.

    Raise a BalanceError if ``weight`` does not have two dimensions.
    """
    array: NDArray[np.float64]
    wrap: Callable[[NDArray[np.int64]], Any]
    if hasattr(weight, "detach"):
        import torch

        array = weight.detach().to(device="cpu", dtype=torch.float64).numpy()
        wrap = torch.from_numpy
    else:
        array = np.asarray(weight, dtype=np.float64)
        wrap = np.asarray
    if array.ndim != 2:
        raise BalanceError(f"weight has shape {array.shape}: give layers x experts")
    return np.ascontiguousarray(array), wrap


def deepseek(
    loads: NDArray[np.float64], replicas: int, groups: int, nodes: int, devices: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Compute the placement of DeepSeek's EPLB for ``loads``, layers x experts.

    Returns the expert of each slot and the index of each slot's replica, both layers x replicas, and the number of
    replicas of each expert, layers x experts.
    """
    replicas, groups = integer(replicas, "num_replicas"), integer(groups, "num_groups")
    nodes, devices = integer(nodes, "num_nodes"), integer(devices, "num_gpus")
    layers, experts = loads.shape
    slots = np.empty((layers, max(replicas, 0)), dtype=np.int64)
    ranks = np.empty_like(slots)
    counts = np.empty((layers, experts), dtype=np.int64)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_balance_deepseek(
        _pointer(loads, ctypes.c_double), layers, experts, replicas, groups, nodes, devices,
        _pointer(slots, ctypes.c_int64), _pointer(ranks, ctypes.c_int64), _pointer(counts, ctypes.c_int64),
        message, _MESSAGE_SIZE)
    _check(status, message)
    return slots, ranks, counts


def optimal(
    loads: NDArray[np.float64], slots_per_device: Sequence[int], *, speeds: Optional[ArrayLike] = None, nodes: int = 1,
    groups: int = 0, current: Optional[ArrayLike] = None, max_copies: int = -1
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Compute a placement close to the best possible for ``loads``, layers x experts.

    Returns the expert of each slot, layers x slots, and for each layer the balance and an upper bound on the balance.
    """
    max_copies = integer(max_copies, "max_copies")
    layers, experts = loads.shape
    sizes, speed_array = _devices(slots_per_device, speeds)
    total = int(sizes.sum())
    current_array: Optional[NDArray[np.int64]] = None
    if current is not None:
        current_array = np.ascontiguousarray(current, dtype=np.int64)
        if current_array.shape != (layers, total):
            raise BalanceError(f"the current placement has shape {current_array.shape}: give {(layers, total)}")
    slots = np.empty((layers, max(total, 0)), dtype=np.int64)
    balances = np.empty(layers)
    bounds = np.empty(layers)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_balance_optimal(
        _pointer(loads, ctypes.c_double), layers, experts, _pointer(sizes, ctypes.c_int64),
        _pointer(speed_array, ctypes.c_double), sizes.size, nodes, groups, _pointer(current_array, ctypes.c_int64),
        max_copies, _pointer(slots, ctypes.c_int64), _pointer(balances, ctypes.c_double),
        _pointer(bounds, ctypes.c_double), message, _MESSAGE_SIZE)
    _check(status, message)
    return slots, balances, bounds


def _devices(
    slots_per_device: ArrayLike, speeds: Optional[ArrayLike]
) -> tuple[NDArray[np.int64], Optional[NDArray[np.float64]]]:
    sizes = np.ascontiguousarray(slots_per_device, dtype=np.int64)
    if speeds is None:
        return sizes, None
    speed_array = np.ascontiguousarray(speeds, dtype=np.float64)
    if speed_array.shape != sizes.shape:
        raise BalanceError(
            f"speeds has shape {speed_array.shape} and slots_per_device {sizes.shape}: give one speed per device")
    return sizes, speed_array


def _row(
    slots: ArrayLike, slots_per_device: ArrayLike, speeds: Optional[ArrayLike]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Optional[NDArray[np.float64]]]:
    row = np.ascontiguousarray(slots, dtype=np.int64)
    sizes, speed_array = _devices(slots_per_device, speeds)
    if row.ndim != 1 or sizes.ndim != 1 or sizes.size == 0 or sizes.min() < 0 or sizes.sum() != row.size:
        raise BalanceError(
            f"slots has shape {row.shape} and slots_per_device is {sizes.tolist()}: give one row of slots, "
            "device after device")
    return row, sizes, speed_array


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
    load_array = np.ascontiguousarray(loads, dtype=np.float64)
    if load_array.ndim != 1:
        raise BalanceError(f"loads has shape {load_array.shape}: give one load per expert")
    tokens = np.zeros(row.size)
    longest = np.zeros(1)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_split_tokens(
        _pointer(row, ctypes.c_int64), _pointer(sizes, ctypes.c_int64), sizes.size,
        _pointer(load_array, ctypes.c_double), load_array.size, _pointer(speed_array, ctypes.c_double), int(whole),
        _pointer(tokens, ctypes.c_double), _pointer(longest, ctypes.c_double), message, _MESSAGE_SIZE)
    _check(status, message)
    return tokens, float(longest[0])


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
    load_array = np.ascontiguousarray(loads, dtype=np.float64)
    if load_array.ndim != 2:
        raise BalanceError(f"loads has shape {load_array.shape}: give nodes x experts")
    nodes, experts = load_array.shape
    tokens = np.zeros((nodes, row.size))
    longest = np.zeros(1)
    share = np.zeros(1)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_split_tokens_locally(
        _pointer(row, ctypes.c_int64), _pointer(sizes, ctypes.c_int64), sizes.size, nodes,
        _pointer(load_array, ctypes.c_double), experts, _pointer(speed_array, ctypes.c_double), float(slack),
        _pointer(tokens, ctypes.c_double), _pointer(longest, ctypes.c_double), _pointer(share, ctypes.c_double),
        message, _MESSAGE_SIZE)
    _check(status, message)
    return tokens, float(longest[0]), float(share[0])
