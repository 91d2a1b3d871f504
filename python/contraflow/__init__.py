"""Expert-parallel load balancing: drop-in modules over Contraflow's library.

``contraflow.eplb`` has the interface of DeepSeek's EPLB, ``contraflow.vllm`` that of vLLM's policies;
``contraflow.routing`` splits a batch's tokens over replicas.
"""

from contraflow._library import BalanceError

__all__ = ["BalanceError", "eplb", "routing", "vllm"]
