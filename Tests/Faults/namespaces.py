"""Namespaces of mounts and networks, for root or with user namespaces."""

import contextlib
import os
import signal
import subprocess

FILES = {"--mount": "mnt", "--net": "net", "--uts": "uts"}


class Namespace:
    """A process that holds namespaces, in which other programs are started.

    Inner namespaces are made inside of outer ones, whose user they share.
    """

    def __init__(self, *kinds, outer=None):
        """Raises OSError if the machine does not allow it."""
        self.made = kinds
        own_user = [] if os.geteuid() == 0 or outer else ["--user", "--map-root-user"]
        inherited = [kind for kind in outer.kinds if kind not in kinds] if outer else []
        self.kinds = [*kinds, *inherited]
        self.user = outer.user if outer else ["--user", "--preserve-credentials"] if own_user else []
        try:
            self.process = subprocess.Popen(
                [*(outer.words if outer else []), "unshare", *own_user, *kinds, "sh", "-c",
                 "echo; exec sleep infinity"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True)
        except FileNotFoundError as error:
            raise OSError(f"{error.filename} is not installed") from error
        if self.process.stdout.read(1) == b"":
            self.process.wait()
            raise OSError(self.process.stderr.read().decode(errors="replace").strip())

    @property
    def words(self):
        """The words that start a program in the namespaces."""
        return ["nsenter", "--target", str(self.process.pid), *self.user, *self.kinds, "--"]

    @property
    def root(self):
        """The path of the root folder of the namespace, from outside."""
        return f"/proc/{self.process.pid}/root"

    def run(self, *words):
        """Runs a command in the namespaces."""
        done = subprocess.run([*self.words, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise OSError(f"{' '.join(map(str, words))}: {done.stderr.strip()}")

    def identity(self, pid):
        with contextlib.suppress(OSError):
            return [os.readlink(f"/proc/{pid}/ns/{FILES[kind]}") for kind in self.made]
        return None

    def members(self):
        """The processes in the namespaces, besides the one that holds them."""
        own = self.identity(self.process.pid)
        if own is None:
            return []
        return [int(name) for name in os.listdir("/proc")
                if name.isdigit() and int(name) != self.process.pid and self.identity(name) == own]

    def kill_members(self):
        """Kills all processes in the namespaces, also those that are started meanwhile."""
        while members := self.members():
            for pid in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill_members()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()
