"""Text to tokens, training on them, and text again, with a tokenizer that Hugging Face's `tokenizers` trains here.

Also runs the tests of `python -m contraflow.tokenize`, which the wheel's own tests skip where the packages are missing.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from contraflow_run import COMMAND, contraflow
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoTokenizer, GenerationConfig

ROOT = pathlib.Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "python"), "CONTRAFLOW_PYTHON": sys.executable}
VOCABULARY = 1000


def main():
    subprocess.run([sys.executable, "-m", "unittest", "-q", "test_tokenize"], cwd=ROOT / "python/tests",
                   env=ENVIRONMENT, check=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        texts = folder / "texts"
        texts.mkdir()
        shakespeare = sorted((ROOT / "data/shakespeare").glob("*.txt"))
        for path in shakespeare or [ROOT / "README.md", *sorted((ROOT / "Documentation").glob("*.md"))]:
            (texts / f"{path.stem}.txt").write_bytes(path.read_bytes())
        tokenizer = make_tokenizer(texts, folder / "tokenizer.json")
        tokens = folder / "tokens"
        tokenize(folder, texts, tokens)

        run = train(folder / "runs", "--data", tokens)
        recipe = (run / "recipe.toml").read_text()
        expect(f"vocab_size = {VOCABULARY} " in recipe, "the vocabulary is that of the tokens")
        expect('dataset_format = "uint16"' in recipe, "the type is that of the tokens")
        first, *_, last = losses(run)
        expect(last < first - 0.5, f"the loss falls from {first:.2f} to {last:.2f}")
        check_text(run, tokenizer)
        check_numbers(run)

        # A mixture of two sources, interrupted and resumed, has the losses of one that is not.
        mixed = ["--data", tokens, "--data", tokens, "--training.dataset_weights", "0.7,0.3",
                 "--lr_scheduler.min_lr_factor", 1]
        whole = losses(train(folder / "runs", *mixed))
        part = train(folder / "runs", *mixed, "--steps", 11)
        contraflow("train", "--resume", part, "--steps", 20)
        expect(losses(part) == whole, "a mixture that is resumed has the same losses")
        other = losses(train(folder / "runs", *mixed, "--pp", 4, "--ep", 2, "--steps", 1))
        expect(abs(other[0] - whole[0]) < 1e-5, "another layout reads the same batch")


def make_tokenizer(texts, path):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train([str(path) for path in sorted(texts.iterdir())], trainer)
    tokenizer.save(str(path))
    return tokenizer


def tokenize(folder, texts, tokens):
    subprocess.run(
        [sys.executable, "-m", "contraflow.tokenize", "--tokenizer", folder / "tokenizer.json", texts, "-o", tokens],
        env=ENVIRONMENT, check=True)


def train(parent, *options):
    before = set(parent.iterdir()) if parent.exists() else set()
    contraflow("train", "--preset", "debug", "--pp", 2, "--ep", 1, "--job.dump_folder", parent, *options)
    (run,) = set(parent.iterdir()) - before
    return run


def losses(run):
    return [json.loads(line)["loss"] for line in (run / "metrics.jsonl").read_text().splitlines()]


def generate(run, *options, **environment):
    return subprocess.run(
        [COMMAND, "generate", run, "--tokens", "40", *options], capture_output=True, timeout=60,
        env={**ENVIRONMENT, **environment})


def check_text(run, tokenizer):
    """The text is what the tokenizer decodes from the tokens that the run prints without a tokenizer."""
    prompt = "ROMEO. Ein süßes 語 👩"
    done = generate(run, "--prompt", prompt)
    text = done.stdout.decode()
    expect(done.returncode == 0 and text.startswith(prompt) and not done.stderr, "generate continues a text")
    expect(generate(run, "--prompt", prompt).stdout == done.stdout, "generate repeats")
    ids = list(map(int, generate(run, "--prompt", "", CONTRAFLOW_PYTHON="/nowhere/python").stdout.split()))
    text = generate(run, "--prompt", "").stdout.decode()
    expect(text == tokenizer.decode(ids) + "\n", "the text is that of the tokens")
    opened = AutoTokenizer.from_pretrained(run / "weights")
    expect(opened(prompt).input_ids == tokenizer.encode(prompt).ids, "transformers opens the tokenizer of the weights")
    end = GenerationConfig.from_pretrained(run / "weights").eos_token_id
    expect(end == tokenizer.token_to_id("<|endoftext|>"), "the end token of the weights is that of the tokens")


def check_numbers(run):
    done = generate(run, "--prompt", "ROMEO.", CONTRAFLOW_PYTHON="/nowhere/python")
    ids = list(map(int, done.stdout.split()))
    expect(done.returncode == 0 and len(ids) == 40 and max(ids) < VOCABULARY, "without Python, tokens are numbers")
    expect(b"pip install tokenizers" in done.stderr, "a note says what to install")


def expect(holds, claim):
    if not holds:
        raise SystemExit(f"not so: {claim}")
    print(claim)


main()
