"""Expert-parallel load balancing: drop-in modules over Contraflow's shared library.

``contraflow.eplb`` has the interface of DeepSeek's EPLB, and ``contraflow.vllm`` the interface of vLLM's policies.
``contraflow.balancing`` makes placements close to the best possible and replays recorded loads. ``contraflow.routing``
splits the tokens of a batch among replicas.
"""

import importlib.metadata

from contraflow._library import BalanceError

__all__ = ["BalanceError", "__version__", "balancing", "eplb", "routing", "vllm"]

#: The version of the wheel, which is the version of the ``contraflow`` command.
__version__: str

try:
    __version__ = importlib.metadata.version("contraflow")
except importlib.metadata.PackageNotFoundError:
    # The package is imported from its source folder, without metadata.
    __version__ = "0+unknown"
