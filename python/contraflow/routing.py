"""Splits of the tokens of a batch among the replicas of their experts."""

from contraflow._library import split_tokens, split_tokens_locally

__all__ = ["split_tokens", "split_tokens_locally"]
