"""Tests of ``python -m contraflow.tokenize``. Skipped where its packages are not installed."""

import array
import bz2
import gzip
import hashlib
import json
import lzma
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import tokenizers
except ImportError:
    tokenizers = None

END = "<|endoftext|>"
TEXTS = ["To be, or not to be, that is the question.", "Ein süßes ß, 語, and 👩‍🚀!", "  spaces\n\nand lines\r\n", "a"]


def bpe(special=(END,), size=400):
    """Returns a byte-level BPE tokenizer that is trained on the texts."""
    level = tokenizers.pre_tokenizers.ByteLevel
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = level(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.train_from_iterator(TEXTS, tokenizers.trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(special), initial_alphabet=level.alphabet(), show_progress=False))
    return tokenizer


class Result:
    def __init__(self, *arguments, environment=None, program=("-m", "contraflow.tokenize")):
        done = subprocess.run(
            [sys.executable, *program, *map(str, arguments)], capture_output=True, timeout=120,
            env={**os.environ, **(environment or {})})
        self.code, self.output, self.errors = done.returncode, done.stdout.decode(), done.stderr.decode()


@unittest.skipIf(tokenizers is None, "needs tokenizers: pip install 'contraflow[tokenize]'")
class TokenizeTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tokenizer = bpe()
        self.file = self.folder / "tokenizer.json"
        self.tokenizer.save(str(self.file))
        self.tokens = self.folder / "tokens"

    def tokenize(self, *arguments, output=None, **options):
        return Result("--tokenizer", self.file, "--processes", 1, *arguments, "-o", output or self.tokens, **options)

    def lines(self, name, texts, field="text"):
        path = self.folder / name
        path.write_text("".join(json.dumps({"id": i, field: text}) + "\n" for i, text in enumerate(texts)))
        return path

    def expected(self, texts):
        ids = []
        for text in texts:
            ids += self.tokenizer.encode(text, add_special_tokens=False).ids + [self.tokenizer.token_to_id(END)]
        return ids

    def read(self, folder=None):
        folder = folder or self.tokens
        description = json.loads((folder / "tokens.json").read_text())
        ids = array.array("H" if description["dtype"] == "uint16" else "I")
        for shard in description["shards"]:
            data = (folder / shard["file"]).read_bytes()
            self.assertEqual(len(data), shard["tokens"] * ids.itemsize)
            ids.frombytes(data)
        if sys.byteorder == "big":
            ids.byteswap()
        self.assertEqual(len(ids), description["tokens"])
        self.assertEqual(sum(shard["documents"] for shard in description["shards"]), description["documents"])
        return description, list(ids)

    def digest(self, folder):
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}

    def assertFails(self, result, *parts, code=1):
        self.assertEqual(result.code, code, result.errors)
        for part in parts:
            self.assertIn(part, result.errors)
        self.assertTrue(result.errors.splitlines()[-1 if code == 1 else -2].startswith("Error: "), result.errors)
        self.assertNotIn("Traceback", result.errors)

    def test_every_format_gives_the_tokens_of_the_tokenizer_and_an_end_token_per_document(self):
        plain = self.lines("a.jsonl", TEXTS).read_bytes()
        packed = {"a.jsonl.gz": gzip.compress, "a.ndjson.bz2": bz2.compress, "a.json.xz": lzma.compress}
        for name, compress in packed.items():
            # Two members, as after `cat a.gz b.gz`.
            half = plain.index(b"\n") + 1
            (self.folder / name).write_bytes(compress(plain[:half]) + compress(plain[half:]))
        names = ["a.jsonl", *packed]
        try:
            import zstandard
            half = zstandard.compress(plain[:20]) + zstandard.compress(plain[20:])
            (self.folder / "a.jsonl.zst").write_bytes(half)
            names.append("a.jsonl.zst")
        except ImportError:
            pass
        try:
            import pyarrow
            import pyarrow.parquet
            table = pyarrow.table({"id": [0, 1, 2, 3], "text": TEXTS})
            pyarrow.parquet.write_table(table, self.folder / "a.parquet", row_group_size=3)
            names.append("a.parquet")
        except ImportError:
            pass
        for name in names:
            with self.subTest(name):
                folder = self.folder / f"tokens-{name}"
                result = self.tokenize(self.folder / name, output=folder)
                self.assertEqual(result.code, 0, result.errors)
                description, ids = self.read(folder)
                self.assertEqual(ids, self.expected(TEXTS))
                self.assertEqual(description["documents"], 4)

    def test_a_text_file_is_one_document_with_its_line_breaks_and_without_its_byte_order_mark(self):
        texts = self.folder / "texts"
        (texts / "inner").mkdir(parents=True)
        (texts / "b.txt").write_bytes("\ufeffone\r\n\r\ntwo\n".encode())
        (texts / "a.txt").write_bytes(b"first")
        (texts / "inner/c.txt").write_bytes(b"last")
        (texts / "README").write_bytes(b"not a text to train on")
        (texts / ".hidden.txt").write_bytes(b"hidden")
        result = self.tokenize(texts)
        self.assertEqual(result.code, 0, result.errors)
        self.assertEqual(self.read()[1], self.expected(["first", "one\r\n\r\ntwo\n", "last"]))
        self.assertIn("1 file without a known suffix is left out", result.errors)

    def test_the_description_says_what_the_tokens_are(self):
        self.tokenize(self.lines("a.jsonl", [*TEXTS, ""], field="content"), "--json-keys", "content")
        description, ids = self.read()
        self.assertTrue(description["complete"])
        self.assertEqual(description["vocab_size"], max(self.tokenizer.get_vocab().values()) + 1)
        self.assertEqual((description["end_token"], description["end_token_id"]), (END, 0))
        self.assertEqual((description["documents"], description["empty_documents"]), (4, 1))
        self.assertEqual(description["tokenizer_sha256"], hashlib.sha256(self.file.read_bytes()).hexdigest())
        self.assertEqual((self.tokens / "tokenizer.json").read_bytes(), self.file.read_bytes())
        self.assertLess(max(ids), description["vocab_size"])

    def test_large_vocabularies_are_written_in_four_bytes(self):
        words = {f"w{i}": i for i in range(70_000)} | {END: 70_000}
        self.tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="w0"))
        self.tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
        self.tokenizer.save(str(self.file))
        result = self.tokenize(self.lines("a.jsonl", ["w69999 w1"]))
        self.assertEqual(result.code, 0, result.errors)
        description, ids = self.read()
        self.assertEqual((description["dtype"], ids), ("uint32", [69_999, 1, 70_000]))

    def test_the_result_does_not_depend_on_the_number_of_processes(self):
        files = [self.lines(f"{i}.jsonl", [f"{text} {i} {j}" for j in range(200) for text in TEXTS]) for i in range(3)]
        digests = []
        for processes in (1, 3):
            folder = self.folder / f"tokens-{processes}"
            result = self.tokenize(*files, "--shard-tokens", 5000, "--processes", processes, output=folder)
            self.assertEqual(result.code, 0, result.errors)
            digests.append(self.digest(folder))
        self.assertGreater(len(digests[0]), 5)
        self.assertEqual(digests[0], digests[1])

    def test_a_killed_command_goes_on_and_gives_the_same_bytes(self):
        texts = [f"{text} {j}" for j in range(2000) for text in TEXTS]
        packed = self.folder / "b.jsonl.gz"
        packed.write_bytes(gzip.compress(self.lines("b.jsonl", texts).read_bytes()))
        (self.folder / "c.txt").write_text("a last document")
        inputs = [self.lines("a.jsonl", texts), packed, self.folder / "c.txt"]
        options = ["--shard-tokens", 20_000]
        whole = self.folder / "whole"
        start = time.monotonic()
        self.assertEqual(self.tokenize(*inputs, *options, output=whole).code, 0)
        duration = time.monotonic() - start
        command = [
            sys.executable, "-m", "contraflow.tokenize", "--tokenizer", str(self.file), *map(str, inputs),
            *map(str, options), "-o", str(self.tokens), "--processes", "2"]
        kills = 0
        for attempt in range(200):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            try:
                _, errors = process.communicate(timeout=duration * (0.25 + 0.1 * attempt))
                self.assertEqual(process.returncode, 0, errors)
                break
            except subprocess.TimeoutExpired:
                process.send_signal([signal.SIGKILL, signal.SIGTERM, signal.SIGINT][attempt % 3])
                process.communicate()
                kills += 1
        self.assertGreater(kills, 0)
        self.assertEqual(self.digest(self.tokens), self.digest(whole))

    def test_a_complete_folder_is_left_as_it_is(self):
        source = self.lines("a.jsonl", TEXTS)
        self.tokenize(source)
        before = self.digest(self.tokens)
        self.assertEqual(self.tokenize(source).code, 0)
        self.assertEqual(self.digest(self.tokens), before)

    def test_a_folder_of_other_tokens_is_refused(self):
        source = self.lines("a.jsonl", TEXTS)
        self.tokenize(source)
        self.assertFails(self.tokenize(self.lines("b.jsonl", TEXTS)), "holds tokens of other inputs")
        self.assertFails(self.tokenize(source, "--shard-tokens", 7), "holds tokens of other options")
        bpe(size=300).save(str(self.file))
        self.assertFails(self.tokenize(source), "holds tokens of another tokenizer")
        self.assertFails(self.tokenize(source, output=self.folder), "has other files, such as a.jsonl")

    def test_a_command_that_has_finished_no_shard_can_be_changed(self):
        source = self.lines("a.jsonl", ["x", None])
        self.assertFails(self.tokenize(source), "a.jsonl, line 2")
        self.assertEqual(self.tokenize(self.lines("b.jsonl", TEXTS)).code, 0)
        self.assertEqual(self.read()[1], self.expected(TEXTS))

    def test_a_command_that_met_a_broken_record_goes_on_with_skip_broken(self):
        source = self.lines("a.jsonl", [*TEXTS * 50, None, *TEXTS])
        self.assertFails(self.tokenize(source, "--shard-tokens", 100), "a.jsonl, line 201")
        result = self.tokenize(source, "--shard-tokens", 100, "--skip-broken")
        self.assertIn("goes on after", result.errors)
        description, ids = self.read()
        self.assertEqual((ids, description["broken_records"]), (self.expected(TEXTS * 51), 1))

    def test_changed_inputs_and_damaged_shards_do_not_go_on(self):
        source = self.lines("a.jsonl", [*TEXTS * 50, "a"])
        broken = self.folder / "b.jsonl"
        broken.write_text("{")
        self.assertFails(self.tokenize(source, broken, "--shard-tokens", 100), "b.jsonl, line 1")
        self.assertFalse(json.loads((self.tokens / "tokens.json").read_text())["complete"])
        os.utime(source, ns=(1, 1))
        self.assertFails(self.tokenize(source, broken, "--shard-tokens", 100), "the inputs have changed")
        complete = self.folder / "complete"
        self.tokenize(source, output=complete)
        (complete / "tokens-00000.bin").write_bytes(b"12")
        self.assertFails(self.tokenize(source, output=complete), "tokens-00000.bin is missing or damaged")

    def test_broken_records_are_refused_with_file_and_line_or_counted(self):
        cases = {
            "not JSON": b"{\"text\": 1", "not a JSON object": b"3", "no field 'text', but body": b"{\"body\": \"x\"}",
            "'text' is null": b"{\"text\": null}", "'text' is list": b"{\"text\": [1]}",
            "half of a surrogate pair": b"{\"text\": \"\\ud800\"}", "byte 1 is not UTF-8": b"\"\xff\"",
        }
        for reason, line in cases.items():
            with self.subTest(reason):
                source = self.folder / "a.jsonl"
                source.write_bytes(b"{\"text\": \"x\"}\n\n" + line + b"\n{\"text\": \"y\"}\n")
                folder = self.folder / reason.replace(" ", "-")
                self.assertFails(self.tokenize(source, output=folder), f"{source}, line 3: ", reason)
                folder = self.folder / "skipped" / reason.replace(" ", "-")
                result = self.tokenize(source, "--skip-broken", output=folder)
                self.assertEqual(result.code, 0, result.errors)
                self.assertIn("1 broken record is left out", result.errors)
                description, ids = self.read(folder)
                self.assertEqual((ids, description["broken_records"]), (self.expected(["x", "y"]), 1))

    def test_files_that_are_no_text_are_refused(self):
        def file(name, data):
            (self.folder / name).write_bytes(data)
            return self.folder / name

        cases = [
            (file("a.txt", b"a\0b"), "zero byte"), (file("b.txt", b"\xff\xfea"), "not UTF-8"),
            (file("c.csv", b"a,b"), "convert it to JSON lines"), (file("d.json", b"[\n{}]"), "jq -c '.[]'"),
            (file("e.jsonl.gz", gzip.compress(b"{\"text\": \"a\"}\n" * 99)[:-9]), "e.jsonl.gz: after record"),
            (file("f.jsonl.gz", b"{}"), "f.jsonl.gz: after record 0"), (self.folder / "nowhere*", "does not exist"),
            (file("g.txt", b""), "there is no document with text"),
        ]
        for number, (path, reason) in enumerate(cases):
            with self.subTest(path.name):
                self.assertFails(self.tokenize(path, output=self.folder / f"out{number}"), path.name, reason)

    def test_parquet_is_read_by_column(self):
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            self.skipTest("needs pyarrow")
        path = self.folder / "a.parquet"
        pyarrow.parquet.write_table(pyarrow.table({"body": ["x", None]}), path)
        self.assertFails(self.tokenize(path), "has no column 'text', but body")
        self.assertFails(self.tokenize(path, "--field", "body"), "a.parquet, row 2: 'body' is null")
        path.write_bytes(path.read_bytes()[:-20])
        self.assertFails(self.tokenize(path, output=self.folder / "damaged"), "a.parquet: after record 0")

    def test_the_end_token_is_found_or_has_to_be_chosen(self):
        source = self.lines("a.jsonl", ["a"])
        for special, configured, end in [
            (("</s>",), None, "</s>"), (("<｜end▁of▁sentence｜>", "<x>"), None, "<｜end▁of▁sentence｜>"),
            (("<stop>",), "<stop>", "<stop>"), (("<|end_of_text|>",), "<|end_of_text|>", "<|end_of_text|>"),
            ((END, "</s>"), None, None), ((END, "<|im_end|>"), "<|im_end|>", None), (("<pad>",), None, None),
        ]:
            with self.subTest(special=special, configured=configured):
                bpe(special).save(str(self.file))
                if configured:
                    config = {"eos_token": {"content": configured}}
                    (self.folder / "tokenizer_config.json").write_text(json.dumps(config))
                folder = self.folder / "".join(c for c in repr((special, configured)) if c.isalnum())
                result = self.tokenize(source, output=folder)
                if end:
                    self.assertEqual(result.code, 0, result.errors)
                    self.assertEqual(self.read(folder)[0]["end_token"], end)
                else:
                    self.assertFails(result, "the end token of", "is unclear: give --end-token: one of", special[0])
                    self.assertEqual(self.tokenize(source, "--end-token", special[0], output=folder).code, 0)
                (self.folder / "tokenizer_config.json").unlink(missing_ok=True)
        self.assertFails(self.tokenize(source, "--end-token", "<no>", output=self.folder / "z"), "'<no>' is not in")

    def test_special_tokens_in_a_text_do_not_end_a_document(self):
        source = self.lines("a.jsonl", [f"a{END}b"])
        self.tokenize(source)
        self.assertEqual(self.read()[1].count(0), 1)
        parsed = self.folder / "parsed"
        self.tokenize(source, "--parse-special", output=parsed)
        self.assertEqual(self.read(parsed)[1].count(0), 2)

    def test_truncation_padding_and_templates_of_the_tokenizer_are_not_used(self):
        plain = self.expected(TEXTS)
        self.tokenizer.enable_truncation(3)
        self.tokenizer.enable_padding(length=64)
        self.tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
            single=f"{END} $A {END}", special_tokens=[(END, 0)])
        self.tokenizer.save(str(self.file))
        self.tokenize(self.lines("a.jsonl", TEXTS))
        self.assertEqual(self.read()[1], plain)

    def test_usage_errors_are_one_line_and_a_hint(self):
        for arguments, reason in [
            ([], "required: INPUT"), (["a.txt", "--processes", "0"], "'0' is not a whole number of at least 1"),
            (["a.txt", "--feild", "x"], "unrecognized arguments: --feild x"),
        ]:
            result = self.tokenize(*arguments) if arguments else Result()
            self.assertFails(result, reason, "--help'", code=64)
            self.assertEqual(len(result.errors.splitlines()), 2)
        self.assertFails(Result("--tokenizer", "gpt2", "a.txt", "-o", self.tokens), "--tokenizer gpt2 does not exist")

    def test_a_missing_package_is_named(self):
        run = (
            "import sys; sys.modules['{}'] = None; from contraflow.tokenize.command import main; sys.exit(main())")
        for package, name in [("tokenizers", "a.txt"), ("pyarrow", "a.parquet"), ("zstandard", "a.jsonl.zst")]:
            if package == "zstandard" and sys.version_info >= (3, 14):
                continue
            with self.subTest(package):
                (self.folder / name).write_bytes(b"text")
                module = "pyarrow.parquet" if package == "pyarrow" else package
                result = self.tokenize(self.folder / name, program=("-c", run.format(module)))
                self.assertFails(result, f"needs {package}: pip install 'contraflow[tokenize]'")

    def test_the_shared_library_is_not_loaded(self):
        result = self.tokenize(
            self.lines("a.jsonl", TEXTS), environment={"CONTRAFLOW_LIBRARY": str(self.folder / "none.so")})
        self.assertEqual(result.code, 0, result.errors)


if __name__ == "__main__":
    unittest.main()
