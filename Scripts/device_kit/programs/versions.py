"""Prints the versions of torch and its libraries, and the devices, as JSON. The argument is cpu or cuda."""
import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import torch

versions = {"torch": torch.__version__}
try:
    versions["transformers"] = importlib.metadata.version("transformers")
except importlib.metadata.PackageNotFoundError:
    versions["transformers"] = "missing"
if sys.argv[1] == "cuda":
    library = Path(torch.__file__).parent / "lib" / "libtorch_cuda.so"
    found = subprocess.run(["ldd", library], capture_output=True, text=True).stdout
    missing = [line.split()[0] for line in found.splitlines() if "not found" in line]
    versions["libraries that libtorch_cuda.so lacks"] = ", ".join(missing) or "none"
    if not torch.cuda.is_available():
        sys.exit(f"torch {torch.__version__} finds no CUDA device")
    versions["CUDA"] = torch.version.cuda
    versions["NCCL"] = ".".join(map(str, torch.cuda.nccl.version()))
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        versions[f"device {index}"] = (
            f"{device.name}, {device.multi_processor_count} multiprocessors, {device.total_memory / 2**30:.1f} GiB")
    driver = subprocess.run(
        ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"], capture_output=True, text=True)
    versions["driver"] = driver.stdout.strip().splitlines()[0] if driver.returncode == 0 else "unknown"
print(json.dumps(versions))
