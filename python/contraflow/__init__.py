"""Expert-parallel load balancing, and token files for training.

``contraflow.eplb`` has the interface of DeepSeek's EPLB, and ``contraflow.vllm`` the interface of vLLM's policies.
``contraflow.balancing`` makes placements close to the best possible and replays recorded loads. ``contraflow.routing``
splits the tokens of a batch among replicas. ``python -m contraflow.tokenize`` makes token files.
"""

import importlib.metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contraflow._library import BalanceError

__all__ = ["BalanceError", "__version__", "balancing", "eplb", "routing", "vllm"]

#: The version of the wheel, which is the version of the ``contraflow`` command.
__version__: str

try:
    __version__ = importlib.metadata.version("contraflow")
except importlib.metadata.PackageNotFoundError:
    # The package is imported from its source folder, without metadata.
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    # The shared library is loaded by what needs it, and ``contraflow.tokenize`` does not.
    if name == "BalanceError":
        from contraflow._library import BalanceError
        return BalanceError
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
