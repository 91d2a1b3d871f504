"""Builds the measured programs and installs the peers, once."""
import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
ROOT = FOLDER.parent.parent
PRODUCTS = ROOT / ".build" / "release"
OURS = [str(PRODUCTS / "pipeline-benchmark"), "rank"]
PEER_PYTHON = FOLDER / ".venv" / "bin" / "python"
PEERS = [str(PEER_PYTHON), str(FOLDER / "peers" / "rank.py")]

TORCH = "torch==2.13.0"
NUMPY = "numpy==2.4.6"
DUALPIPE = "dualpipe==1.0.0"


def prepare(parts):
    environment = dict(os.environ, CONTRAFLOW_BENCHMARKS="1")
    environment.setdefault("CONTRAFLOW_LIBTORCH", str(ROOT / ".venv" / "torch"))
    for command in (["make", "--no-print-directory", "setup"], ["swift", "build", "-c", "release"]):
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
    if parts != ["executor"] and not (FOLDER / ".venv" / ".complete").exists():
        install_peers()


def install_peers():
    subprocess.run([sys.executable, "-m", "venv", FOLDER / ".venv"], check=True)
    pip = [PEER_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The CPU build is smaller. If the index does not offer it, the plain build works too.
    if subprocess.run([*pip, f"{TORCH}+cpu"], stderr=subprocess.DEVNULL).returncode != 0:
        subprocess.run([*pip, TORCH], check=True)
    subprocess.run([*pip, NUMPY], check=True)
    # Without dependencies: torch is installed already.
    subprocess.run([*pip, "--no-deps", DUALPIPE], check=True)
    (FOLDER / ".venv" / ".complete").touch()
