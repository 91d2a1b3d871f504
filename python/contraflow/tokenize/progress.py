"""The progress on standard error: one line that changes on a terminal, a line every half minute elsewhere."""

from __future__ import annotations

import sys
import time


class Progress:
    """The progress of reading ``total`` bytes, ``done`` of which were read by an earlier process."""

    def __init__(self, total: int, done: int) -> None:
        self._total = max(total, 1)
        self._start_bytes = done
        self._start_tokens = 0
        self._start = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._interval = 0.2 if self._is_terminal else 30.0
        self._next = self._start + self._interval

    def show(self, done: int, documents: int, tokens: int) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._interval
        seconds = now - self._start
        left = seconds * (self._total - done) / max(done - self._start_bytes, 1)
        minutes, rest = divmod(int(left), 60)
        hours, minutes = divmod(minutes, 60)
        line = (
            f"{hours}:{minutes:02}:{rest:02} left, {100 * done // self._total} %, {documents} document{'' if documents == 1 else 's'}, "
            f"{tokens} tokens, {(tokens - self._start_tokens) / seconds:,.0f} tokens/s")
        print(f"\r\x1b[K{line}" if self._is_terminal else line, end="" if self._is_terminal else "\n",
              file=sys.stderr, flush=True)

    def begin(self, tokens: int) -> None:
        """Sets the tokens that an earlier process made."""
        self._start_tokens = tokens

    def end(self) -> None:
        """Removes the changing line."""
        if self._is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
