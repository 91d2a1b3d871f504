"""The end token, which follows each document."""

from __future__ import annotations

import json
import os
from typing import Any, Optional, Tuple

from contraflow.tokenize.errors import TokenizeError

#: The end tokens of GPT-2, GPT-NeoX and Qwen; Llama 1 and 2, Mistral and T5; Llama 3; DeepSeek; Gemma; and others.
USUAL = ("<|endoftext|>", "</s>", "<|end_of_text|>", "<｜end▁of▁sentence｜>", "<eos>", "<|eos|>", "[EOS]")


def find(tokenizer: Any, path: str, wanted: Optional[str]) -> Tuple[str, int]:
    """Returns the end token and its id.

    Without ``wanted``, it is the only usual end token of the vocabulary, or what the ``tokenizer_config.json`` beside
    the tokenizer says. If both exist and differ, the user has to choose: chat models end a turn, not a document.
    """
    if wanted is not None:
        number = tokenizer.token_to_id(wanted)
        if number is None:
            raise TokenizeError(f"--end-token '{wanted}' is not in the vocabulary of {path}{_choices(tokenizer)}")
        return wanted, number
    known = [token for token in USUAL if tokenizer.token_to_id(token) is not None]
    configured = _configured(path)
    if configured is not None and configured not in known and tokenizer.token_to_id(configured) is not None:
        known.append(configured)
    if len(known) != 1:
        raise TokenizeError(f"the end token of {path} is unclear: give --end-token{_choices(tokenizer, known)}")
    return known[0], tokenizer.token_to_id(known[0])


def _configured(path: str) -> Optional[str]:
    try:
        with open(os.path.join(os.path.dirname(path), "tokenizer_config.json"), encoding="utf-8") as file:
            token = json.load(file).get("eos_token")
    except (OSError, ValueError, AttributeError):
        return None
    token = token.get("content") if isinstance(token, dict) else token
    return token if isinstance(token, str) else None


def _choices(tokenizer: Any, known: "list[str]" = []) -> str:
    special = [token.content for _, token in sorted(tokenizer.get_added_tokens_decoder().items()) if token.special]
    choices = known or special[:8]
    return f": one of {', '.join(choices)}" if choices else ": the tokenizer has no special tokens"
