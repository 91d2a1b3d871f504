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
    library.contraflow_balance_replay.argtypes = [
        doubles, size, size, size, integers, doubles, size, size, ctypes.c_char_p, size, size, ctypes.c_double,
        ctypes.c_double, ctypes.c_int32, doubles, doubles, doubles, integers, integers, ctypes.c_char_p, size]
    library.contraflow_split_tokens.argtypes = [
        integers, integers, size, doubles, size, doubles, ctypes.c_int32, doubles, doubles, ctypes.c_char_p, size]
    library.contraflow_split_tokens_locally.argtypes = [
        integers, integers, size, size, doubles, size, doubles, ctypes.c_double, doubles, doubles, doubles,
        ctypes.c_char_p, size]
    library.contraflow_plan_replicas.argtypes = [
        integers, integers, size, integers, size, size, integers, integers, integers, integers, ctypes.c_char_p, size]
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
        number = operator.index(value)
    except TypeError:
        raise BalanceError(f"{name} is {value!r:.60}: give an integer") from None
    if abs(number) >= 1 << 62:
        raise BalanceError(f"{name} is {number}: give less than {1 << 62}")
    return number


def number(value: Any, name: str) -> float:
    """Return ``value`` as a float. Raise a BalanceError that names the parameter if the value is not a number."""
    if isinstance(value, str):
        raise BalanceError(f"{name} is {value!r:.60}: give a number")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise BalanceError(f"{name} is {value!r:.60}: give a number") from None


def _array(value: Any, name: str) -> NDArray[Any]:
    """Return ``value`` as an array of numbers, also if it is a torch tensor on any device and of any precision."""
    try:
        if hasattr(value, "detach"):
            tensor = value.detach().cpu()
            # NumPy has no bfloat16.
            array = (tensor.double() if tensor.is_floating_point() else tensor).numpy()
        else:
            array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise BalanceError(f"{name} is not a table of numbers: {str(error).splitlines()[0]:.200}") from None
    if array.dtype.kind not in "biuf":
        raise BalanceError(f"{name} holds {array.dtype}: give numbers in rows of equal length")
    return array


def float_array(value: Any, name: str) -> NDArray[np.float64]:
    """Return ``value`` as a contiguous float64 array. Raise a BalanceError if it is not a table of numbers."""
    return np.ascontiguousarray(_array(value, name), dtype=np.float64)


def integer_array(value: Any, name: str) -> NDArray[np.int64]:
    """Return ``value`` as a contiguous int64 array. Raise a BalanceError if a value is not a whole number."""
    array = _array(value, name)
    if array.dtype.kind == "f" and not (np.isfinite(array).all() and (array == np.rint(array)).all()):
        raise BalanceError(f"{name} holds fractions: give integers")
    if array.size and max(abs(float(array.min())), abs(float(array.max()))) >= 1 << 62:
        raise BalanceError(f"{name} holds {array.max()}: give integers below {1 << 62}")
    return np.ascontiguousarray(array, dtype=np.int64)


def wrapper(value: Any) -> Callable[[NDArray[Any]], Any]:
    """Return the function that converts results to the type of ``value``: to torch tensors or to arrays."""
    if hasattr(value, "detach"):
        import torch

        return torch.from_numpy
    return np.asarray


def matrix(value: Any, name: str, rows: str) -> NDArray[np.float64]:
    """Return ``value`` as a float64 matrix. Raise a BalanceError if it does not have two dimensions."""
    array = float_array(value, name)
    if array.ndim != 2:
        raise BalanceError(f"{name} has shape {array.shape}: give {rows} x experts")
    return array


def slot_count(sizes: NDArray[np.int64]) -> int:
    """Return the sum of the slots of all devices. Raise a BalanceError if there are none or too many."""
    if sizes.ndim != 1 or sizes.size == 0 or sizes.min() < 0 or not 0 < float(sizes.sum(dtype=np.float64)) <= 1 << 24:
        raise BalanceError(
            f"slots_per_device is {sizes.tolist()!s:.80}: give the number of slots of each device, {1 << 24} in total")
    return int(sizes.sum())


def deepseek(
    loads: NDArray[np.float64], replicas: int, groups: int, nodes: int, devices: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Compute the placement of DeepSeek's EPLB for ``loads``, layers x experts.

    Returns the expert of each slot and the index of each slot's replica, both layers x replicas, and the number of
    replicas of each expert, layers x experts.
    """
    replicas, groups = integer(replicas, "num_replicas"), integer(groups, "num_groups")
    nodes, devices = integer(nodes, "num_nodes"), integer(devices, "num_gpus")
    if replicas > 1 << 24:
        raise BalanceError(f"num_replicas is {replicas}: give at most {1 << 24}")
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
    loads: NDArray[np.float64], slots_per_device: ArrayLike, speeds: Optional[ArrayLike], nodes: int, groups: int,
    current: Optional[NDArray[np.int64]], max_copies: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Compute a placement close to the best possible for ``loads``, layers x experts.

    ``groups`` is 0 for no groups, and ``max_copies`` is negative for no limit. Returns the expert of each slot, layers x
    slots, and for each layer the balance and an upper bound on the balance.
    """
    layers, experts = loads.shape
    sizes, speed_array = devices(slots_per_device, speeds)
    slots = np.empty((layers, slot_count(sizes)), dtype=np.int64)
    if current is not None and current.shape != slots.shape:
        raise BalanceError(f"the current placement has shape {current.shape}: give {slots.shape}")
    balances = np.empty(layers)
    bounds = np.empty(layers)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_balance_optimal(
        _pointer(loads, ctypes.c_double), layers, experts, _pointer(sizes, ctypes.c_int64),
        _pointer(speed_array, ctypes.c_double), sizes.size, nodes, groups, _pointer(current, ctypes.c_int64),
        max_copies, _pointer(slots, ctypes.c_int64), _pointer(balances, ctypes.c_double),
        _pointer(bounds, ctypes.c_double), message, _MESSAGE_SIZE)
    _check(status, message)
    return slots, balances, bounds


def replay(
    loads: NDArray[np.float64], slots_per_device: ArrayLike, speeds: Optional[ArrayLike], nodes: int, forecast: str,
    cadence: int, max_copies: int, caution: float, significance: float, is_split: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Replay a stream of loads, windows x layers x experts.

    Returns, for each window with load but the first, the balance of the policy, of the oracle and of foresight, and the
    copies before the window.
    """
    windows, layers, experts = loads.shape
    sizes, speed_array = devices(slots_per_device, speeds)
    slot_count(sizes)
    balances = np.empty((3, max(windows - 1, 0)))
    copies = np.empty(max(windows - 1, 0), dtype=np.int64)
    count = ctypes.c_int64(0)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_balance_replay(
        _pointer(loads, ctypes.c_double), windows, layers, experts, _pointer(sizes, ctypes.c_int64),
        _pointer(speed_array, ctypes.c_double), sizes.size, nodes, forecast.encode(), cadence, max_copies, caution,
        significance, int(is_split), *(_pointer(row, ctypes.c_double) for row in balances),
        _pointer(copies, ctypes.c_int64), ctypes.byref(count), message, _MESSAGE_SIZE)
    _check(status, message)
    policy, oracle, foresight = balances[:, :count.value]
    return policy, oracle, foresight, copies[:count.value]


def devices(
    slots_per_device: ArrayLike, speeds: Optional[ArrayLike]
) -> tuple[NDArray[np.int64], Optional[NDArray[np.float64]]]:
    """Return the slots and the speeds of the devices as arrays of one length."""
    sizes = integer_array(slots_per_device, "slots_per_device")
    if speeds is None:
        return sizes, None
    speed_array = float_array(speeds, "speeds")
    if speed_array.shape != sizes.shape:
        raise BalanceError(
            f"speeds has shape {speed_array.shape} and slots_per_device {sizes.shape}: give one speed per device")
    return sizes, speed_array


def split_tokens(
    slots: NDArray[np.int64], sizes: NDArray[np.int64], loads: NDArray[np.float64],
    speeds: Optional[NDArray[np.float64]], is_whole: bool
) -> tuple[NDArray[np.float64], float]:
    """Split the tokens of one layer's experts. Returns the tokens of each slot, and the longest time of a device."""
    tokens = np.zeros(slots.size)
    longest = ctypes.c_double(0)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_split_tokens(
        _pointer(slots, ctypes.c_int64), _pointer(sizes, ctypes.c_int64), sizes.size, _pointer(loads, ctypes.c_double),
        loads.size, _pointer(speeds, ctypes.c_double), int(is_whole), _pointer(tokens, ctypes.c_double),
        ctypes.byref(longest), message, _MESSAGE_SIZE)
    _check(status, message)
    return tokens, longest.value


def split_tokens_locally(
    slots: NDArray[np.int64], sizes: NDArray[np.int64], loads: NDArray[np.float64],
    speeds: Optional[NDArray[np.float64]], slack: float
) -> tuple[NDArray[np.float64], float, float]:
    """Split tokens so that few leave their node. Returns nodes x slots tokens, the longest time and the local share."""
    nodes, experts = loads.shape
    tokens = np.zeros((nodes, slots.size))
    longest, share = ctypes.c_double(0), ctypes.c_double(0)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_split_tokens_locally(
        _pointer(slots, ctypes.c_int64), _pointer(sizes, ctypes.c_int64), sizes.size, nodes,
        _pointer(loads, ctypes.c_double), experts, _pointer(speeds, ctypes.c_double), slack,
        _pointer(tokens, ctypes.c_double), ctypes.byref(longest), ctypes.byref(share), message, _MESSAGE_SIZE)
    _check(status, message)
    return tokens, longest.value, share.value


def plan_replicas(
    slots: NDArray[np.int64], sizes: NDArray[np.int64], loads: NDArray[np.int64], slack: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], int, int]:
    """Plan the replicas of one layer. Returns the slots, the tokens of each slot, the limit and the lower bound."""
    if not 0 <= slack <= 1000:
        raise BalanceError(f"slack is {slack}: give 0 to 1000")
    planned, tokens = np.empty_like(slots), np.empty_like(slots)
    limit, bound = ctypes.c_int64(0), ctypes.c_int64(0)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_plan_replicas(
        _pointer(slots, ctypes.c_int64), _pointer(sizes, ctypes.c_int64), sizes.size, _pointer(loads, ctypes.c_int64),
        loads.size, round(slack * 1_000_000), _pointer(planned, ctypes.c_int64), _pointer(tokens, ctypes.c_int64),
        ctypes.byref(limit), ctypes.byref(bound), message, _MESSAGE_SIZE)
    _check(status, message)
    return planned, tokens, limit.value, bound.value
