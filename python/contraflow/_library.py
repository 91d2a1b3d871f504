"""The shared library, loaded once; its functions release the interpreter lock while they run."""

import ctypes
import os
import pathlib
import sys

import numpy as np

_ABI_VERSION = 1
_MESSAGE_SIZE = 1024


class BalanceError(ValueError, AssertionError):
    """Loads or sizes that no placement can have; an AssertionError too, as the originals raise."""


def _load():
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
        raise ImportError(f"{path} has version {version} of the C interface, but {_ABI_VERSION} is needed")
    doubles = ctypes.POINTER(ctypes.c_double)
    integers = ctypes.POINTER(ctypes.c_int64)
    size = ctypes.c_int64
    library.contraflow_balance_deepseek.argtypes = (
        [doubles] + [size] * 6 + [integers] * 3 + [ctypes.c_char_p, size])
    library.contraflow_balance_optimal.argtypes = (
        [doubles, size, size, integers, doubles, size, size, size, integers, size, integers, doubles, doubles,
         ctypes.c_char_p, size])
    library.contraflow_split_tokens.argtypes = (
        [integers, integers, size, doubles, size, doubles, ctypes.c_int32, doubles, doubles, ctypes.c_char_p, size])
    library.contraflow_split_tokens_locally.argtypes = (
        [integers, integers, size, size, doubles, size, doubles, ctypes.c_double, doubles, doubles, doubles,
         ctypes.c_char_p, size])
    return library


_library = _load()


def _pointer(array, kind):
    return None if array is None else array.ctypes.data_as(ctypes.POINTER(kind))


def _check(status, message):
    if status != 0:
        raise BalanceError(message.value.decode(errors="replace"))


def loads_array(weight):
    """``weight`` as a contiguous float64 matrix, and a function that gives results the type that ``weight`` has."""
    if hasattr(weight, "detach"):
        import torch

        array = weight.detach().to(device="cpu", dtype=torch.float64).numpy()

        def wrap(result):
            return torch.from_numpy(result)
    else:
        array = np.asarray(weight, dtype=np.float64)

        def wrap(result):
            return result
    if array.ndim != 2:
        raise BalanceError(f"weight has {array.ndim} dimensions: give layers x experts")
    return np.ascontiguousarray(array), wrap


def deepseek(loads, replicas, groups, nodes, devices):
    """The slots' experts, their replica numbers and the experts' replica counts."""
    layers, experts = loads.shape
    slots = np.empty((layers, max(int(replicas), 0)), dtype=np.int64)
    ranks = np.empty_like(slots)
    counts = np.empty((layers, experts), dtype=np.int64)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_balance_deepseek(
        _pointer(loads, ctypes.c_double), layers, experts, replicas, groups, nodes, devices,
        _pointer(slots, ctypes.c_int64), _pointer(ranks, ctypes.c_int64), _pointer(counts, ctypes.c_int64),
        message, _MESSAGE_SIZE)
    _check(status, message)
    return slots, ranks, counts


def optimal(loads, slots_per_device, *, speeds=None, nodes=1, groups=0, current=None, max_copies=-1):
    """The slots' experts, and each layer's balance and its bound."""
    layers, experts = loads.shape
    sizes = np.ascontiguousarray(slots_per_device, dtype=np.int64)
    total = int(sizes.sum())
    if speeds is not None:
        speeds = np.ascontiguousarray(speeds, dtype=np.float64)
        if speeds.shape != sizes.shape:
            raise BalanceError(f"{speeds.size} speeds for {sizes.size} devices: give one each")
    if current is not None:
        current = np.ascontiguousarray(current, dtype=np.int64)
        if current.shape != (layers, total):
            raise BalanceError(f"the current placement is {current.shape}, not {(layers, total)}")
    slots = np.empty((layers, max(total, 0)), dtype=np.int64)
    balances = np.empty(layers)
    bounds = np.empty(layers)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_balance_optimal(
        _pointer(loads, ctypes.c_double), layers, experts, _pointer(sizes, ctypes.c_int64),
        _pointer(speeds, ctypes.c_double), sizes.size, nodes, groups, _pointer(current, ctypes.c_int64), max_copies,
        _pointer(slots, ctypes.c_int64), _pointer(balances, ctypes.c_double), _pointer(bounds, ctypes.c_double),
        message, _MESSAGE_SIZE)
    _check(status, message)
    return slots, balances, bounds


def _row(slots, slots_per_device, speeds):
    slots = np.ascontiguousarray(slots, dtype=np.int64)
    sizes = np.ascontiguousarray(slots_per_device, dtype=np.int64)
    if slots.ndim != 1 or sizes.ndim != 1 or sizes.size == 0 or sizes.min() < 0 or sizes.sum() != slots.size:
        raise BalanceError(f"{slots.shape} slots for devices of {sizes.tolist()}: give as many in one row")
    if speeds is not None:
        speeds = np.ascontiguousarray(speeds, dtype=np.float64)
        if speeds.shape != sizes.shape:
            raise BalanceError(f"{speeds.size} speeds for {sizes.size} devices: give one each")
    return slots, sizes, speeds


def split_tokens(slots, slots_per_device, loads, *, speeds=None, whole=False):
    """Each slot's tokens, and the longest time of a device."""
    slots, sizes, speeds = _row(slots, slots_per_device, speeds)
    loads = np.ascontiguousarray(loads, dtype=np.float64)
    if loads.ndim != 1:
        raise BalanceError(f"loads have {loads.ndim} dimensions: give one load for each expert")
    tokens = np.zeros(slots.size)
    longest = np.zeros(1)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_split_tokens(
        _pointer(slots, ctypes.c_int64), _pointer(sizes, ctypes.c_int64), sizes.size,
        _pointer(loads, ctypes.c_double), loads.size, _pointer(speeds, ctypes.c_double), int(whole),
        _pointer(tokens, ctypes.c_double), _pointer(longest, ctypes.c_double), message, _MESSAGE_SIZE)
    _check(status, message)
    return tokens, float(longest[0])


def split_tokens_locally(slots, slots_per_device, loads, *, speeds=None, slack=0.0):
    """Each slot's tokens from each node, the longest time of a device, and the part of all tokens that stay on their node."""
    slots, sizes, speeds = _row(slots, slots_per_device, speeds)
    loads = np.ascontiguousarray(loads, dtype=np.float64)
    if loads.ndim != 2:
        raise BalanceError(f"loads have {loads.ndim} dimensions: give nodes x experts")
    nodes, experts = loads.shape
    tokens = np.zeros((nodes, slots.size))
    longest = np.zeros(1)
    share = np.zeros(1)
    message = ctypes.create_string_buffer(_MESSAGE_SIZE)
    status = _library.contraflow_split_tokens_locally(
        _pointer(slots, ctypes.c_int64), _pointer(sizes, ctypes.c_int64), sizes.size, nodes,
        _pointer(loads, ctypes.c_double), experts, _pointer(speeds, ctypes.c_double), float(slack),
        _pointer(tokens, ctypes.c_double), _pointer(longest, ctypes.c_double), _pointer(share, ctypes.c_double),
        message, _MESSAGE_SIZE)
    _check(status, message)
    return tokens, float(longest[0]), float(share[0])
