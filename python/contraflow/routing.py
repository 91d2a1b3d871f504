"""Which replica serves which tokens."""

from contraflow._library import split_tokens, split_tokens_locally

__all__ = ["split_tokens", "split_tokens_locally"]
