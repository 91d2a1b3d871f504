"""The unpacked kit: its programs, and the torch of this machine that they run with."""
import importlib.metadata
import importlib.util
import json
import os
import sys
from pathlib import Path


class Kit:
    def __init__(self, root):
        self.root = root
        # The version of torch that the programs were built with, and whether they were built for CUDA.
        self.built = json.loads((root / "kit.json").read_text())
        found = importlib.util.find_spec("torch")
        self.torch = Path(found.origin).parent if found and found.origin else None

    def program(self, name):
        return str(self.root / "bin" / name)

    def script(self, name):
        """The command of a Python program of the kit."""
        return [sys.executable, str(self.root / "programs" / f"{name}.py")]

    def recipe(self, name):
        return self.root / "recipes" / f"{name}.toml"

    def mismatch(self, device):
        """The reason why the compiled programs cannot run on this machine, or None."""
        if self.torch is None:
            return f"torch is missing in {sys.executable}: run device-run with the Python that has torch"
        version = importlib.metadata.version("torch").split("+")[0]
        if version != self.built["torch"]:
            return (f"torch is {version} here, but the kit was built with {self.built['torch']}: make the kit with "
                    f"TORCH_VERSION={version}")
        if device == "cuda" and not self.built["cuda"]:
            return "the kit was built without CUDA: make it after 'make setup DEVICE=cuda'"
        return None

    def environment(self, device):
        """The variables of the compiled programs. LD_LIBRARY_PATH comes before their RUNPATH."""
        folders = [str(self.root / "lib"), str(self.torch / "lib")]
        return dict(python_environment(device), LD_LIBRARY_PATH=":".join(folders))


def python_environment(device):
    """The variables of Python programs."""
    own = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1", HF_HUB_OFFLINE="1",
               TRANSFORMERS_VERBOSITY="error")
    if device == "cpu":
        own.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    return own
