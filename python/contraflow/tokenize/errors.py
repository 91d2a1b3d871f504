"""Errors for what a user can cause."""

from __future__ import annotations


class TokenizeError(Exception):
    """A problem with its file, its limit and its remedy, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split("\n")))


class BrokenRecord(Exception):
    """A line, row or text file that is not a document. ``--skip-broken`` counts these instead of ending."""


def missing(package: str, purpose: str) -> TokenizeError:
    """Returns the error for an optional package that is not installed."""
    return TokenizeError(f"{purpose} needs {package}: pip install 'contraflow[tokenize]' (or pip install {package})")
