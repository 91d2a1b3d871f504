"""The input files: expansion of folders and patterns, and the format of each file."""

from __future__ import annotations

import glob
import os
from typing import List, NamedTuple, Sequence, Tuple

from contraflow.tokenize.errors import TokenizeError

TEXT, LINES, PARQUET = "text", "lines", "parquet"
COMPRESSIONS = (".gz", ".zst", ".bz2", ".xz")
FORMATS = {".txt": TEXT, ".text": TEXT, ".jsonl": LINES, ".ndjson": LINES, ".json": LINES, ".parquet": PARQUET}
# Formats that would be read as text by mistake.
FOREIGN = {".csv", ".tsv", ".arrow", ".bin", ".idx", ".npy", ".npz", ".zip", ".tar", ".tgz", ".html", ".pdf", ".pt"}


class Input(NamedTuple):
    """A file with documents."""

    path: str
    #: TEXT, LINES or PARQUET.
    format: str
    #: The suffix of the compression; empty if there is none.
    compression: str


def expand(names: Sequence[str]) -> Tuple[List[Input], List[str]]:
    """Returns the files that ``names`` stand for, in the order of the names, then of the paths.

    Folders are searched with their subfolders, without hidden files. A file that several names stand for is taken once.
    The second result is the files of folders that are left out, because they have no known suffix.
    """
    inputs: List[Input] = []
    left_out: List[str] = []
    seen = set()
    for name in names:
        for path in _paths(name):
            known = _suffixes(path)[0] in FORMATS
            if not known and path != name:
                left_out.append(path)
            elif os.path.realpath(path) not in seen:
                seen.add(os.path.realpath(path))
                inputs.append(_input(path))
    if not inputs:
        raise TokenizeError(f"{', '.join(names)}: no file ends in {', '.join(FORMATS)}: name the files themselves")
    return inputs, left_out


def _paths(name: str) -> List[str]:
    if os.path.isdir(name):
        return _files(name)
    if os.path.exists(name):
        return [name]
    matches = sorted(glob.glob(name, recursive=True))
    if not matches:
        raise TokenizeError(f"{name} does not exist: give a file, a folder or a pattern such as 'data/*.jsonl.gz'")
    return [path for match in matches for path in (_files(match) if os.path.isdir(match) else [match])]


def _files(folder: str) -> List[str]:
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(place, name) for name in files if not name.startswith(".")]
    if not found:
        raise TokenizeError(f"{folder} has no files")
    return sorted(found)


def _suffixes(path: str) -> Tuple[str, str]:
    """Returns the suffixes of the format and of the compression, in lower case."""
    stem, suffix = os.path.splitext(path.lower())
    return (os.path.splitext(stem)[1], suffix) if suffix in COMPRESSIONS else (suffix, "")


def _input(path: str) -> Input:
    suffix, compression = _suffixes(path)
    if suffix in FOREIGN:
        raise TokenizeError(f"{path} is neither text, JSON lines nor Parquet: convert it to JSON lines first")
    if not os.path.isfile(path):
        raise TokenizeError(f"{path} is not a regular file: copy it to a file first")
    format = FORMATS.get(suffix, TEXT)
    if format == PARQUET and compression:
        raise TokenizeError(f"{path}: Parquet is compressed inside: decompress the file first")
    return Input(path, format, compression)
