"""Hosts on one machine: network namespaces, joined by a bridge, with limited bandwidth."""
import os
import shutil
import subprocess

SUBNET = "10.211.7"
PORT = 29500


def why_not():
    """Returns the reason why hosts cannot be created; None if they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    missing = [tool for tool in ("ip", "tc") if shutil.which(tool) is None]
    return f"{' and '.join(missing)} missing: install iproute2" if missing else None


def command(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


class Hosts:
    """`count` hosts, each with a link of `rate` megabits per second in both directions. They are removed when the block ends."""

    def __init__(self, count, rate):
        self.names = [f"contraflow-{os.getpid()}-{host}" for host in range(count)]
        self.bridge = f"cf{os.getpid()}"
        self.rate = rate

    def __enter__(self):
        try:
            self.make()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_):
        self.remove()

    def make(self):
        command("ip", "link", "add", self.bridge, "type", "bridge")
        command("ip", "link", "set", self.bridge, "up")
        for host, name in enumerate(self.names):
            outside = f"{self.bridge}v{host}"
            command("ip", "netns", "add", name)
            command("ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name)
            command("ip", "link", "set", outside, "master", self.bridge, "up")
            inside = ["ip", "-n", name]
            command(*inside, "addr", "add", f"{self.address(host)}/24", "dev", "eth0")
            command(*inside, "link", "set", "eth0", "up")
            command(*inside, "link", "set", "lo", "up")
            shape = ["root", "tbf", "rate", f"{self.rate}mbit", "burst", "128kb", "latency", "100ms"]
            command("tc", "qdisc", "add", "dev", outside, *shape)
            command("tc", "-n", name, "qdisc", "add", "dev", "eth0", *shape)

    def remove(self):
        for host, name in enumerate(self.names):
            subprocess.run(["ip", "link", "del", f"{self.bridge}v{host}"], capture_output=True)
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        subprocess.run(["ip", "link", "del", self.bridge], capture_output=True)

    def address(self, host):
        return f"{SUBNET}.{host + 1}"

    def run(self, program):
        """Runs one rank per host with torchrun's variables, on a core of its own if there are enough. Returns the output of
        rank 0."""
        cores = sorted(os.sched_getaffinity(0))
        ranks = []
        for host, name in enumerate(self.names):
            environment = dict(
                os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", RANK=str(host), LOCAL_RANK="0",
                WORLD_SIZE=str(len(self.names)), MASTER_ADDR=self.address(0), MASTER_PORT=str(PORT),
                GLOO_SOCKET_IFNAME="eth0")
            core = str(cores[host % len(cores)])
            ranks.append(subprocess.Popen(
                ["ip", "netns", "exec", name, "taskset", "-c", core, *map(str, program)], env=environment,
                stdout=subprocess.PIPE, text=True))
        try:
            output = ranks[0].communicate()[0]
            if any([rank.wait() for rank in ranks]):
                raise SystemExit("a rank failed")
        finally:
            for rank in ranks:
                if rank.poll() is None:
                    rank.kill()
                    rank.wait()
        return output
