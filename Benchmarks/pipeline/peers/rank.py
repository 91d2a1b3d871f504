"""A peer's rank: reads requests for steps, one line of JSON each, and answers each with one line of JSON."""
import ctypes
import json
import os
import sys
import time
import warnings

# The kernel's default timer slack of 50 µs would lengthen every sleep. Later threads inherit the new value.
PR_SET_TIMERSLACK = 29
ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0)

import torch
import torch.distributed as dist

warnings.filterwarnings("ignore")


def workload_of(subject):
    if subject["work"] in ("exchange", "sum"):
        from exchange import Exchange
        return Exchange(subject)
    if subject["schedule"] == "serial":
        from serial import Serial
        return Serial(subject)
    if subject["schedule"] == "deepseek-dualpipe":
        from deepseek_dualpipe import DeepSeekPipeline
        return DeepSeekPipeline(subject)
    from pytorch_pipelines import PyTorchPipeline
    return PyTorchPipeline(subject)


def agree_on_start(size):
    """Lets all ranks begin at the same moment, which rank 0 chooses. Ranks leave a barrier one after the other."""
    if size == 1:
        return
    moment = torch.tensor([time.monotonic_ns() + 20_000_000])
    dist.broadcast(moment, 0)
    time.sleep(max(0, moment.item() - time.monotonic_ns()) / 1e9)


def measure(workload, size, answer):
    workload.prepare()
    agree_on_start(size)
    cpu = time.process_time()
    start = time.monotonic_ns()
    workload.run()
    answer["starts"].append(start)
    answer["ends"].append(time.monotonic_ns())
    answer["cpu"].append(time.process_time() - cpu)
    workload.conclude(answer)


def empty_answer():
    return dict(starts=[], ends=[], cpu=[], waits=[], transferCalls=[], reductions=[], asked=0, taken=0, actions=0)


def main():
    torch.set_num_threads(1)
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    dist.init_process_group(
        "gloo", init_method=f"file://{os.environ['CONTRAFLOW_RENDEZVOUS_FILE']}", rank=rank, world_size=size)
    workloads = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = json.dumps(request["subject"], sort_keys=True)
        if key not in workloads:
            workloads[key] = workload_of(request["subject"])
            measure(workloads[key], size, empty_answer())
        answer = empty_answer()
        for _ in range(request["steps"]):
            measure(workloads[key], size, answer)
        print(json.dumps(answer), flush=True)


main()
