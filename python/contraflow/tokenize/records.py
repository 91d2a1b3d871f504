"""The records of input files, in order, in batches for the processes that encode them.

A record is a text file, a line of JSON or a row of Parquet. It becomes one document, or none if it is blank.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any, Iterator, List, NamedTuple, Optional, Sequence, Union

from contraflow.tokenize.errors import BrokenRecord, TokenizeError, missing
from contraflow.tokenize.inputs import LINES, PARQUET, TEXT, Input

BATCH_RECORDS = 512
BATCH_BYTES = 1 << 20

Record = Union[bytes, str, None]


class Batch(NamedTuple):
    """Consecutive records of one file."""

    #: The index of the file.
    input: int
    #: The number of records of the file before these.
    start: int
    format: str
    records: List[Record]
    #: The bytes of the file that are read so far, for the progress.
    position: int

    def place(self, path: str, record: int) -> str:
        """Returns the place of a record for messages."""
        number = self.start + record + 1
        return {TEXT: path, LINES: f"{path}, line {number}", PARQUET: f"{path}, row {number}"}[self.format]


def batches(inputs: Sequence[Input], field: str, first: int = 0, skipped: int = 0) -> Iterator[Batch]:
    """Yields all records from record ``skipped`` of file ``first`` on."""
    for index in range(first, len(inputs)):
        start = skipped if index == first else 0
        yield from _cut(index, start, inputs[index], field)


def _cut(index: int, start: int, input: Input, field: str) -> Iterator[Batch]:
    pending: List[Record] = []
    size = 0
    position = 0
    try:
        for record, position in _records(input, field, start):
            pending.append(record)
            size += len(record or "")
            if len(pending) == BATCH_RECORDS or size >= BATCH_BYTES:
                yield Batch(index, start, input.format, pending, position)
                start += len(pending)
                pending, size = [], 0
    except (EOFError, OSError, ValueError) as error:
        raise TokenizeError(f"{input.path}: after record {start + len(pending)}: {error}") from error
    except Exception as error:
        # zlib, lzma, zstandard and pyarrow have errors of their own for damaged files.
        if isinstance(error, TokenizeError) or type(error).__module__.split(".")[0] not in _READERS:
            raise
        raise TokenizeError(f"{input.path}: after record {start + len(pending)}: {error}: is it damaged?") from error
    if pending:
        yield Batch(index, start, input.format, pending, position)


_READERS = {"zlib", "gzip", "lzma", "_lzma", "zstd", "zstandard", "compression", "pyarrow"}


def _records(input: Input, field: str, start: int) -> Iterator["tuple[Record, int]"]:
    if input.format == PARQUET:
        yield from _rows(input.path, field, start)
        return
    with open(input.path, "rb") as file, _decompressed(file, input.compression) as stream:
        if input.format == TEXT:
            if start == 0:
                yield stream.read(), file.tell()
            return
        for number, line in enumerate(stream):
            if number >= start:
                yield line, file.tell()


def _decompressed(file: IO[bytes], compression: str) -> IO[bytes]:
    if compression == ".gz":
        import gzip
        return gzip.open(file)  # type: ignore[return-value]
    if compression == ".bz2":
        import bz2
        return bz2.open(file)  # type: ignore[return-value]
    if compression == ".xz":
        import lzma
        return lzma.open(file)  # type: ignore[return-value]
    if compression == ".zst":
        return _zstd(file)
    return file


def _zstd(file: IO[bytes]) -> IO[bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd
        return zstd.open(file)  # type: ignore[no-any-return]
    try:
        import zstandard
    except ImportError:
        raise missing("zstandard", "reading .zst") from None
    import io
    reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=False)
    return io.BufferedReader(reader, 1 << 20)


def _rows(path: str, field: str, start: int) -> Iterator["tuple[Record, int]"]:
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise missing("pyarrow", "reading Parquet") from None
    size = os.path.getsize(path)
    with parquet.ParquetFile(path) as file:
        names = file.schema_arrow.names
        if field not in names:
            raise TokenizeError(f"{path} has no column '{field}', but {', '.join(names)}: give one with --field")
        total = max(file.metadata.num_rows, 1)
        row = 0
        for group in range(file.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            if row + count <= start:
                row += count
                continue
            for part in file.iter_batches(BATCH_RECORDS, row_groups=[group], columns=[field]):
                for value in part.column(0).to_pylist():
                    row += 1
                    if row > start:
                        yield value, size * row // total


def document(record: Record, format: str, field: str, is_first: bool) -> Optional[str]:
    """Returns the text of a record, or None for a blank line.

    Raises:
        BrokenRecord: The record has no text.
    """
    if format == PARQUET:
        return _checked(record, field)
    assert isinstance(record, bytes)
    try:
        text = record.decode("utf-8-sig" if is_first else "utf-8")
    except UnicodeDecodeError as error:
        raise BrokenRecord(f"byte {error.start} is not UTF-8") from None
    if format == TEXT:
        if "\0" in text:
            raise BrokenRecord("it has a zero byte, so it is not text")
        return text
    if not text.strip():
        return None
    return _checked(_field(text, field, is_first), field)


def _field(line: str, field: str, is_first: bool) -> Any:
    if is_first and line.lstrip().startswith("["):
        raise BrokenRecord("a list, not JSON lines: convert it with jq -c '.[]'")
    try:
        value = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BrokenRecord(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise BrokenRecord("not a JSON object")
    if field not in value:
        names = ", ".join(map(str, list(value)[:8])) or "no fields"
        raise BrokenRecord(f"it has no field '{field}', but {names}: give one with --field")
    return value[field]


def _checked(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise BrokenRecord(f"'{field}' is {'null' if value is None else type(value).__name__}, not a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BrokenRecord(f"'{field}' has half of a surrogate pair") from None
    return value
