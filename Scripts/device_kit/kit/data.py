"""Seeded data to train on, since a bare machine has none."""
import random
import tomllib


def write_text(part):
    """Writes half a megabyte of random lower-case words."""
    file = part.folder / "text.txt"
    letters = random.Random(1).choices(b"abcdefghijklmnopqrstuvwxyz     \n", k=1 << 19)
    file.write_bytes(bytes(letters))
    return file


def model_to_train(part):
    """Returns the file of the part's recipe, the recipe, and the file of its tokens."""
    file = part.kit.recipe("small" if part.is_small else "one-billion")
    recipe = tomllib.loads(file.read_text())
    return file, recipe, write_tokens(part, recipe["model"]["vocab_size"])


def write_tokens(part, vocabulary):
    """Writes tokens as little-endian 16-bit numbers, all equally likely. The vocabulary is a power of two."""
    file = part.folder / "tokens.bin"
    tokens = bytearray(random.Random(1).randbytes(1 << 17 if part.is_small else 1 << 22))
    high = bytes(byte & (vocabulary - 1) >> 8 for byte in range(256))
    tokens[1::2] = tokens[1::2].translate(high)
    file.write_bytes(tokens)
    return file
