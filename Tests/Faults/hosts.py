"""Hosts as network namespaces: torchrun's hosts are killed, cut off, slow, and come back, and training goes on.

The run's folder is on a file system that all hosts share. A host that is killed comes back after a moment. If torchrun
gives up on the others, they are started again, as a cluster's scheduler does.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import time

from namespaces import Namespace
from processes import HANG, Problem, Started, wait_for
from runs import COMMAND, INTERVAL, RECIPE, ROOT, Undisturbed, WORKER, commits, data, inode, read_lines

TRIES = {"short": 1, "long": 24}
LIMITS = {}
HOSTS = 2
OPTIONS = {"training.steps": 60}
PORT = 29400
# A kill twenty times, and the other disturbances twice.
KINDS = ["kill"] * 5 + ["cut"] + ["kill"] * 5 + ["slow"]


class Network:
    """Hosts on one bridge."""

    def __init__(self, stack):
        self.switch = stack.enter_context(Namespace("--net"))
        self.hosts = []
        self.switch.run("ip", "link", "add", "bridge", "type", "bridge")
        self.switch.run("ip", "link", "set", "bridge", "up")
        for number in range(HOSTS):
            host = stack.enter_context(Namespace("--net", "--uts", outer=self.switch))
            # torchrun looks up the name of its host, which no name server knows.
            host.run("hostname", self.address(number))
            self.switch.run("ip", "link", "add", self.link(number), "type", "veth", "peer", "name", "eth0", "netns",
                            host.process.pid)
            self.switch.run("ip", "link", "set", self.link(number), "master", "bridge", "up")
            host.run("ip", "address", "add", f"{self.address(number)}/24", "dev", "eth0")
            host.run("ip", "link", "set", "lo", "up")
            host.run("ip", "link", "set", "eth0", "up")
            self.hosts.append(host)

    @staticmethod
    def link(number):
        return f"host-{number}"

    @staticmethod
    def address(number):
        return f"10.77.0.{number + 1}"


class Job:
    """A job of torchrun with one rank per host."""

    def __init__(self, place, network, rendezvous, torchrun):
        self.place, self.network, self.rendezvous, self.torchrun = place, network, rendezvous, torchrun
        self.folder = place / "run"
        self.recipe = place / "recipe.toml"
        self.restarts = 0
        options = {"training.dataset_path": data(place)} | RECIPE | OPTIONS
        words = [word for key, value in options.items() for word in (f"--{key}", value)]
        subprocess.run([COMMAND, "train", "--preset", "debug", "--pp", "1", "--ep", str(HOSTS), "--print-recipe", "-o",
                        self.recipe, *map(str, words)], check=True, capture_output=True)
        self.agents = [self.agent(number) for number in range(HOSTS)]

    def agent(self, number):
        address = Network.address(0)
        meeting = {
            "static": ["--master-addr", address, "--master-port", PORT, "--node-rank", number],
            "c10d": ["--rdzv-backend", "c10d", "--rdzv-endpoint", f"{address}:{PORT}", "--rdzv-id", "faults",
                     "--rdzv-conf", "join_timeout=60,last_call_timeout=2,close_timeout=5"],
        }[self.rendezvous]
        words = [*self.network.hosts[number].words, self.torchrun, "--nnodes", HOSTS, "--nproc-per-node", 1,
                 "--max-restarts", 10, "--monitor-interval", 0.5, *meeting, "--no-python", WORKER, "--recipe",
                 self.recipe, "--folder", self.folder]
        return Started(words, self.place / f"host-{number}.txt",
                       {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "eth0", "TMPDIR": str(self.place)})

    @property
    def metrics(self):
        return read_lines(self.folder / "metrics.jsonl")

    def step_count(self):
        return len(self.metrics)

    def statuses(self):
        return [agent.process.poll() for agent in self.agents]

    def kill(self, number):
        """Ends all processes of a host."""
        self.network.hosts[number].kill_members()
        self.agents[number].end_all()

    def restart(self, number):
        self.kill(number)
        self.agents[number] = self.agent(number)

    def is_done(self):
        """Whether all ranks have ended after the last step. torchrun may wait minutes longer for lost hosts."""
        if self.step_count() < OPTIONS["training.steps"] or not (self.folder / "weights/manifest.json").exists():
            return False
        return not any(is_worker(pid) for host in self.network.hosts for pid in host.members())

    def wait_for_end(self):
        """Waits for the end of all ranks. If torchrun gives up on a host, all hosts are started again."""
        for _ in range(5):
            wait_for(lambda: self.is_done() or any(self.statuses()), "the end of the job", 2 * HANG, 0.1)
            if self.is_done():
                return
            time.sleep(1)
            for number in range(HOSTS):
                self.restart(number)
            self.restarts += 1
        raise Problem(f"torchrun gave up 5 times: {self.agents[0].last_words()}")


def is_worker(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/comm").read_text().startswith(WORKER.name[:15])
    return False


def attempt(bench, number, random):
    torchrun = shutil.which("torchrun", path=f"{ROOT}/.venv-peers/bin:{ROOT}/.venv/bin:{os.environ['PATH']}")
    if torchrun is None:
        return {"skipped": "torchrun is not installed: run make test-peers", "problems": []}
    kind = KINDS[number % len(KINDS)]
    rendezvous = ("static", "c10d")[(number + number // len(KINDS)) % 2]
    expected = Undisturbed.of(bench, HOSTS, OPTIONS)
    with bench.place() as place, contextlib.ExitStack() as stack:
        try:
            network = Network(stack)
        except OSError as error:
            return {"skipped": f"no namespaces of networks: {error}", "problems": []}
        return disturb(Job(place, network, rendezvous, torchrun), kind, random, expected)


def disturb(job, kind, random, expected):
    step, host = random.randrange(INTERVAL + 2, OPTIONS["training.steps"] - 20), random.randrange(HOSTS)
    row = {"what": f"{job.rendezvous} rendezvous, {kind} of host {host} after step {step}"}
    wait_for(lambda: job.step_count() >= step or any(job.statuses()), f"step {step}", 2 * HANG)
    if any(job.statuses()):
        raise Problem(f"{row['what']}: torchrun ended before: {job.agents[host].last_words()}")
    time.sleep(random.uniform(0, expected.step_time))
    last, old = max(commits(job.folder)), inode(job.folder / "metrics.jsonl")
    kept, start = job.metrics[:last], time.monotonic()
    switch, link = job.network.switch, job.network.link(host)
    if kind == "kill":
        job.kill(host)
        time.sleep(1)
        job.restart(host)
    elif kind == "cut":
        switch.run("ip", "link", "set", link, "down")
        time.sleep(random.uniform(1, 30))
        switch.run("ip", "link", "set", link, "up")
    else:
        switch.run("tc", "qdisc", "add", "dev", link, "root", "tbf", "rate", "20mbit", "burst", "32kb",
                   "latency", "400ms")
    job.wait_for_end()
    row |= {"to the end": time.monotonic() - start, "restarts of all hosts": job.restarts, "last commit": last}
    problems = expected.differences(job)
    if kind == "kill" and inode(job.folder / "metrics.jsonl") == old:
        problems.append("no rank was started again")
    if job.metrics[:last] != kept:
        problems.append(f"steps before the checkpoint of step {last} were repeated")
    return row | {"problems": problems}
