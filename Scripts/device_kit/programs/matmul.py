"""Prints the rate of a square matrix product of random numbers in TFLOP/s as JSON: bfloat16 on cuda, float32 on cpu."""
import json
import sys
import time

import torch

device, size = sys.argv[1], int(sys.argv[2])
if device == "cpu":
    torch.set_num_threads(1)
kind = torch.bfloat16 if device == "cuda" else torch.float32
left, right = (torch.randn(size, size, dtype=kind, device=device) for _ in range(2))


def seconds(count):
    begin = time.perf_counter()
    for _ in range(count):
        torch.matmul(left, right)
    if device == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - begin) / count


seconds(3)
print(json.dumps(dict(tflops=2 * size**3 / min(seconds(10) for _ in range(3)) / 1e12)))
