"""Encoding of documents, in this process or in several."""

from __future__ import annotations

import array
import collections
import concurrent.futures
import ctypes
import multiprocessing
import os
import signal
import sys
from typing import Any, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Union

from contraflow.tokenize.errors import BrokenRecord, TokenizeError, missing
from contraflow.tokenize.records import Batch, document


class Settings(NamedTuple):
    """What the tokens of a document depend on."""

    #: The path of the tokenizer.json.
    tokenizer: str
    field: str
    end_token: int
    #: ``uint16`` or ``uint32``.
    dtype: str
    #: Whether special tokens in the text are read as such.
    parses_special: bool


#: The tokens of a document, empty for a blank line or an empty text; or the reason why a record is broken.
Encoded = Union[bytes, BrokenRecord, None]


def load(path: str, parses_special: bool) -> Any:
    """Returns the tokenizer without truncation and padding, which some files ask for."""
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    try:
        import tokenizers
    except ImportError:
        raise missing("tokenizers", "the command") from None
    try:
        tokenizer = tokenizers.Tokenizer.from_file(path)
    except Exception as error:
        # The package raises plain exceptions.
        raise TokenizeError(f"{path} is not a tokenizer.json of Hugging Face: {error}") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = not parses_special
    return tokenizer


class Encoder:
    """The tokenizer in one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tokenizer = load(settings.tokenizer, settings.parses_special)

    def encode(self, batch: Batch) -> List[Encoded]:
        """Returns the tokens of each record, with the end token. None stands for a blank line."""
        results: List[Encoded] = []
        texts: List[str] = []
        places: List[int] = []
        for index, record in enumerate(batch.records):
            try:
                text = document(record, batch.format, self.settings.field, batch.start + index == 0)
            except BrokenRecord as error:
                results.append(error)
                continue
            results.append(None if text is None else b"")
            if text:
                texts.append(text)
                places.append(index)
        for place, encoding in zip(places, self.tokenizer.encode_batch(texts, add_special_tokens=False)):
            if encoding.ids:
                results[place] = self._packed(encoding.ids + [self.settings.end_token])
        return results

    def _packed(self, ids: List[int]) -> bytes:
        tokens = array.array("H" if self.settings.dtype == "uint16" else "I", ids)
        if sys.byteorder == "big":
            tokens.byteswap()
        return tokens.tobytes()


_encoder: Optional[Encoder] = None


def _begin(settings: Settings, parent: int) -> None:
    global _encoder
    if sys.platform == "linux":
        end_with_parent = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(end_with_parent, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    _encoder = Encoder(settings)


def _encode(batch: Batch) -> List[Encoded]:
    assert _encoder is not None
    return _encoder.encode(batch)


def encoded(
    settings: Settings, batches: Iterable[Batch], processes: int
) -> Iterator[Tuple[Batch, List[Encoded]]]:
    """Yields the batches in their order with the tokens of their records, whatever the number of processes."""
    if processes == 1:
        encoder = Encoder(settings)
        for batch in batches:
            yield batch, encoder.encode(batch)
        return
    pool = concurrent.futures.ProcessPoolExecutor(
        processes, multiprocessing.get_context("spawn"), _begin, (settings, os.getpid()))
    pending: "collections.deque[Tuple[Batch, concurrent.futures.Future[List[Encoded]]]]" = collections.deque()
    try:
        for batch in batches:
            # A new process inherits the mask: Ctrl-C ends this process alone, which ends the others.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            future = pool.submit(_encode, batch)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            pending.append((batch, future))
            # A few batches per process are read ahead.
            if len(pending) > 4 * processes:
                first, future = pending.popleft()
                yield first, future.result()
        while pending:
            first, future = pending.popleft()
            yield first, future.result()
    except concurrent.futures.process.BrokenProcessPool:
        raise TokenizeError(
            "a process has ended, perhaps for lack of memory: run the same command again, with fewer --processes"
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
