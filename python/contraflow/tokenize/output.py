"""The folder of token files: shards, and their description in tokens.json."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from typing import IO, Any, Dict, List, NamedTuple, Optional

from contraflow.tokenize.errors import TokenizeError

DESCRIPTION = "tokens.json"
TOKENIZER = "tokenizer.json"
VERSION = 1


class Position(NamedTuple):
    """A place in the inputs: the index of a file, and the number of its records before the place."""

    input: int = 0
    records: int = 0


class TokenFolder:
    """The writer of a folder. Each finished shard is in the description, from which the same command goes on."""

    def __init__(self, path: str, identity: Dict[str, Any], modified: str, tokenizer: str) -> None:
        """Creates the folder, or opens it if it holds tokens of the same inputs, tokenizer and options.

        Args:
            identity: The fields of the description that say what the tokens were made from.
            modified: A digest of the inputs' times, which must be the same if the command goes on.
            tokenizer: The path of the tokenizer.json to copy.
        """
        self.path = path
        os.makedirs(path, exist_ok=True)
        self._lock()
        self.description: Dict[str, Any] = {
            "version": VERSION, "complete": False, **identity, "documents": 0, "tokens": 0, "empty_documents": 0,
            "broken_records": 0, "shards": [], "progress": {"inputs_modified": modified, "input": 0, "records": 0}}
        found = self._found()
        # A folder without a finished shard has nothing to go on from.
        if found is not None and (found["shards"] or found["complete"]):
            self._check(found, identity, modified)
            self.description = found
        else:
            copy = os.path.join(path, TOKENIZER)
            if not (os.path.exists(copy) and os.path.samefile(tokenizer, copy)):
                shutil.copyfile(tokenizer, copy)
            self._save()
        self.width = 2 if identity["dtype"] == "uint16" else 4
        self.totals = {name: self.description[name] for name in _TOTALS}
        self._shard: Optional[IO[bytes]] = None
        self._shard_start = dict(self.totals)

    @property
    def is_complete(self) -> bool:
        return bool(self.description["complete"])

    @property
    def position(self) -> Position:
        """The place from which to go on."""
        progress = self.description["progress"]
        return Position(progress["input"], progress["records"])

    @property
    def shards(self) -> List[Dict[str, Any]]:
        return self.description["shards"]  # type: ignore[no-any-return]

    def count(self, name: str) -> None:
        """Counts a record without tokens: ``empty_documents`` or ``broken_records``."""
        self.totals[name] += 1

    def add(self, tokens: bytes) -> None:
        """Appends a document to the current shard."""
        if self._shard is None:
            self._shard = open(self._partial, "wb", buffering=1 << 20)
        self._shard.write(tokens)
        self.totals["documents"] += 1
        self.totals["tokens"] += len(tokens) // self.width

    @property
    def shard_tokens(self) -> int:
        """The number of tokens of the current shard so far."""
        return int(self.totals["tokens"] - self._shard_start["tokens"])

    def finish_shard(self, position: Position) -> None:
        """Writes the current shard and the place after it, so that nothing before the place is read again."""
        if self._shard is not None:
            self._shard.flush()
            os.fsync(self._shard.fileno())
            self._shard.close()
            self._shard = None
            name = f"tokens-{len(self.shards):05}.bin"
            os.replace(self._partial, os.path.join(self.path, name))
            change = {key: self.totals[key] - self._shard_start[key] for key in ("documents", "tokens")}
            self.shards.append({"file": name, **change})
        self._shard_start = dict(self.totals)
        self.description.update(self.totals)
        self.description["progress"].update(position._asdict())
        self._save()

    def finish(self) -> None:
        """Marks the folder as complete."""
        self.description["complete"] = True
        del self.description["progress"]
        self._save()

    @property
    def _partial(self) -> str:
        return os.path.join(self.path, ".unfinished.bin")

    def _save(self) -> None:
        path = os.path.join(self.path, "." + DESCRIPTION)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.description, file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(path, os.path.join(self.path, DESCRIPTION))

    def _lock(self) -> None:
        """Keeps other processes from writing to the folder as long as this one lives."""
        self._folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TokenizeError(f"another process writes to {self.path}: wait for its end") from None
        except OSError:
            # A file system without locks.
            pass

    def _found(self) -> Optional[Dict[str, Any]]:
        try:
            with open(os.path.join(self.path, DESCRIPTION), encoding="utf-8") as file:
                found = json.load(file)
            if found["version"] != VERSION:
                raise TokenizeError(
                    f"{self.path}/{DESCRIPTION} has version {found['version']}, not {VERSION}: give another -o")
            return found  # type: ignore[no-any-return]
        except FileNotFoundError:
            pass
        except (ValueError, KeyError, TypeError):
            raise TokenizeError(f"{self.path}/{DESCRIPTION} is damaged: remove the folder") from None
        others = [name for name in os.listdir(self.path) if name not in (TOKENIZER, "." + DESCRIPTION)]
        if others:
            raise TokenizeError(
                f"{self.path} has other files, such as {min(others)}: give a new or an empty folder with -o")
        return None

    def _check(self, found: Dict[str, Any], identity: Dict[str, Any], modified: str) -> None:
        names = {"tokenizer_sha256": "another tokenizer", "inputs": "other inputs", "options": "other options"}
        for key, value in identity.items():
            if found.get(key) != value:
                what = names.get(key, f"another {key}")
                raise TokenizeError(f"{self.path} holds tokens of {what}: give another folder with -o, or remove it")
        if not found["complete"] and found["progress"]["inputs_modified"] != modified:
            raise TokenizeError(f"the inputs have changed since {self.path} was begun: remove the folder to begin again")
        width = 2 if found["dtype"] == "uint16" else 4
        for shard in found["shards"]:
            path = os.path.join(self.path, shard["file"])
            if not os.path.exists(path) or os.path.getsize(path) != shard["tokens"] * width:
                raise TokenizeError(f"{path} is missing or damaged: remove {self.path} to begin again")


_TOTALS = ("documents", "tokens", "empty_documents", "broken_records")


def file_digest(path: str) -> str:
    """Returns the SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def text_digest(lines: List[str]) -> str:
    """Returns the SHA-256 of lines."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
