"""The peak of a device's used memory while a block runs."""
import shutil
import subprocess
import tempfile


class DeviceMemory:
    """Samples `nvidia-smi` five times per second. `peak` is in bytes, or None if nothing was sampled.

    The figure includes the context of CUDA, and the memory that an allocator keeps.
    """

    def __init__(self, device):
        self.is_sampled = device == "cuda" and shutil.which("nvidia-smi") is not None
        self.peak = None

    def __enter__(self):
        if self.is_sampled:
            self.samples = tempfile.TemporaryFile()
            self.process = subprocess.Popen(
                ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0", "-lms", "200"],
                stdout=self.samples, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        if self.is_sampled:
            self.process.kill()
            self.process.wait()
            self.samples.seek(0)
            # The last line can be cut.
            mebibytes = [int(word) for word in self.samples.read().split() if word.isdigit()]
            self.peak = max(mebibytes, default=0) * (1 << 20) or None
            self.samples.close()
