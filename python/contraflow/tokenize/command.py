"""The command ``python -m contraflow.tokenize``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import Any, Dict, List, NoReturn, Optional

from contraflow.tokenize import end_token
from contraflow.tokenize.encoder import Settings, encoded, load
from contraflow.tokenize.errors import BrokenRecord, TokenizeError
from contraflow.tokenize.inputs import Input, expand
from contraflow.tokenize.output import Position, TokenFolder, file_digest, text_digest
from contraflow.tokenize.progress import Progress
from contraflow.tokenize.records import batches

_PROGRAM = "python -m contraflow.tokenize"
_EXAMPLES = """\
Inputs are files, folders and patterns, in any mix:
  .txt, .text                text in UTF-8, one document per file; so is a named file with any other suffix
  .jsonl, .ndjson, .json     JSON lines, one document per line, in the field --field
  .parquet                   one document per row, in the column --field
Text and JSON lines may be compressed: .gz, .zst, .bz2, .xz.

The output folder holds tokens-*.bin (little-endian token ids), tokens.json (their description) and a copy of the
tokenizer. An interrupted command goes on from the last finished shard when it is run again, with the same result.

Examples:
  python -m contraflow.tokenize --tokenizer tokenizer.json books/ -o tokens/
  python -m contraflow.tokenize --tokenizer tokenizer.json 'c4/*.json.gz' --processes 16 -o c4-tokens/
  python -m contraflow.tokenize --tokenizer model/ wiki.parquet --field content --end-token '</s>' -o wiki-tokens/
  contraflow train --data tokens/

Packages: pip install 'contraflow[tokenize]' (tokenizers; pyarrow for Parquet; zstandard for .zst).
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(64, f"Error: {message}\nSee '{_PROGRAM} --help'.\n")


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 1")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=_PROGRAM, description="Make token files for 'contraflow train' with a Hugging Face tokenizer.",
        epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="a file, a folder, or a pattern in quotes")
    parser.add_argument(
        "--tokenizer", required=True, metavar="FILE", help="tokenizer.json of a Hugging Face model, or its folder")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="the folder of the token files")
    parser.add_argument(
        "--field", "--json-keys", default="text", metavar="NAME",
        help="field of JSON lines, or column of Parquet, with the text (default: text)")
    parser.add_argument(
        "--end-token", metavar="TOKEN",
        help="token after each document (default: the tokenizer's, such as <|endoftext|> or </s>)")
    parser.add_argument(
        "--parse-special", action="store_true",
        help="read special tokens in the text as such; by default they are ordinary text")
    parser.add_argument(
        "--skip-broken", action="store_true",
        help="count lines, rows and text files without a text instead of ending with an error")
    parser.add_argument(
        "--processes", type=_positive, default=_cores(), metavar="N",
        help="number of processes (default: one per core); the result does not depend on it")
    parser.add_argument(
        "--shard-tokens", type=_positive, default=100_000_000, metavar="N",
        help="tokens after which a shard ends with its document (default: 100000000)")
    return parser


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs the command and returns its exit code."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        _run(options)
        return 0
    except TokenizeError as error:
        print(f"Error: {error}", file=sys.stderr)
    except OSError as error:
        print(f"Error: {error.filename or options.output}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nInterrupted: the same command goes on from the last finished shard.", file=sys.stderr)
        return 130
    return 1


def _run(options: argparse.Namespace) -> None:
    path = _tokenizer_file(options.tokenizer)
    tokenizer = load(path, options.parse_special)
    token, token_id = end_token.find(tokenizer, path, options.end_token)
    # Identifiers may have gaps, so that the number of entries is not enough.
    vocabulary = max(tokenizer.get_vocab(with_added_tokens=True).values()) + 1
    inputs, left_out = expand(options.inputs)
    if left_out:
        kinds = "file without a known suffix is" if len(left_out) == 1 else "files without a known suffix are"
        print(f"note: {len(left_out)} {kinds} left out, such as {left_out[0]}: name it to take it", file=sys.stderr)
    settings = Settings(
        path, options.field, token_id, "uint16" if vocabulary <= 1 << 16 else "uint32", options.parse_special)
    sizes = [os.stat(input.path) for input in inputs]
    folder = TokenFolder(
        options.output, _identity(options, settings, token, vocabulary, inputs, [size.st_size for size in sizes]),
        text_digest([str(size.st_mtime_ns) for size in sizes]), path)
    if not folder.is_complete:
        _write(folder, settings, inputs, [size.st_size for size in sizes], options)
    _summarize(folder, options.output)


def _tokenizer_file(name: str) -> str:
    path = os.path.join(name, "tokenizer.json") if os.path.isdir(name) else name
    if not os.path.isfile(path):
        raise TokenizeError(f"--tokenizer {path} does not exist: give the tokenizer.json of a Hugging Face model")
    if path.endswith(".model"):
        raise TokenizeError(
            f"--tokenizer {path} is of SentencePiece: convert it with transformers: "
            "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)")
    return path


def _identity(
    options: argparse.Namespace, settings: Settings, token: str, vocabulary: int, inputs: List[Input], sizes: List[int]
) -> Dict[str, Any]:
    """Returns the fields of the description that say what the tokens are made from."""
    return {
        "tokenizer": "tokenizer.json",
        "tokenizer_sha256": file_digest(settings.tokenizer),
        "vocab_size": vocabulary,
        "dtype": settings.dtype,
        "end_token": token,
        "end_token_id": settings.end_token,
        "inputs": {
            "files": len(inputs),
            "bytes": sum(sizes),
            "sha256": text_digest([f"{size} {input.path}" for input, size in zip(inputs, sizes)]),
        },
        "options": {
            "field": options.field,
            "parse_special": options.parse_special,
            "shard_tokens": options.shard_tokens,
        },
    }


def _write(
    folder: TokenFolder, settings: Settings, inputs: List[Input], sizes: List[int], options: argparse.Namespace
) -> None:
    first, skipped = folder.position
    if folder.shards:
        shards = f"{len(folder.shards)} finished shard{'s' if len(folder.shards) > 1 else ''}"
        print(f"{options.output}: goes on after {shards}", file=sys.stderr)
    progress = Progress(sum(sizes), sum(sizes[:first]))
    progress.begin(folder.totals["tokens"])
    before = [0]
    for size in sizes:
        before.append(before[-1] + size)
    source = batches(inputs, options.field, first, skipped)
    try:
        for batch, results in encoded(settings, source, options.processes):
            for index, result in enumerate(results):
                if isinstance(result, BrokenRecord):
                    place = batch.place(inputs[batch.input].path, index)
                    if not options.skip_broken:
                        raise TokenizeError(f"{place}: {result}: mend it, or leave such records out by --skip-broken")
                    folder.count("broken_records")
                elif result:
                    folder.add(result)
                    if folder.shard_tokens >= options.shard_tokens:
                        folder.finish_shard(Position(batch.input, batch.start + index + 1))
                elif result is not None:
                    folder.count("empty_documents")
            progress.show(before[batch.input] + batch.position, folder.totals["documents"], folder.totals["tokens"])
    finally:
        progress.end()
    folder.finish_shard(Position(len(inputs), 0))
    if not folder.shards:
        raise TokenizeError(f"{', '.join(options.inputs)}: there is no document with text")
    folder.finish()


def _summarize(folder: TokenFolder, name: str) -> None:
    description = folder.description

    def counted(count: int, noun: str) -> str:
        return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

    for key, noun in (("broken_records", "broken record"), ("empty_documents", "empty document")):
        if description[key]:
            verb = "is" if description[key] == 1 else "are"
            print(f"note: {counted(description[key], noun)} {verb} left out", file=sys.stderr)
    print(
        f"{name}: {counted(description['documents'], 'document')}, {counted(description['tokens'], 'token')} as "
        f"{description['dtype']} in {counted(len(folder.shards), 'shard')}, vocabulary {description['vocab_size']}, "
        f"end token {description['end_token']}")
    print(f"Train on them: contraflow train --data {name}", file=sys.stderr)
